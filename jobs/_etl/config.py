"""The file that says what `notemill etl` does: YAML, checked before any work, a line a fault."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import Field, ValidationError

from annotators.core.errors import ParamError
from jobs._run.settings import Settings
from jobs.sinks.delta.settings import DeltaSettings
from jobs.sinks.parquet.settings import ParquetSettings
from jobs.sinks.postgresql.settings import PostgresqlSettings
from jobs.sinks.sink import SinkSettings
from jobs.sources.delta import Delta
from jobs.sources.fhir.source import Fhir
from jobs.sources.jdbc import Jdbc
from jobs.sources.source import Files, Source

SOURCES: dict[str, type[Source]] = {
    **dict.fromkeys(("json", "csv", "parquet", "text"), Files),
    "jdbc": Jdbc,
    "fhir": Fhir,
    "delta": Delta,
}
"""By `source.format`; a source without a format is one of files."""
SINKS: dict[str, type[SinkSettings]] = {
    "parquet": ParquetSettings,
    "postgresql": PostgresqlSettings,
    "delta": DeltaSettings,
}
"""By `sink.format`; the first is that of a sink that says none."""

_VARIABLE = re.compile(r"\$(\$\{)|\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_SECRET = re.compile(r"://[^/?#\s]*:[^/?#\s]*@|[?&]password=")
"""A password within a URL."""


class Job(Settings):
    """The keys beside `source` and `sink`.

    model: name or folder; None: the pipeline's own. precision: of a folder that holds several.
    slice_notes: notes that are committed together. max_error_rate: of the notes that are annotated,
    from 0 to 1. keep_fingerprints: rows of earlier models stay beside those of this one.
    annotations: columns of annotations that `notes` keeps. spark: settings of the session.
    checkpoint, files_per_batch: of `mode: stream`.
    """

    pipeline: str = "clinical_ner"
    model: str | None = None
    precision: str | None = None
    mode: Literal["batch", "stream"] = "batch"
    deleted: Literal["keep", "remove"] = "keep"
    slice_notes: Annotated[int, Field(ge=1)] = 100_000
    partitions: Annotated[int | None, Field(ge=1)] = None
    max_error_rate: Annotated[float, Field(ge=0, le=1)] = 1.0
    on_error_rate: Literal["commit", "abort"] = "abort"
    keep_fingerprints: bool = False
    annotations: tuple[str, ...] = ()
    checkpoint: str | None = None
    files_per_batch: Annotated[int, Field(ge=1)] = 10_000
    progress_seconds: Annotated[float, Field(gt=0)] = 30
    spark: dict[str, str] = Field(default_factory=dict)


@dataclass(frozen=True)
class Config:
    """A configuration that was read. sha256: of the keys as written, secrets by variable names."""

    source: Source
    sink: SinkSettings
    job: Job
    sha256: str


class _Unique(yaml.SafeLoader):
    """YAML without what says a key twice, of which the last would win in silence."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]  # type: ignore[no-untyped-call]
        twice = sorted({str(key) for key in keys if keys.count(key) > 1})
        if twice:
            raise ParamError(f"{', '.join(twice)}: is there twice.")
        made: dict[Any, Any] = super().construct_mapping(node, deep)
        return made


def read_config(
    file: str, changes: Sequence[str] = (), environment: Mapping[str, str] | None = None
) -> Config:
    """The configuration in a file, changed by `a.b=c` each.

    `${NAME}` in a value is that variable of the environment; `$${` is `${`. Raises ParamError
    whose message has a line a fault, with the key's path; no value of a key is told.
    """
    try:
        text = Path(file).read_text(encoding="utf-8-sig")
    except OSError as failure:
        raise ParamError(f"cannot read {file}: {failure.strerror}.") from None
    except UnicodeDecodeError:
        raise ParamError(f"{file} is not UTF-8: save it in UTF-8.") from None
    raw = _mapping(text, file)
    for change in changes:
        _change(raw, change)
    return checked(raw, file, os.environ if environment is None else environment)


def checked(raw: Mapping[str, Any], file: str, environment: Mapping[str, str]) -> Config:
    """The configuration that a mapping says. Raises ParamError as `read_config`."""
    faults: list[str] = []
    known = dict(_filled(raw, environment, faults))
    source = _part(known, "source", SOURCES, faults)
    sink = _part(known, "sink", SINKS, faults)
    job = _validated(Job, {k: v for k, v in known.items() if k not in ("source", "sink")}, "",
                     faults, more=("source", "sink"))  # fmt: skip
    if faults or source is None or sink is None or job is None:
        raise ParamError("\nnotemill: ".join(f"{file}: {fault}" for fault in faults))
    sha256 = hashlib.sha256(yaml.safe_dump(dict(raw), sort_keys=True).encode()).hexdigest()
    return Config(source, sink, job, sha256)


def _mapping(text: str, file: str) -> dict[str, Any]:
    try:
        found = yaml.load(text, _Unique)  # noqa: S506 (it is a SafeLoader)
    except yaml.MarkedYAMLError as failure:
        at = "" if failure.problem_mark is None else f" in line {failure.problem_mark.line + 1}"
        raise ParamError(f"{file} is not YAML{at}: {failure.problem}.") from None
    except yaml.YAMLError:
        raise ParamError(f"{file} is not YAML: it holds characters that YAML does not.") from None
    except ParamError as failure:
        raise ParamError(f"{file}: {failure}") from None
    if not isinstance(found, dict):
        raise ParamError(f"{file} holds no keys; expected `source:` and `sink:` at least.")
    return {str(key): value for key, value in found.items()}


def _change(raw: dict[str, Any], change: str) -> None:
    path, equals, value = change.partition("=")
    keys = path.strip().split(".")
    if not equals or not all(keys):
        raise ParamError("--set takes key=value, as --set sink.path=archive.")
    if not _VARIABLE.search(value) and (keys[-1] == "password" or _SECRET.search(value)):
        raise ParamError(
            f"--set {path.strip()}: every user of this machine sees a command line: write "
            "${NAME} for a password, and set NAME in the environment."
        )
    at = raw
    for key in keys[:-1]:
        if not isinstance(at.get(key), dict):
            at[key] = {}
        at = at[key]
    try:
        at[keys[-1]] = yaml.safe_load(value)
    except yaml.YAMLError:
        at[keys[-1]] = value


def _filled(
    raw: Mapping[str, Any], environment: Mapping[str, str], faults: list[str], above: str = ""
) -> Iterator[tuple[str, Any]]:
    """The keys with variables replaced; one that is not set is a fault."""
    for key, value in raw.items():
        path = f"{above}{key}"
        if isinstance(value, dict):
            yield str(key), dict(_filled(value, environment, faults, f"{path}."))
        elif isinstance(value, str):
            named = [name for _, name in _VARIABLE.findall(value) if name]
            missing = [name for name in named if name not in environment]
            faults += [f"{path}: the environment has no variable {name}." for name in missing]
            yield (
                str(key),
                _VARIABLE.sub(lambda m: m.group(1) or environment.get(m.group(2), ""), value),
            )
        else:
            yield str(key), value


def _part(
    known: Mapping[str, Any], name: str, kinds: Mapping[str, type[Any]], faults: list[str]
) -> Any:
    """The source or sink, by its format."""
    found = known.get(name)
    if not isinstance(found, dict):
        faults.append(f"{name}: {'is missing' if found is None else 'must hold keys'}.")
        return None
    said = found.get("format")
    if said is not None and said not in kinds:
        faults.append(f"{name}.format: must be one of {', '.join(kinds)}.")
        return None
    kind = kinds[said] if said is not None else next(iter(kinds.values()))
    return _validated(kind, found, f"{name}.", faults)


def _validated(
    kind: type[Any], found: Mapping[str, Any], above: str, faults: list[str],
    more: Sequence[str] = (),
) -> Any:  # fmt: skip
    try:
        return kind.model_validate(found)
    except ValidationError as failure:
        named = [field.alias or name for name, field in kind.model_fields.items()]
        keys = ", ".join([*more, *named])
        for fault in failure.errors(include_url=False, include_input=False):
            path = above + ".".join(map(str, fault["loc"]))
            told = {
                "extra_forbidden": f"there is no such key; keys are {keys}",
                "missing": "is missing",
            }.get(fault["type"], _in_a_line(fault["msg"]))
            faults.append(f"{path}: {told}.")
        return None


def _in_a_line(message: str) -> str:
    """Pydantic's message, which quotes no value, as the end of a line."""
    told = message.removeprefix("Value error, ").replace("Input should be", "must be")
    return told.replace("\n", " ").rstrip(".")
