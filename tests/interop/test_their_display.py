"""spark-nlp-display shows what LightPipeline.fullAnnotate gives, as it shows Spark NLP's."""

from pyspark.ml import PipelineModel

from annotators import (
    BertForTokenClassification,
    DocumentAssembler,
    LightPipeline,
    NerConverter,
    SentenceDetector,
    Tokenizer,
)


def test_the_visualizer_of_entities_takes_ours(token_model):
    from sparknlp_display import NerVisualizer

    stages = [
        DocumentAssembler(inputCol="text", outputCol="document"),
        SentenceDetector(inputCols=["document"], outputCol="sentence"),
        Tokenizer(inputCols=["sentence"], outputCol="token"),
        BertForTokenClassification.loadSavedModel(str(token_model))
        .setInputCols("sentence", "token")
        .setOutputCol("ner"),
        NerConverter(inputCols=["sentence", "token", "ner"], outputCol="chunk"),
    ]
    text = "The patient denies pain and takes aspirin."
    found = LightPipeline(PipelineModel(stages)).fullAnnotate(text)[0]
    assert found["chunk"]
    shown = NerVisualizer().display(found, label_col="chunk", return_html=True)
    for chunk in found["chunk"]:
        assert chunk.result in shown
        assert chunk.metadata["entity"] in shown
