"""FHIR R4 as NDJSON: a DocumentReference a note, a Condition or an Observation an entity.

Where an entity stands in the text is said by the extension derivation-reference. Who the patient is
is not known here: the subject names the note, for whoever loads the resources to replace.
"""

from __future__ import annotations

import base64
import json
import re
import uuid
from collections.abc import Iterable, Iterator
from typing import Any

from annotators.core.views.notes import Entity, Note

DERIVATION = "http://hl7.org/fhir/StructureDefinition/derivation-reference"
STATUS = "http://terminology.hl7.org/CodeSystem/condition-ver-status"
_CONDITIONS = re.compile(r"disease|disorder|problem|diagnosis|condition|symptom", re.IGNORECASE)
_SPACE = uuid.uuid5(uuid.NAMESPACE_URL, "notemill")


def fhir_lines(notes: Iterable[Note]) -> Iterator[str]:
    """The resources of notes, a line each; ids are the same in every run over the same notes."""
    for note in notes:
        document = _id(note.id)
        subject = {"display": f"subject of note {note.id}"}
        data = base64.b64encode(note.text.encode("utf-8", "replace")).decode()
        attachment = {"contentType": "text/plain; charset=utf-8", "data": data}
        yield _line(
            {
                "resourceType": "DocumentReference", "id": document, "status": "current",
                "identifier": [{"value": note.id}], "subject": subject,
                "content": [{"attachment": attachment}],
            }
        )  # fmt: skip
        for entity in note.entities:
            yield _line(_resource(entity, note.id, document, subject))


def _resource(entity: Entity, note_id: str, document: str, subject: dict[str, str]) -> Any:
    kind = "Condition" if _CONDITIONS.search(entity.label) else "Observation"
    score = "" if entity.score is None else f", score {entity.score:.3f}"
    resource: dict[str, Any] = {
        "resourceType": kind,
        "id": _id(note_id, entity.begin, entity.end, entity.label),
        "extension": [_place(entity, document)],
        "code": {"text": entity.text},
        "subject": subject,
        "note": [{"text": f"found by a model as {entity.label}{score}; not confirmed"}],
    }
    if kind == "Condition":
        code = "refuted" if entity.negated else "unconfirmed"
        resource["verificationStatus"] = {"coding": [{"system": STATUS, "code": code}]}
    else:
        resource |= {"status": "preliminary", "valueBoolean": not entity.negated}
    return resource


def _place(entity: Entity, document: str) -> dict[str, Any]:
    return {
        "url": DERIVATION,
        "extension": [
            {"url": "reference", "valueReference": {"reference": f"DocumentReference/{document}"}},
            {"url": "path", "valueString": "DocumentReference.content[0].attachment.data"},
            {"url": "offset", "valueInteger": entity.begin},
            {"url": "length", "valueInteger": entity.end - entity.begin},
        ],
    }


def _id(*parts: object) -> str:
    return str(uuid.uuid5(_SPACE, "\0".join(map(str, parts))))


def _line(resource: Any) -> str:
    return json.dumps(resource, ensure_ascii=False) + "\n"
