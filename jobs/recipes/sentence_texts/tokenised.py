"""Sentences of tokenised corpora, put back together and with wrong cuts undone."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from jobs.recipes.sentence_texts.marks import Sentences

_CLOSE = re.compile(r"\s+([,.;:!?%)\]}]|'s\b|n't\b)")
_OPEN = re.compile(r"([(\[{])\s+")
_HYPHEN = re.compile(r"(?<=\w) - (?=\w)")
_DECIMAL = re.compile(r"(?<=\d)\s?\.\s(?=\d)")
_BARE_DECIMAL = re.compile(r"(?<=[=<>n]) \. (?=\d)")
_LETTERS = re.compile(r"\b([A-Za-z]) ?\. (?=[A-Za-z] ?\.)")
_SLASH = re.compile(r"\s+/\s+")


def detokenise(sentence: str) -> str:
    """Put the tokens of a sentence, joined by blanks, back together as an author would write it."""
    text = (
        sentence.replace("``", '"').replace("''", '"').replace("-LRB-", "(").replace("-RRB-", ")")
    )
    text = _SLASH.sub("/", _HYPHEN.sub("-", text.replace(" ' s ", "'s ")))
    text = _DECIMAL.sub(".", _BARE_DECIMAL.sub(" .", text))
    while (joined := _LETTERS.sub(r"\1.", text)) != text:
        text = joined
    text = re.sub(r"\b(i\.e|e\.g)\s?\.", r"\1.", text)
    text = re.sub(r"(?<=[A-Za-z]\.[A-Za-z]) \.", ".", text)
    text = _OPEN.sub(r"\1", _CLOSE.sub(r"\1", text))
    text = re.sub(r'" ([^"]*?) "', r'"\1"', text)
    return re.sub(r"\s+", " ", text).strip()


def iob_sentences(path: Path) -> Iterator[str]:
    """Read the sentences of a file of `token TAB tag` lines, tokens joined by blanks."""
    tokens: list[str] = []
    for line in [*path.read_text("utf-8").splitlines(), ""]:
        if line.strip():
            tokens.append(line.split("\t")[0])
        elif tokens:
            yield " ".join(tokens)
            tokens = []


_CUT_NUMBER = re.compile(r"\d \.$")
_CUT_WORD = re.compile(
    r"\b(?:vs|al|ca|cf|approx|Dr|St|No|Fig|Nat|Hum|Genet|Int|et|e \. g|i \. e) \.$"
)

_CUT_LETTER = re.compile(r"\b[A-Za-z] \.$")
_LIST_NUMBER = re.compile(r"^\(? ?\d \.$")


def mended(tokenised: Iterable[str]) -> Sentences:
    """Sentences with the wrong cuts of the corpora undone: inside decimals, after abbreviations."""
    found: Sentences = []
    for sentence in tokenised:
        previous = found[-1] if found else ""
        decimal = _CUT_NUMBER.search(previous) and sentence[:1].isdigit()
        letter = _CUT_LETTER.search(previous) and (sentence[:1].islower() or len(sentence) < 25)
        if decimal or letter or _CUT_WORD.search(previous) or _LIST_NUMBER.match(previous):
            found[-1] = f"{previous} {sentence}"
        else:
            found.append(sentence)
    return found


_SOUND = re.compile(r"^[\"'(]?[A-Z0-9].*[.?!][\")]?$|^[a-z]+[A-Z0-9-]\w*.*\.$", re.DOTALL)
_INNER_STOP = re.compile(r"[a-z)]{3}[.?!] [A-Z]")


def sound(sentence: str) -> bool:
    """Whether a sentence has the shape of one, and no second one inside."""
    return bool(_SOUND.match(sentence)) and not _INNER_STOP.search(sentence)


def grouped(sentences: Sentences, size: int = 8) -> list[Sentences]:
    """Documents of `size` consecutive sound sentences."""
    kept = [text for text in map(detokenise, sentences) if sound(text)]
    return [kept[i : i + size] for i in range(0, len(kept), size)]
