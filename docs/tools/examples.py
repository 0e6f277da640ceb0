"""An example for each stage, with what it prints; tests/docs/test_blocks.py runs them in order."""

PRELUDE = '''\
from pyspark.ml import PipelineModel

from annotators import (
    AssertionFilterer, BertForSequenceClassification, BertForTokenClassification,
    ContextualAssertion, DistilBertForSequenceClassification, DistilBertForTokenClassification,
    DocumentAssembler, Finisher, LightPipeline,
    MedicalBertForSequenceClassification, MedicalBertForTokenClassifier, NerConverter,
    SentenceDetector, SentenceDetectorDLModel, Tokenizer, fuse)

NOTE = "No fever. Takes metformin 500 mg for type 2 diabetes."

def found(*stages, column, text=NOTE):
    """The results in a column of the stages over a text, without a Spark job."""
    return LightPipeline(PipelineModel(list(stages))).annotate(text)[column]
'''

EXAMPLES: dict[str, tuple[str, str]] = {
    "DocumentAssembler": (
        """\
document = DocumentAssembler().setInputCol("text").setOutputCol("document")
print(found(document, column="document"))
""",
        "['No fever. Takes metformin 500 mg for type 2 diabetes.']",
    ),
    "SentenceDetector": (
        """\
sentence = SentenceDetector().setInputCols(["document"]).setOutputCol("sentence")
print(found(document, sentence, column="sentence"))
print(found(document, sentence.copy().setBreakAtLines(True), column="sentence",
            text="PLAN:\\n1. Rest\\n2. Fluids"))
""",
        """\
['No fever.', 'Takes metformin 500 mg for type 2 diabetes.']
['PLAN:', '1. Rest', '2. Fluids']""",
    ),
    "SentenceDetectorDLModel": (
        """\
learnt = (SentenceDetectorDLModel.pretrained("sentence_detector_dl_healthcare", "en")
          .setInputCols(["document"]).setOutputCol("sentence"))
print(found(document, learnt, column="sentence", text="Seen by Dr. Ray. BP stable."))
""",
        "['Seen by Dr. Ray.', 'BP stable.']",
    ),
    "Tokenizer": (
        """\
token = Tokenizer().setInputCols(["sentence"]).setOutputCol("token")
print(found(document, sentence, token, column="token"))
""",
        "['No', 'fever', '.', 'Takes', 'metformin', '500', 'mg', 'for', 'type', '2', 'diabetes', '.']",
    ),
    "BertForTokenClassification": (
        """\
ner = (BertForTokenClassification.pretrained("bert_token_classifier_ner_bc5cdr", "en")
       .setInputCols(["sentence", "token"]).setOutputCol("ner"))
print(found(document, sentence, token, ner, column="ner"))
""",
        """\
['O', 'B-Disease', 'O', 'O', 'B-Chemical', 'O', 'O', 'O', 'B-Disease', 'I-Disease', 'I-Disease', 'O']""",
    ),
    "BertForSequenceClassification": (
        """\
sentiment = (BertForSequenceClassification.pretrained("bert_sequence_classifier_sentiment", "en")
             .setInputCols(["document", "token"]).setOutputCol("class"))
words = Tokenizer().setInputCols(["document"]).setOutputCol("token")
print(found(document, words, sentiment, column="class", text="I really like that movie"))
""",
        "['positive']",
    ),
    "MedicalBertForTokenClassifier": (
        """\
clinical = (MedicalBertForTokenClassifier.pretrained()
            .setInputCols(["sentence", "token"]).setOutputCol("ner"))
print(clinical.getModel())
""",
        "bert_token_classifier_ner_bc5cdr",
    ),
    "MedicalBertForSequenceClassification": (
        """\
metastasis = (MedicalBertForSequenceClassification.pretrained("bert_sequence_classifier_metastasis")
              .setInputCols(["document", "token"]).setOutputCol("class"))
print(found(document, words, metastasis, column="class",
            text="The tumor had spread to the liver."))
""",
        "['1']",
    ),
    "DistilBertForTokenClassification": (
        """\
distil = DistilBertForTokenClassification().setInputCols(["sentence", "token"]).setOutputCol("ner")
print(distil.getMaxSentenceLength(), distil.getCaseSensitive())
""",
        "128 True",
    ),
    "DistilBertForSequenceClassification": (
        """\
distil = DistilBertForSequenceClassification().setInputCols(["document", "token"])
print(distil.getActivation(), distil.getCoalesceSentences())
""",
        "softmax False",
    ),
    "NerConverter": (
        """\
chunk = NerConverter().setInputCols(["sentence", "token", "ner"]).setOutputCol("ner_chunk")
print(found(document, sentence, token, ner, chunk, column="ner_chunk"))
""",
        "['fever', 'metformin', 'type 2 diabetes']",
    ),
    "ContextualAssertion": (
        """\
assertion = (ContextualAssertion.pretrained()
             .setInputCols(["sentence", "token", "ner_chunk"]).setOutputCol("assertion"))
print(found(document, sentence, token, ner, chunk, assertion, column="assertion"))
""",
        "['absent', 'present', 'present']",
    ),
    "AssertionFilterer": (
        """\
present = (AssertionFilterer(whiteList=["present"])
           .setInputCols(["sentence", "ner_chunk", "assertion"]).setOutputCol("present_chunk"))
print(found(document, sentence, token, ner, chunk, assertion, present, column="present_chunk"))
""",
        "['metformin', 'type 2 diabetes']",
    ),
    "Finisher": (
        """\
finisher = Finisher().setInputCols(["ner_chunk"]).setOutputCols(["entities"])
model = PipelineModel([document, sentence, token, ner, chunk, finisher])
notes = spark.createDataFrame([(NOTE,)], ["text"])
print(model.transform(notes).first()["entities"])
""",
        "['fever', 'metformin', 'type 2 diabetes']",
    ),
    "LightPipeline": (
        """\
light = LightPipeline(PipelineModel([document, sentence, token, ner, chunk]))
first = light.fullAnnotate(NOTE)[0]["ner_chunk"][0]
print(first.begin, first.end, first.result, first.metadata["entity"])
""",
        "3 7 fever Disease",
    ),
    "fuse": (
        """\
fast = fuse(PipelineModel([document, sentence, token, ner, chunk]), outputCols=["ner_chunk"])
print(fast.transform(notes).selectExpr("ner_chunk.result").first()["result"])
""",
        "['fever', 'metformin', 'type 2 diabetes']",
    ),
}
