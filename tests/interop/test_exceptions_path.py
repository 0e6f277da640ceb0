"""Tokenizer's file of exceptions, read as Spark NLP reads it."""

import pytest
from pyspark.ml import Pipeline, PipelineModel

import annotators

TEXT = (
    "follow-up New York e.g. b.i.d. COVID-19, no fever. two  blanks; tab\there 81 mg na\u00efve. "
    "Follow-Up caf\u00e9-x last."
)
FILES = {
    "lines": "follow-up\nNew York\nna\u00efve.\n",
    "no line end at its end": "follow-up\nlast.",
    "CRLF": "follow-up\r\nNew York\r\n",
    "CR": "follow-up\rNew York\r",
    "patterns": "\\d+ mg\n[A-Z]+-\\d+,\n(?i)FOLLOW-UP\n",
    "blanks within and around": "two  blanks;\n follow-up \ntab\there\n",
    "no other line ends": "follow-up\x0cNew York\u2028b.i.d.\u0085e.g.\x0bno fever.\x1clast.\n",
    "a byte order mark": "\ufefffollow-up\nNew York",
    "one twice": "follow-up\nfollow-up\nNew York",
    "nothing": "",
}
FORMS = [("TEXT", {"format": "text"}), ("TEXT", {}), ("SPARK", {"format": "text"})]


@pytest.fixture
def tokens(spark, front_end):
    """A function that gives the tokens of TEXT, made by the stages of one project."""
    frame = spark.createDataFrame([(TEXT,)], "text string")

    def of(sides, prepare):
        stages = front_end(sides)
        prepare(stages[2])
        row = Pipeline(stages=stages).fit(frame).transform(frame).head()
        return [(a.begin, a.end, a.result) for a in row["token"]]

    return of


def written(folder, text, name="exceptions.txt"):
    path = folder / name
    path.write_bytes(text.encode("utf-8"))
    return str(path)


@pytest.mark.parametrize("kind", FILES)
def test_lines_of_a_file(tokens, tmp_path, kind):
    path = written(tmp_path, FILES[kind])
    ours, theirs = (tokens(sides, lambda s: s.setExceptionsPath(path)) for sides in ("nnn", "sss"))

    assert ours == theirs
    unchanged = tokens("nnn", lambda stage: stage)
    assert (ours == unchanged) is (kind in ("nothing", "no other line ends"))


@pytest.mark.parametrize(("read_as", "options"), FORMS, ids=str)
def test_ways_to_read_it(tokens, tmp_path, read_as, options):
    path = written(tmp_path, FILES["lines"])
    ours, theirs = (
        tokens(sides, lambda s: s.setExceptionsPath(path, read_as, options))
        for sides in ("nnn", "sss")
    )

    assert ours == theirs
    assert "follow-up" in [token for _, _, token in ours]


@pytest.mark.parametrize("read_as", ["BINARY", "LINE_BY_LINE"])
def test_other_ways_are_refused(tokens, tmp_path, read_as):
    """Spark NLP fails when it is fitted."""
    path = written(tmp_path, FILES["lines"])

    with pytest.raises(ValueError, match=f"cannot be read as {read_as}"):
        annotators.Tokenizer().setExceptionsPath(path, read_as)
    with pytest.raises(Exception, match=r"(?i)readAs"):
        tokens("sss", lambda stage: stage.setExceptionsPath(path, read_as))


CHANGES = {
    "exceptions before": lambda s, path: s.setExceptions(["b.i.d."]).setExceptionsPath(path),
    "exceptions after": lambda s, path: s.setExceptionsPath(path).setExceptions(["b.i.d."]),
    "one more": lambda s, path: s.setExceptionsPath(path).setExceptions(["e.g."]).addException("x"),
    "no case": lambda s, path: s.setExceptionsPath(path).setCaseSensitiveExceptions(False),
    "another file": lambda s, path: s.setExceptionsPath(path).setExceptionsPath(f"{path}.other"),
    "a URI": lambda s, path: s.setExceptionsPath(f"file://{path}"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_exceptions_in_its_place(tokens, tmp_path, change):
    path = written(tmp_path, FILES["lines"])
    written(tmp_path, "COVID-19,\n", "exceptions.txt.other")
    ours, theirs = (tokens(sides, lambda s: CHANGES[change](s, path)) for sides in ("nnn", "sss"))

    assert ours == theirs


def test_blank_lines_are_left_out(tokens, tmp_path):
    """To Spark NLP a blank line is an exception that is found before all that stand below it."""
    blank = written(tmp_path, "\nfollow-up\nNew York\n", "blank.txt")
    whole = written(tmp_path, "follow-up\nNew York\n")
    ours, theirs = (tokens(sides, lambda s: s.setExceptionsPath(blank)) for sides in ("nnn", "sss"))

    assert ours == tokens("nnn", lambda stage: stage.setExceptionsPath(whole))
    assert theirs == tokens("sss", lambda stage: stage) != ours


def test_files_of_a_folder(tokens, tmp_path):
    written(tmp_path, "follow-up\n", "a.txt")
    written(tmp_path, "New York\n", "b.txt")
    ours, theirs = (
        tokens(sides, lambda s: s.setExceptionsPath(str(tmp_path))) for sides in ("nnn", "sss")
    )

    assert ours == theirs
    assert {"follow-up", "New York"} <= {token for _, _, token in ours}


def test_its_words_are_saved_with_the_stage(tokens, tmp_path):
    """So are Spark NLP's, once it is fitted; ours reads the file when it is set."""
    path = written(tmp_path, FILES["lines"])
    stage = annotators.Tokenizer().setExceptionsPath(path)
    stage.setInputCols(["sentence"]).setOutputCol("token")
    PipelineModel([stage]).save(str(tmp_path / "saved"))
    written(tmp_path, "")
    (loaded,) = PipelineModel.load(str(tmp_path / "saved")).stages

    assert loaded.getPathExceptions() == ["follow-up", "New York", "na\u00efve."]
    assert loaded.getExceptionsPath() == path
    assert not loaded.isDefined("exceptions")
