"""clinical_ner: notes to the diseases and chemicals named in them, and what is said of each."""

from __future__ import annotations

from pyspark.ml import Pipeline

from annotators import (
    BertForTokenClassification,
    ContextualAssertion,
    DocumentAssembler,
    NerConverter,
    SentenceDetector,
    Tokenizer,
)

MODEL = "bert_token_classifier_ner_bc5cdr"


def clinical_ner(text: str = "text", model: str | None = None, error: str = "error") -> Pipeline:
    """The stages from text to `ner_chunk`, by way of `document`, `sentence`, `token`, `ner`.

    `assertion` says of each chunk whether it is present, absent, possible and so on. Lines end
    sentences where clinical notes mean them to (headings, list items, blank lines), and headings
    are not entities. Blanks outside ASCII, HTML, and characters without a width are read as a
    reader sees them; offsets are those of the text.
    text: the column with the notes. model: name or folder of a token classifier. error: the column
    that names what failed on a note.
    """
    return Pipeline(
        stages=[
            DocumentAssembler(inputCol=text, outputCol="document", errorCol=error),
            SentenceDetector(
                inputCols=["document"],
                outputCol="sentence",
                breakAtLines=True,
                readAsSeen=True,
                errorCol=error,
            ),
            Tokenizer(inputCols=["sentence"], outputCol="token", readAsSeen=True, errorCol=error),
            BertForTokenClassification.pretrained(model or MODEL)
            .setInputCols(["sentence", "token"])
            .setOutputCol("ner")
            .setErrorCol(error),
            NerConverter(
                inputCols=["sentence", "token", "ner"], outputCol="ner_chunk", errorCol=error
            ).addHeadings(),
            ContextualAssertion.pretrained()
            .setInputCols(["sentence", "token", "ner_chunk"])
            .setOutputCol("assertion")
            .setErrorCol(error),
        ]
    )
