"""Params: keywords and setters are one, copies are copies, what is saved comes back."""

import inspect

import pytest
from pyspark.ml import Pipeline, PipelineModel

import annotators
from annotators import LightPipeline
from annotators.core.errors import ParamError

CLASSIFIER = {
    "inputCols": ["s", "t"], "outputCol": "out", "model": "/m", "modelSha256": "0" * 64,
    "batchSize": 3, "batchWordpieces": 99, "caseSensitive": False, "maxSentenceLength": 77,
    "windowOverlap": 5, "precision": "fp32", "distinctWindows": False, "rememberedWindows": 7,
    "earlyExit": "off",
    "provider": "openvino", "onnxThreads": 2, "errorCol": "e",
}  # fmt: skip
TOKENS = {"decoding": "argmax"}
SEQUENCES = {
    "coalesceSentences": True, "activation": "sigmoid", "multilabel": True, "threshold": 0.25,
    "longDocStrategy": "vote",
}  # fmt: skip
VALUES = {
    "DocumentAssembler": {
        "inputCol": "note", "outputCol": "out", "idCol": "id", "metadataCol": "more",
        "cleanupMode": "shrink", "errorCol": "e",
    },
    "SentenceDetector": {
        "inputCols": ["d"], "outputCol": "out", "useAbbreviations": False, "detectLists": False,
        "customBounds": ["%"], "customBoundsStrategy": "append", "useCustomBoundsOnly": True,
        "explodeSentences": True, "keepEmptyRows": True, "splitLength": 9, "minLength": 1,
        "maxLength": 8, "breakAtLines": True, "readAsSeen": True, "errorCol": "e",
    },
    "Tokenizer": {
        "inputCols": ["s"], "outputCol": "out", "targetPattern": "[a-z]+", "prefixPattern": "\\Aa",
        "suffixPattern": "b\\z", "infixPatterns": ["(a)(b)"], "exceptions": ["e.g."],
        "caseSensitiveExceptions": False, "contextChars": ["!"], "splitPattern": "-",
        "splitChars": ["/"], "minLength": 1, "maxLength": 8, "readAsSeen": True, "errorCol": "e",
    },
    "ContextualAssertion": {
        "inputCols": ["s", "t", "c"], "outputCol": "out", "prefixKeywords": ["no"],
        "suffixKeywords": ["denied"], "prefixRegexPatterns": ["never"],
        "suffixRegexPatterns": ["negative"], "exceptionKeywords": ["no change"],
        "exceptionRegexPatterns": ["no \\w+ change"], "prefixAndSuffixMatch": True,
        "caseSensitive": True, "assertion": "planned", "includeChunkToScope": True,
        "scopeWindow": [2, 3], "scopeWindowDelimiters": [","],
        "rules": ["absent\tbefore\tno"], "headings": ["plan\t\tplan"], "errorCol": "e",
    },
    "AssertionFilterer": {
        "inputCols": ["s", "c", "a"], "outputCol": "out", "criteria": "regex",
        "whiteList": ["present"], "blackList": ["absent"], "regex": ["p"], "caseSensitive": True,
        "errorCol": "e",
    },
    "BertForTokenClassification": {**CLASSIFIER, **TOKENS},
    "BertForSequenceClassification": {**CLASSIFIER, **SEQUENCES},
    "DistilBertForTokenClassification": {**CLASSIFIER, **TOKENS},
    "DistilBertForSequenceClassification": {**CLASSIFIER, **SEQUENCES},
    "MedicalBertForSequenceClassification": {**CLASSIFIER, **SEQUENCES},
    "MedicalBertForTokenClassifier": {**CLASSIFIER, **TOKENS},
    "NerConverter": {
        "inputCols": ["s", "t", "n"], "outputCol": "out", "whiteList": ["Disease"],
        "preservePosition": False, "nerHasNoSchema": True, "replaceLabels": {"a": "b"},
        "typeChangeEndsChunk": True, "scheme": "IOB2", "headings": ["plan\t\tplan"], "errorCol": "e",
    },
    "Finisher": {
        "inputCols": ["c"], "outputCols": ["plain"], "valueSplitSymbol": "+",
        "annotationSplitSymbol": "|", "cleanAnnotations": False, "includeMetadata": True,
        "outputAsArray": False, "parseEmbeddingsVectors": True,
    },
}  # fmt: skip
NO_PARAM = {"set", "setParams", "setConfigProtoBytes", "setEngine"}
WITHOUT_SETTER = {"model", "modelSha256", "exceptionsPath"}
stages = pytest.mark.parametrize("name", VALUES)

pytestmark = pytest.mark.usefixtures("spark")


def setter(name):
    return f"set{name[0].upper()}{name[1:]}"


def by_keywords(name):
    return getattr(annotators, name)(**VALUES[name])


def values_of(stage):
    """All params of a stage, defaults too, without what its random uid is part of."""
    told = {
        param.name: stage.getOrDefault(param) for param in stage.params if stage.isDefined(param)
    }
    return {name: value for name, value in told.items() if stage.uid not in str(value)}


def as_saved(stage):
    """All params of a stage over a model without early exit, which stays without."""
    values = values_of(stage)
    return {**values, "earlyExit": "off"} if "earlyExit" in values else values


@stages
def test_keywords_and_setters_make_the_same_stage(name):
    by_setters = getattr(annotators, name)()
    for param, value in VALUES[name].items():
        if param in WITHOUT_SETTER:
            by_setters.setParams(**{param: value})
        else:
            assert getattr(by_setters, setter(param))(value) is by_setters

    assert values_of(by_setters) == values_of(by_keywords(name))


@stages
def test_every_setter_has_its_param_and_every_getter_gives_it_back(name):
    stage = by_keywords(name)
    setters = {m for m in dir(stage) if m.startswith("set") and m not in NO_PARAM}

    assert setters - {"setLazyAnnotator", "setExceptionsPath"} == {
        setter(param) for param in VALUES[name] if param not in WITHOUT_SETTER
    }
    for param, value in VALUES[name].items():
        getter = getattr(stage, f"get{param[0].upper()}{param[1:]}", None)
        stored = ["a", "b"] if param == "replaceLabels" else value
        assert stage.getOrDefault(param) == stored
        assert getter is None or getter() == stored


@stages
def test_every_constructor_argument_is_optional_and_keyword_only(name):
    arguments = inspect.signature(getattr(annotators, name).__init__).parameters
    own = {k: v for k, v in arguments.items() if k != "self"}

    assert all(a.default is None and a.kind is a.KEYWORD_ONLY for a in own.values())
    assert set(own) >= set(VALUES[name])


@stages
def test_explain_params_tells_every_param(name):
    told = by_keywords(name).explainParams()

    assert all(f"{param}:" in told for param in VALUES[name])


@stages
def test_a_copy_with_other_values_leaves_the_original_alone(name):
    stage = by_keywords(name)
    before = values_of(stage)
    document = name == "DocumentAssembler"
    changed = stage.copy({stage.inputCol: "x"} if document else {stage.inputCols: ["x"]})

    assert values_of(stage) == before != values_of(changed)
    assert changed.uid == stage.uid


@stages
def test_a_stage_that_is_saved_comes_back(name, tmp_path):
    stage = by_keywords(name)
    stage.write().overwrite().save(f"{tmp_path}/stage")
    loaded = getattr(annotators, name).load(f"{tmp_path}/stage")

    assert type(loaded) is type(stage)
    assert loaded.uid == stage.uid
    assert values_of(loaded) == values_of(stage)


def test_a_pipeline_that_is_saved_comes_back(make_stages, notes, tmp_path):
    pipeline = Pipeline(stages=make_stages())
    pipeline.save(f"{tmp_path}/pipeline")
    pipeline.fit(None).save(f"{tmp_path}/model")
    loaded = Pipeline.load(f"{tmp_path}/pipeline").fit(None)

    for found in (loaded, PipelineModel.load(f"{tmp_path}/model")):
        assert [values_of(s) for s in found.stages] == [as_saved(s) for s in pipeline.getStages()]
        again = LightPipeline(found).fullAnnotate(notes)
        assert again == LightPipeline(pipeline.fit(None)).fullAnnotate(notes)


LONG = "x" * 100_001


@pytest.mark.parametrize("name", ["SentenceDetector", "SentenceDetectorDLModel"])
def test_no_sentence_is_too_long_by_default(name):
    kind = getattr(annotators, name)
    stage = kind.pretrained() if hasattr(kind, "pretrained") else kind()
    document = annotators.DocumentAssembler(inputCol="text", outputCol="document")
    stage.setInputCols(["document"]).setOutputCol("out")
    light = LightPipeline(PipelineModel([document, stage]))

    assert light.annotate(f"{LONG}. Pain.")["out"] == [f"{LONG}.", "Pain."]
    stage.setMaxLength(100)
    assert light.annotate(f"{LONG}. Pain.")["out"] == ["Pain."]


def test_no_token_is_too_long_by_default():
    document = annotators.DocumentAssembler(inputCol="text", outputCol="document")
    stage = annotators.Tokenizer(inputCols=["document"], outputCol="out")
    light = LightPipeline(PipelineModel([document, stage]))

    assert light.annotate(f"{LONG} pain")["out"] == [LONG, "pain"]
    stage.setMaxLength(100)
    assert light.annotate(f"{LONG} pain")["out"] == ["pain"]


@pytest.mark.parametrize(
    ("name", "params"),
    [
        ("Tokenizer", {"targetPattern": "[a-z"}),
        ("Tokenizer", {"exceptions": ["a("]}),
        ("SentenceDetector", {"customBounds": ["a("]}),
    ],
)
def test_a_pattern_that_cannot_be_used_is_told_by_the_driver(spark, name, params):
    stage = getattr(annotators, name)(outputCol="out", **params)
    before = annotators.DocumentAssembler().setInputCol("text").setOutputCol("document")
    frame = before.transform(spark.createDataFrame([("pain",)], "text string"))

    with pytest.raises(ParamError, match=f"{name}: .*param '{next(iter(params))}'"):
        stage.setInputCols(["document"]).transform(frame)


def test_exceptions_of_a_file_are_read_when_it_is_set(tmp_path):
    """Lines end as they do for Java; as in Spark NLP, setExceptions takes the words' place."""
    path = tmp_path / "words.txt"
    path.write_bytes("follow-up\r\n\n New York \x0cx\rcaf\u00e9".encode())
    stage = annotators.Tokenizer(exceptionsPath=str(path))
    other = annotators.Tokenizer().setExceptionsPath(f"file://{path}")
    words = ["follow-up", " New York \x0cx", "caf\u00e9"]

    assert stage.getPathExceptions() == other.getPathExceptions() == words
    assert not stage.isDefined("exceptions")
    assert stage._kernel().rules.exceptions == tuple(words)
    assert stage.setExceptions(["e.g."])._kernel().rules.exceptions == ("e.g.",)
    with pytest.raises(ParamError, match="cannot be read as BINARY of format text"):
        annotators.Tokenizer().setExceptionsPath(str(path), "BINARY")
    with pytest.raises(ParamError, match="cannot be read as SPARK of format csv"):
        annotators.Tokenizer().setExceptionsPath(str(path), "SPARK", {"format": "csv"})
