"""What reached a chunk, as its chief status and as the axes of its metadata."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from annotators.core.annotations import FieldValues
from annotators.core.assertion.triggers import Trigger

PRESENT = "present"
CHIEF = ("someone_else", "hypothetical", "absent", "possible", "historical")
"""Of several statuses that hold the first is the chief one."""

FIELDS = (
    "negation",
    "certainty",
    "temporality",
    "experiencer",
    "trigger",
    "trigger_begin",
    "trigger_end",
    "section",
)
OPTIONAL = ("trigger", "trigger_begin", "trigger_end", "section")
_NOTHING = "NaN"
"""What leaves an optional field out of the metadata (see AnnotationLayout)."""


@dataclass(frozen=True)
class Found:
    """The statuses that hold for a chunk, each with what says so, and the chunk's section."""

    causes: Mapping[str, Trigger] = field(default_factory=dict)
    section: str = ""

    def status(self, own: Sequence[str] = ()) -> str:
        """The chief status; those in `own`, which the user named, go first."""
        return next((s for s in (*own, *CHIEF) if s in self.causes), PRESENT)


def fields_of(found: Sequence[Found], own: Sequence[str] = ()) -> Mapping[str, FieldValues]:
    """The metadata of chunks, a list a field; `trigger_end` is inclusive, as all ends outside."""
    rows = [_metadata(one, one.causes.get(one.status(own))) for one in found]
    columns = list(zip(*rows, strict=True)) or [()] * len(FIELDS)
    return {name: list(values) for name, values in zip(FIELDS, columns, strict=True)}


def _metadata(found: Found, chief: Trigger | None) -> tuple[str, ...]:
    holds = found.causes
    return (
        "negated" if "absent" in holds else "affirmed",
        "possible" if "possible" in holds else "certain",
        next((s for s in ("hypothetical", "historical") if s in holds), "recent"),
        "other" if "someone_else" in holds else "patient",
        *((chief.text, str(chief.begin), str(chief.end - 1)) if chief else (_NOTHING,) * 3),
        found.section or _NOTHING,
    )
