"""IOB2 lines, `token TAB tag`, as `notemill train` and `evaluate` read them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from annotators.core.chunks import iob2
from annotators.core.sentences.rules import SentenceRules, split_sentences
from annotators.core.tokens.splitting import tokenize
from annotators.core.views.notes import Entity, Note
from jobs._run.exit_codes import InputError

RULES = SentenceRules(break_at_lines=True)


def conll_lines(notes: Iterable[Note]) -> Iterator[str]:
    """The lines of notes, by the sentences and tokens of clinical_ner; `-DOCSTART- id` before each.

    IOB2 has one label per token: of entities that overlap, the longest is told. Tokens that a
    tagged file cannot hold, such as a lone no-break space, are left out (`iob2.block`).
    """
    for note in notes:
        yield f"{iob2.DOCUMENT} {' '.join(note.id.split())}\n\n"
        entities = _apart(note.entities)
        for begin, _, sentence in split_sentences(note.text, RULES):
            yield iob2.block(_tagged(sentence, begin, entities))


def _tagged(sentence: str, begin: int, entities: Sequence[Entity]) -> Iterator[tuple[str, str]]:
    """(token, IOB2 tag) of a sentence that begins at `begin` of its note."""
    last: Entity | None = None
    for lo, hi, _ in tokenize(sentence):
        over = (e for e in entities if e.begin < begin + hi and begin + lo < e.end)
        entity = next(over, None)
        tag = "O" if entity is None else f"{'I' if entity is last else 'B'}-{_type(entity)}"
        last = entity
        yield sentence[lo:hi], tag


def read_conll(file: Path) -> list[Note]:
    """The documents of an IOB2 file: tokens with a blank between them, a line per sentence."""
    try:
        lines = file.read_bytes().decode("utf-8").split("\n")
        found = iob2.parse(lines)
    except iob2.Iob2Error as failure:
        raise InputError(f"{file.name}: {failure}.") from None
    except (OSError, UnicodeDecodeError) as failure:
        raise InputError(f"cannot read {file}: {type(failure).__name__}; UTF-8 expected.") from None
    starts = [(n, s) for n, s in enumerate(lines, 1) if s.startswith(iob2.DOCUMENT)]
    notes = [Note(s.removeprefix(iob2.DOCUMENT).strip() or str(n), "") for n, s in starts]
    if not starts or any(s.line < starts[0][0] for s in found.sentences):
        starts, notes = [(0, ""), *starts], [Note(file.stem, ""), *notes]
    at = 0
    for sentence in found.sentences:
        while at + 1 < len(starts) and sentence.line > starts[at + 1][0]:
            at += 1
        _append(notes[at], sentence)
    return notes


def _append(note: Note, sentence: iob2.Sentence) -> None:
    begin = len(note.text) + bool(note.text)
    text = " ".join(sentence.tokens)
    note.text += ("\n" if note.text else "") + text
    open_: tuple[int, str] | None = None
    end = begin
    for token, tag in zip(sentence.tokens, sentence.tags, strict=True):
        if open_ and tag != f"I-{open_[1]}":
            note.entities.append(Entity(open_[0], end, open_[1], note.text[open_[0] : end]))
            open_ = None
        if tag != "O" and open_ is None:
            open_ = (begin, tag[2:])
        end = begin + len(token)
        begin = end + 1
    if open_:
        note.entities.append(Entity(open_[0], end, open_[1], note.text[open_[0] : end]))


def _apart(entities: Iterable[Entity]) -> list[Entity]:
    """Entities without those that overlap a longer one."""
    kept: list[Entity] = []
    for entity in sorted(entities, key=lambda e: (e.begin - e.end, e.begin)):
        if all(entity.end <= other.begin or other.end <= entity.begin for other in kept):
            kept.append(entity)
    return sorted(kept)


def _type(entity: Entity) -> str:
    return "_".join(entity.label.split()) or "_"
