"""The configuration of `notemill etl`: a line a fault, with the key's path and no value."""

import json

import pytest

from annotators.core.errors import ParamError
from jobs._etl.config import SINKS, read_config

LEAST = "source: {path: notes.jsonl}\nsink: {path: archive}\n"


def read(tmp_path, text, *changes, **environment):
    file = tmp_path / "etl.yaml"
    file.write_text(text, encoding="utf-8")
    return read_config(str(file), changes, environment)


def faults(tmp_path, text, *changes, **environment):
    with pytest.raises(ParamError) as told:
        read(tmp_path, text, *changes, **environment)
    prefix = f"{tmp_path}/etl.yaml: "
    return [
        line.removeprefix("notemill: ").removeprefix(prefix) for line in str(told.value).split("\n")
    ]


def test_the_least_that_works(tmp_path):
    found = read(tmp_path, LEAST)
    assert (found.source.path, found.source.id, found.source.text) == (
        "notes.jsonl",
        "note_id",
        "text",
    )
    assert (found.sink.format, found.sink.path) == ("parquet", "archive")
    assert (found.job.mode, found.job.deleted, found.job.slice_notes) == ("batch", "keep", 100_000)


def test_every_fault_is_a_line_with_its_path_and_tells_no_value(tmp_path):
    told = faults(
        tmp_path,
        "source: {pth: a, id: 7}\nsink: {format: nosuch}\nslice_notes: secret\nmode: often\nmodl: x\n",
    )
    assert told == [
        "source.id: must be a valid string.",
        "source.path: is missing.",
        "source.pth: there is no such key; keys are format, id, text, path, encoding, sep, quote, escape.",
        f"sink.format: must be one of {', '.join(SINKS)}.",
        "mode: must be 'batch' or 'stream'.",
        "slice_notes: must be a valid integer, unable to parse string as an integer.",
        told[-1],
    ]
    assert told[-1].startswith(
        "modl: there is no such key; keys are source, sink, pipeline, model,"
    )


def test_the_environment_fills_values_and_a_missing_variable_is_a_fault(tmp_path):
    text = "source: {path: '${DIR}/notes.jsonl'}\nsink: {path: 'a$${x}'}\nslice_notes: ${N}\n"
    found = read(tmp_path, text, DIR="/data", N="5")
    assert (found.source.path, found.sink.path, found.job.slice_notes) == (
        "/data/notes.jsonl",
        "a${x}",
        5,
    )
    assert faults(tmp_path, text, N="5")[0] == "source.path: the environment has no variable DIR."
    assert found.sha256 == read(tmp_path, text, DIR="/other", N="5").sha256


def test_changes_override_the_file(tmp_path):
    found = read(tmp_path, LEAST, "sink.path=b", "deleted=remove", "slice_notes=3")
    assert (found.sink.path, found.job.deleted, found.job.slice_notes) == ("b", "remove", 3)
    assert faults(tmp_path, LEAST, "nothing")[0].startswith("--set takes key=value")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("source: [", "is not YAML in line 1"),
        ("source: {path: a}\nsource: {path: b}\n", "source: is there twice."),
        ("- a\n", "holds no keys"),
        ("source: {path: a}\nsink: {path: 'hdfs://h/x'}\n", "set sink.format to postgresql"),
        ("source: {path: a}\nsink: {path: ' '}\n", "sink.path: is empty"),
        ("sink: {path: a}\n", "source: is missing."),
    ],
)
def test_what_is_no_configuration_is_told(tmp_path, text, said):
    assert said in "\n".join(faults(tmp_path, text))


def test_a_file_that_is_not_there_is_told(tmp_path):
    with pytest.raises(ParamError, match=r"cannot read .*: No such file"):
        read_config(str(tmp_path / "no.yaml"))


@pytest.mark.parametrize(
    "change",
    [
        "sink.password=Xylo",
        "sink.url=postgresql://u:Xylo@h/d",
        "sink.url=postgresql://h/d?password=Xylo",
    ],
)
def test_a_command_line_takes_no_password(tmp_path, change):
    with pytest.raises(ParamError, match="every user of this machine sees") as told:
        read(tmp_path, LEAST, change)
    assert "Xylo" not in str(told.value)
    named = change.replace("Xylo", "${P}")
    sink = {"format": "postgresql", "url": "postgresql://h/d"}
    text = json.dumps({"source": {"path": "a"}, "sink": sink})
    found = read(tmp_path, text, named, P="Xylo").sink
    assert "Xylo" in (found.password or found.url).get_secret_value()
