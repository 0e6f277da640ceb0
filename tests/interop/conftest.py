"""What the tests against the real Spark NLP share: its JARs, one session for both, and notes.

They need an environment of their own, since Spark NLP 5.5.3 runs on Spark 3.5 only:

    pip install -e '.[test,interop]' 'pyspark==3.5.9'
    pytest -m interop tests/interop

Anywhere else they are skipped, or refused where NOTEMILL_INTEROP is `required`, as tests/run.py
sets it when it runs them in an environment that it makes for them. The JARs (290 MB) are fetched
with Maven on first use into ~/.cache/spark-nlp-5.5.3, or the folder that SPARK_NLP_JARS names.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import unicodedata
import warnings
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest

from annotators import daemon
from benchmarks.environments import spark_nlp_jars
from jobs._start.short_run import SETTINGS

HERE = Path(__file__).resolve().parent
SPARK, SPARK_NLP = "3.5.", "5.5.3"


def why_not() -> str | None:
    """Why these tests cannot run in this environment; None where they can."""
    try:
        spark, spark_nlp = version("pyspark"), version("spark-nlp")
    except PackageNotFoundError:
        return "Spark NLP is not installed: use an environment with the extra [interop]"
    if not spark.startswith(SPARK) or spark_nlp != SPARK_NLP:
        return f"pyspark {SPARK}x and spark-nlp {SPARK_NLP} are needed, found {spark}, {spark_nlp}"
    return None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    reason = why_not()
    if reason is not None and os.environ.get("NOTEMILL_INTEROP") == "required":
        raise pytest.UsageError(reason)
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.interop)
            # Spark 3.5 compares the versions of pandas and pyarrow with distutils.
            item.add_marker(pytest.mark.filterwarnings("ignore::DeprecationWarning"))
            if reason is not None:
                item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="session")
def spark():
    """A session with Spark NLP's JARs. Spark NLP holds on to the first one of its process."""
    from pyspark.sql import SparkSession

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Spark NLP's sources have escapes that Python warns of
        import sparknlp.annotator
        import sparknlp.base  # noqa: F401

    session = (
        SparkSession.builder.master("local[2]")
        .appName("notemill interop")
        .config(map={**SETTINGS, **daemon.settings()})
        .config("spark.jars", ",".join(spark_nlp_jars()))
        .config("spark.serializer", "org.apache.spark.serializer.KryoSerializer")
        .config("spark.kryoserializer.buffer.max", "1000M")
        .config("spark.driver.memory", "3g")
        .config("spark.ui.enabled", "false")
        .config("spark.ui.showConsoleProgress", "false")
        .config("spark.task.maxFailures", "1")
        .config("spark.sql.shuffle.partitions", "2")
        .config("spark.jsl.settings.onnx.intraOpNumThreads", "1")
        .config("spark.jsl.settings.onnx.interOpNumThreads", "1")
        .getOrCreate()
    )
    session.sparkContext.setLogLevel("OFF")
    yield session
    session.stop()


@pytest.fixture(scope="session")
def in_own_process():
    """A function that runs files of the folder `checks` by pytest in a process of its own, and asserts
    that they pass: Spark NLP holds one ONNX model a process, and a second collides with the first.
    """

    def run(files, *arguments):
        paths = [HERE / "checks" / file for file in files]
        command = [sys.executable, "-m", "pytest", "-q", "-rP", *paths, *arguments]
        ran = subprocess.run(
            command, cwd=HERE.parents[1], capture_output=True, text=True, check=False
        )
        print(ran.stdout)
        assert ran.returncode == 0

    return run


@pytest.fixture
def plain_frame(spark, sample_notes):
    """Notes without characters beyond U+FFFF, where the offsets of both mean the same."""
    rows = [(note["note_id"], note["text"]) for note in sample_notes[:10]]
    return spark.createDataFrame([*rows, ("empty", ""), ("null", None)], "id string, text string")


@pytest.fixture(scope="session")
def typed(spark):
    """A function that makes a frame of rows of annotation columns of these types."""
    from pyspark.sql import functions as F
    from pyspark.sql.types import StructField, StructType

    from annotators.schema import NON_NULL_ANNOTATIONS, column_metadata

    def frame_of(rows, types):
        schema = StructType([StructField(column, NON_NULL_ANNOTATIONS) for column in types])
        return spark.createDataFrame(rows, schema).select(
            *(F.col(c).alias(c, metadata=column_metadata(kind)) for c, kind in types.items())
        )

    return frame_of


@pytest.fixture(scope="session")
def both():
    """A function that makes two NerConverters with these params: ours and Spark NLP's."""
    import sparknlp.annotator

    import annotators

    def make(params):
        made = [annotators.NerConverter(), sparknlp.annotator.NerConverter()]
        for stage in made:
            stage.setInputCols(["sentence", "token", "ner"]).setOutputCol("chunk")
            for name, value in params.items():
                getattr(stage, f"set{name}")(value)
        return made

    return make


@pytest.fixture(scope="session")
def of_spark() -> set[str]:
    """The names that Spark gives its wrapped stages."""
    from pyspark.ml.wrapper import JavaEstimator, JavaModel, JavaTransformer

    return {name for kind in (JavaTransformer, JavaEstimator, JavaModel) for name in dir(kind)}


FRAGMENTS = [
    *("Pt. denies pain", "no fever", "Dr. A. B. Smith", "b.i.d.", "p.o.", "q.d.", "5mg/kg"),
    *("81 mg", "follow-up", "patient's", "COVID-19", "HBV(+).", "(neg.);", "[fig. 1]).", ".25"),
    *("100.4\u00b0F", "1. Rest", "2) Fluids", "(a) ice", "- walk", "CHIEF COMPLAINT", "Plan:"),
    *("etc.", "vs.", "e.g.", "...", "....", "?!", ";", ":", ",", "%", "#", "$5", "<br>", "null"),
    *("\u201cChest hurts.\u201d He said", "\u2018no\u2019", "\u2013", "\u2014", "\u2022"),
    *("😀", "naïve", "e\u0301pine\u0301phrine", "مريض", "患者否认疼痛。", "Пациент", "ß", "İ"),
    *("Aspirin\u00a081\u00a0mg", "6\u202fmonths", "\u200b", "\ufeff", "\x1f", "\u2028", "\u0085"),
    *("C:\\temp\\new", "a\\nb", "\\r\\t", "[CLS]", "[MASK]", "x" * 300),
]  # fmt: skip
GAPS = [" ", " ", " ", " ", "\n", "\n\n", "\r\n", "\t", "  ", "\r", ""]


@pytest.fixture(scope="session")
def odd_texts() -> list[str | None]:
    """Texts made of what is hard to take apart, the same ones each time, and a null."""
    draw = random.Random(553)
    made = [
        "".join(draw.choice(FRAGMENTS) + draw.choice(GAPS) for _ in range(draw.randint(1, 25)))
        for _ in range(60)
    ]
    return [None, "", " ", "\n", ".", "😀", "x" * 5_000, *made]


ADVERSARIAL = [
    *("\U0001d538\U0001d539.", "\U0001f469\u200d\u2695\ufe0f said", "a😀b", "😀.", "(😀)", "\U00020000患", "🇩🇪", "e\u0301\u0327", "İ.", "ﬁ"),
    *("5\u00a0mg.", "\u00a0", "\u3000", "no\u202fpain", "\u2009", "\ufeffPt", "a\u200bb", "\u200d"),
    *("\u2060.", "\u200f.", "\u202bمريض\u202c", "חולה.", "(مريض)", "١٢.\u0665", "٣.", "、", "。", "Ω."),
    *("\r\n", "\r\n\r\n", "\n\r", "\x0b", "\x0c", "\x1c", "\x00", "\x7f", "\u2029", "\u0085"),
    *("Pt.", "Drs. Lee", "Mr.", "St. Mary's", "No. 5", "Jan. 5", "p.o.", "q.i.d.", "M.D.,", "Ph.D."),
    *("i.e.,", "U.S. Army", "approx. 5", "Fig. 2", "et al. (2010)", "a.m.", "J. K.", "vs. I", "Co."),
    *("• ", "◦ x", "▪", "●", "·", "\u2013 rest", "* a", "o b", "1. ", "2) ", "(a) ", "ii. ", "a.", "IV.", "1.2.3"),
    *("...", "…", "?!", "!!", ".,", ".;", "--", "+/-", "w/o", "x" * 5_000, "😀" * 2_500, "(" * 200),
    *("no. " * 200, "1." * 300, "a@b.co", "http://x.y/z?q=1.", "98.6", "$1,000.50.", "50%.", "#1."),
    *("O'Neil", "can't", "dogs'", "'s", "_a_", "__", "\ud7ff", "\ue000", "\uffff", "\U0010ffff"),
]  # fmt: skip


@pytest.fixture(scope="session")
def adversarial_texts() -> list[str]:
    """Words that are long, beyond U+FFFF, from right to left or without width; bullets and more."""
    draw = random.Random(5_530)
    return [
        "".join(draw.choice(ADVERSARIAL) + draw.choice(GAPS) for _ in range(draw.randint(1, 30)))
        for _ in range(150)
    ]


@pytest.fixture(scope="session")
def texts(sample_notes, odd_texts) -> list[str | None]:
    """Whole notes of ACI-BENCH, sections of them, and odd texts."""
    notes = [note["text"] for note in sample_notes]
    sections = [part for note in notes for part in note.split("\n\n")[1:2]]
    return [*notes, *sections, *odd_texts]


def in_characters(text, annotations, *, utf16):
    """Annotations as (begin, end, result, metadata), in characters and half-open.

    utf16: the spans are Spark NLP's, in UTF-16 units. One inside a character becomes None.
    """
    place, at = {}, 0
    for i, char in enumerate(text):
        place[at] = i
        at += 2 if utf16 and char > "\uffff" else 1
    place[at] = len(text)
    return [
        (place.get(a.begin), place.get(a.end + 1), a.result, dict(a.metadata)) for a in annotations
    ]


@pytest.fixture(scope="session")
def disagree():
    """A function that tells whether ours and Spark NLP's annotations of a text differ.

    Where a span of Spark NLP's is not that of its own result, as it says in DIFFERENCES.md, results
    and metadata must still be equal; where it has no position at all, nothing is compared.
    """

    def ask(text, ours, theirs):
        if any(a.begin < 0 for a in theirs):
            return False
        left = in_characters(text, ours, utf16=False)
        right = in_characters(text, theirs, utf16=True)
        wrong = [a for a in left if a[2] != text[a[0] : a[1]]]
        if any(a[2] != text[a[0] or 0 : a[1] or 0] for a in right):
            left, right = ([a[2:] for a in side] for side in (left, right))
        return bool(wrong) or left != right

    return ask


@pytest.fixture(scope="session")
def frame(spark, texts):
    """The texts as rows (id, text)."""
    return spark.createDataFrame(list(enumerate(texts)), "id int, text string").coalesce(2)


@pytest.fixture(scope="session")
def front_end():
    """A function that makes the stages up to tokens, each of Spark NLP or ours, by its letter.

    `front_end("nss")`: our DocumentAssembler (n), their SentenceDetector and Tokenizer (s).
    """

    def make(sides):
        import sparknlp.annotator
        import sparknlp.base

        import annotators

        bases = {"n": annotators, "s": sparknlp.base}
        stages = {"n": annotators, "s": sparknlp.annotator}
        return [
            bases[sides[0]].DocumentAssembler().setInputCol("text").setOutputCol("document"),
            stages[sides[1]].SentenceDetector().setInputCols(["document"]).setOutputCol("sentence"),
            stages[sides[2]].Tokenizer().setInputCols(["sentence"]).setOutputCol("token"),
        ]

    return make


@pytest.fixture(scope="session")
def comparable():
    """A function that tells whether both feed a sentence's words to the model in the same way.

    Notemill feeds what BERT's own tokenizer makes of a word. Spark NLP feeds the word's first part
    only, keeps zero-width characters in it, takes off its accents in cased models too, and cuts
    what is longer than the window.
    """
    from tokenizers.pre_tokenizers import BertPreTokenizer

    from annotators._runtime.model_folder import find_model
    from annotators._runtime.wordpieces import open_encoder

    @cache
    def encoder(model, case_sensitive):
        return open_encoder(find_model(str(model)), case_sensitive)

    @cache
    def pieces(model, word, case_sensitive):
        """How many pieces of a word both feed, 0 if not the same ones."""
        tokenizer = encoder(model, case_sensitive).tokenizer
        parts = BertPreTokenizer().pre_tokenize_str(tokenizer.normalizer.normalize_str(word))
        lowered = word if case_sensitive else word.lower()
        bare = "".join(c for c in unicodedata.normalize("NFD", lowered) if not is_accent(c))
        theirs = [token.id for token in tokenizer.model.tokenize(bare)]
        ours, _ = encoder(model, case_sensitive).encode([word])
        return len(theirs) if len(parts) == 1 and theirs == ours.tolist() else 0

    def ask(model, words, case_sensitive, longest):
        counts = [pieces(model, word, case_sensitive) for word in words]
        return all(counts) and sum(counts) + 2 <= longest

    return ask


def is_accent(char):
    """Whether Spark NLP takes this for an accent, to be dropped."""
    return "\u0300" <= char <= "\u036f"


@pytest.fixture(scope="session")
def annotated(frame, front_end):
    """The texts with our sentences and tokens, which both models then read."""
    from pyspark.ml import PipelineModel

    made = PipelineModel(front_end("nnn")).transform(frame).cache()
    yield made
    made.unpersist()
