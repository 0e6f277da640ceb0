"""Notes that are wrong or odd, by kind, each with what `notemill etl` is to make of it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import cycle

ANNOTATED, NULL = "annotated", "null"
MISSING, REPEATED = "etl: MissingNoteId", "etl: RepeatedNoteId"
RECORD, UNDECODED = "annotate: UnreadableRecord", "annotate: UndecodableText"
NOT_TEXT = "annotate: TextIsNoString"
MB = 1_000_000
LARGE = 20 * MB


@dataclass(frozen=True)
class Kind:
    """A kind of bad note. lines: of a number, the lines of the first file, and of the second.

    ends: ANNOTATED, NULL or the error. notes: how many notes the lines are.
    """

    name: str
    lines: Callable[[str, int], tuple[list[bytes], list[bytes]]]
    ends: str = ANNOTATED
    notes: int = 1


@dataclass
class Made:
    """The lines of both files, and what they come to. rows: lines that are no blank line."""

    first: list[bytes] = field(default_factory=list)
    second: list[bytes] = field(default_factory=list)
    ends: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)

    def add(self, kind: Kind, number: int) -> None:
        """Take one bad note more."""
        first, second = kind.lines(f"{kind.name} {number}", number)
        self.first += first
        self.second += second
        self.ends[kind.ends] += kind.notes
        self.kinds[kind.name] += 1

    @property
    def rejects(self) -> Counter[str]:
        """The errors that `rejects` is to tell."""
        return Counter({k: n for k, n in self.ends.items() if k not in (ANNOTATED, NULL)})


def poisoned(notes: int, large: int) -> Made:
    """So many bad notes, of every kind as many; of the large ones so many in all."""
    made, kinds = Made(), cycle(KINDS)
    for number in range(large):
        made.add(LARGE_KINDS[number % len(LARGE_KINDS)], number)
    for number in range(notes - large):
        made.add(next(kinds), number)
    return made


def line(identity: object, text: object) -> bytes:
    """A line of JSON with these values."""
    return json.dumps({"note_id": identity, "text": text}, ensure_ascii=False).encode()


def _kinds() -> Iterator[Kind]:
    for name, text in _TEXTS.items():
        yield Kind(name, lambda i, _, text=text: ([line(i, text)], []))
    for name, (written, ends) in _LINES.items():
        yield Kind(name, lambda i, _, w=written: ([w.replace(b"ID", i.encode())], []), ends)
    yield Kind("no text", lambda i, _: ([line(i, None)], []), NULL)
    yield Kind("an id of another type", lambda _, n: ([line(_ID_OF[n % 4](n), "Pain.")], []))
    yield Kind("a long id", lambda i, _: ([line(i + "\n\u0000😀" * 2_000, "Pain.")], []))
    yield Kind("twice in a file", lambda i, _: ([line(i, "Pain.")] * 2, []))
    yield Kind("twice in two files", lambda i, _: ([line(i, "Pain.")], [line(i, "Pain.")]))
    yield Kind("two texts in a file",
               lambda i, _: ([line(i, "Pain."), line(i, "No pain.")], []), REPEATED)  # fmt: skip
    yield Kind("two texts in two files",
               lambda i, _: ([line(i, "Pain.")], [line(i, "No pain.")]), REPEATED)  # fmt: skip
    yield Kind("two notes in a line",
               lambda i, _: ([b"[" + line(i, "Pain.") + b"," + line(i + "b", "") + b"]"], []),
               notes=2)  # fmt: skip


_ID_OF: tuple[Callable[[int], object], ...] = (
    lambda n: n, lambda n: n + 0.5, lambda n: 2**70 + n, lambda n: -n,
)  # fmt: skip
_WORDS = "the patient takes aspirin and reports pain "
_WHOLE = "The patient walks to the door. "
_TEXTS = {
    "empty": "",
    "blanks only": " \n\t\r\n\u00a0\u2003\u3000\ufeff ",
    "NUL": "a\x00b takes aspirin\x00 for pain.\x00",
    "control characters": "".join(map(chr, (*range(1, 32), 127, 0x85)))
    + "aspirin\u2028pain\x1b[2J",
    "right to left": "\u202eמטופל נוטל אספירין\u202c وجع في الصدر \u200fpain\u200e.",  # noqa: RUF001
    "emoji": "\U0001f469\U0001f3fd\u200d\u2695\ufe0f takes 💊 aspirin 🇩🇪 for pain 🤒.",
    "HTML": "<p>Takes <b>aspirin</b>&nbsp;for pain<script>alert('x')</script><!-- fever",
    "an endless line": _WORDS * 300,
    "an endless word": "pain" * 4_000,
    "marks on marks": "p\u0301\u0302\u0303\u0304" * 200 + " pain" + "\u0335" * 500 + ".",
    "only marks": ".?!;:,-()[]{}\"'/\\" * 100,
    "noncharacters": "pain\ufffe\uffff\U0010ffff takes aspirin.",
    "full width": "".join(chr(ord(c) + 0xFEE0) for c in "Takesaspirinforpain."),
    "many lines": "\n" * 5_000 + "Takes aspirin.\n" * 50,
    "code": "'; drop table notes; -- ${jndi:ldap://x} %s {0} \\N \\. $(rm -r x) =cmd|' /C calc'!A0",
}
_LINES = {
    "half a surrogate pair": (
        b'{"note_id": "ID", "text": "pain \\ud83d takes aspirin"}',
        ANNOTATED,
    ),
    "no key text": (b'{"note_id": "ID"}', NULL),
    "not UTF-8": (b'{"note_id": "ID", "text": "pain \xff\xfe\xe9 takes aspirin"}', UNDECODED),
    "no id": (b'{"note_id": null, "text": "Pain of ID."}', MISSING),
    "no key note_id": (b'{"text": "Pain of ID."}', MISSING),
    "half a record": (b'{"note_id": "ID", "text": "pain', RECORD),
    "no record": (b'"Pain of ID."', RECORD),
    "a deep record": (b'{"note_id": "ID", "more": ' + b"[" * 50_000 + b"}", RECORD),
    "a number": (b'{"note_id": "ID", "text": 17}', NOT_TEXT),
    "an object": (b'{"note_id": "ID", "text": {"text": "pain"}}', NOT_TEXT),
    "a key twice": (b'{"note_id": "ID", "text": "pain", "text": "aspirin"}', ANNOTATED),
    "a byte-order mark": ("\ufeff".encode() + b'{"note_id": "ID", "text": "pain"}\r', ANNOTATED),
}
"""By kind a line in which ID stands for the note's id."""

KINDS = tuple(_kinds())
LARGE_KINDS = (
    Kind("20 MB of sentences", lambda i, _: ([line(i, _WHOLE * (LARGE // len(_WHOLE)))], [])),
    Kind("20 MB of blanks", lambda i, _: ([line(i, " " * LARGE)], [])),
    Kind("20 MB without a blank", lambda i, _: ([line(i, "x" * LARGE)], [])),
)
