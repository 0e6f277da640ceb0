"""Entities as rows of OMOP CDM 5.4's `note_nlp`: all 14 columns, without a vocabulary.

`note_nlp_id` has 64 bits, not the 32 of the CDM's DDL: it is a hash of note, place, label and
fingerprint, so that a row has the same id in every run and no two runs have to agree on a counter.
In 31 bits two of 100,000 rows would share one (2.3 pairs expected); in 63 none of a billion do.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timezone

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from jobs.sinks.tables import FINGERPRINT, NOTE_ID, note_nlp

SNIPPET = "snippet"


@dataclass(frozen=True)
class Omop:
    """How `note_nlp` is filled. system: from `nlp_system`; at: when the run began; snippets:
    whether the text around an entity is kept.
    """

    system: str
    at: datetime
    snippets: bool


_LONGEST = {"text": 250, "system": 250, "modifiers": 2000, "temporal": 50}
"""Characters of the CDM's columns."""
_MODIFIERS = (
    ("Negation", "negation"), ("Certainty", "certainty"), ("Temporality", "temporality"),
    ("Subject", "experiencer"), ("Section", "section"), ("Label", "label"),
)  # fmt: skip
_POSITIVE = 0x7FFF_FFFF_FFFF_FFFF


def note_nlp_rows(entities: DataFrame, by: Omop) -> DataFrame:
    """A row per entity. entities: the table of that name, with a column `snippet` or without.

    `nlp_date` is the run's day in UTC.
    """
    has = entities.columns
    when = by.at.astimezone(timezone.utc)
    made = {
        "note_nlp_id": F.xxhash64(
            F.col(NOTE_ID).cast("string"), "begin", "end", "label", FINGERPRINT
        ).bitwiseAND(F.lit(_POSITIVE)),
        NOTE_ID: F.col(NOTE_ID),
        "section_concept_id": F.lit(0),
        SNIPPET: F.col(SNIPPET) if SNIPPET in has else F.lit(None),
        "offset": F.col("begin"),
        "lexical_variant": F.substring("text", 1, _LONGEST["text"]),
        "note_nlp_concept_id": F.lit(0),
        "note_nlp_source_concept_id": F.lit(0),
        "nlp_system": F.lit(by.system),
        "nlp_date": F.lit(when.date()),
        "nlp_datetime": F.lit(when),
        "term_exists": _exists() if "assertion" in has else F.lit(None),
        "term_temporal": _temporal() if "temporality" in has else F.lit(None),
        "term_modifiers": _modifiers([part for part in _MODIFIERS if part[1] in has]),
    }
    kinds = note_nlp(entities.schema[NOTE_ID].dataType)
    return entities.select(*[made[f.name].cast(f.dataType).alias(f.name) for f in kinds])


def nlp_system(version: str, models: Mapping[str, str], fingerprint: str) -> str:
    """What made the rows: Notemill's version, each model with the head of its SHA-256, pipeline."""
    named = ", ".join(f"{name} {sha256[:12]}" for name, sha256 in sorted(models.items()))
    return f"notemill {version}; {named}; pipeline {fingerprint[:12]}"[: _LONGEST["system"]]


def with_snippets(entities: Column, text: Column) -> Column:
    """An array of entities, each with the text around it as its field `snippet`."""
    return F.transform(
        entities, lambda one: one.withField(SNIPPET, snippet(text, one["begin"], one["end"]))
    )


def snippet(text: Column, begin: Column, end: Column) -> Column:
    """Up to 250 characters of the note with the entity in their middle, blanks and lines joined.

    begin, end: of the entity in characters, `end` inclusive, as in `entities`.
    """
    around = F.floor((F.lit(_LONGEST["text"]) - (end - begin + 1)) / 2)
    start = F.greatest(F.lit(0), begin - F.greatest(F.lit(0), around))
    cut = text.substr((start + 1).cast("int"), F.lit(_LONGEST["text"]))
    return F.regexp_replace(cut, r"\s+", " ")


def _exists() -> Column:
    """Whether the patient has or had it: N where it is negated, another's, or a condition only.

    What is possible exists, as by the CDM only very low certainty denies. Null where nothing is
    said.
    """
    no = F.col("assertion").isin("absent", "someone_else", "hypothetical") | (
        (F.col("negation") == "negated")
        | (F.col("experiencer") == "other")
        | (F.col("temporality") == "hypothetical")
    )
    return F.when(F.col("assertion").isNotNull(), F.when(no, "N").otherwise("Y"))


def _temporal() -> Column:
    """`past` or `present`; null for what is hypothetical."""
    said = F.col("temporality")
    return F.when(said == "historical", "past").when(said == "recent", "present")


def _modifiers(parts: list[tuple[str, str]]) -> Column:
    """`Negation=negated;…`, null for an entity of which nothing is said."""
    # concat_ws leaves out what is null; a mark within a value would part it.
    said = [
        F.concat(F.lit(f"{name}="), F.regexp_replace(F.col(column), "[;=]", " "))
        for name, column in parts
    ]
    return F.nullif(F.substring(F.concat_ws(";", *said), 1, _LONGEST["modifiers"]), F.lit(""))
