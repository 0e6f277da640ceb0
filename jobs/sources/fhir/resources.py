"""FHIR resources to notes: a DocumentReference or a DiagnosticReport is one, others are none."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import IO, Any

from jobs.sources.decoding import DEFAULT, UNDECODABLE, text_stream
from jobs.sources.fhir.attachments import AttachmentError, best_text
from jobs.sources.records import RECORD, UNDECODED, Record, note

_DOCUMENT, _REPORT = "DocumentReference", "DiagnosticReport"
_DECODER = json.JSONDecoder(strict=False)
_WHOLE = 512 * 1024 * 1024
"""Characters of a file without lines of its own that are read at once, at most."""


def fhir_records(stream: IO[bytes]) -> Iterator[Record]:
    """A record per note; one without id for each line that is not a resource.

    Lines are resources or Bundles; a file may also be a single one over many lines.
    """
    lines = text_stream(stream, DEFAULT, "\n")
    first = next((line for line in lines if line.strip("\ufeff \t\r\n")), "")
    if first and _parsed(first) is None:
        rest = lines.read(_WHOLE)
        whole = None if len(rest) == _WHOLE else _parsed(first + rest)
        if whole is not None:
            yield from _of_resource(whole)
            return
        lines = chain(rest.splitlines(keepends=True), lines)  # type: ignore[assignment]
    yield from _of_lines(chain([first], lines))


def _of_lines(lines: Iterable[str]) -> Iterator[Record]:
    for line in lines:
        if not line.strip("\ufeff \t\r\n"):
            continue
        found = None if UNDECODABLE in line else _parsed(line)
        if found is None:
            yield Record(error=UNDECODED if UNDECODABLE in line else RECORD)
        else:
            yield from _of_resource(found)


def _parsed(text: str) -> Mapping[str, Any] | None:
    try:
        found = _DECODER.decode(text.strip("\ufeff \t\r\n"))
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _of_resource(resource: Mapping[str, Any]) -> Iterator[Record]:
    kind = resource.get("resourceType")
    if kind == "Bundle":
        for entry in _dicts(resource.get("entry")):
            if isinstance(entry.get("resource"), dict):
                yield from _of_resource(entry["resource"])
    elif kind in (_DOCUMENT, _REPORT):
        yield _of_note(str(kind), resource)
    elif not isinstance(kind, str):
        yield Record(error=RECORD)


def _of_note(kind: str, resource: Mapping[str, Any]) -> Record:
    """The note: id as FHIR refers to it, `DocumentReference/ID`."""
    given = resource.get("id")
    identity = f"{kind}/{given}" if isinstance(given, str) and given else None
    if "entered-in-error" in (resource.get("status"), resource.get("docStatus")):
        return Record(identity, error="fhir: EnteredInError", id_kind="string")
    try:
        text = _report_text(resource) if kind == _REPORT else _document_text(resource)
    except AttachmentError as failure:
        return Record(identity, error=str(failure), id_kind="string")
    return note(identity, None if text is None else _sound(text), "string", "string")


def _document_text(resource: Mapping[str, Any]) -> str:
    return best_text(part.get("attachment") for part in _dicts(resource.get("content")))


def _report_text(resource: Mapping[str, Any]) -> str | None:
    """The presented form, which is the whole report; its conclusion where no form can be read."""
    conclusion = resource.get("conclusion")
    said = conclusion if isinstance(conclusion, str) and conclusion.strip() else None
    forms = _dicts(resource.get("presentedForm"))
    if not forms:
        return said
    try:
        return best_text(forms)
    except AttachmentError:
        if said is None:
            raise
        return said


def _dicts(found: Any) -> list[dict[str, Any]]:
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _sound(text: str) -> str:
    """The text with U+FFFD for halves of surrogate pairs, which no Spark string can hold."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
