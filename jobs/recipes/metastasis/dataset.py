"""Builds the training set of the metastasis sentence classifier from the corpora and from patterns.

`python -m jobs.recipes.metastasis.dataset CORPORA OUT [--test tests/data/metastasis/test.jsonl]`
writes OUT/train.jsonl and OUT/devel.jsonl, and with --test the test set with all its texts
(OUT/test.jsonl), after checking that no document of it is in train or devel. The same corpora
give the same bytes. What the labels mean is in tests/data/metastasis/CONVENTION.md: "1" when a
sentence has a term for the spread of cancer, negated or not.

Labels of real sentences: metastasis_checked.json holds the ids that were read and found positive,
negative against the rule, or better left out; any other sentence is "1" when it matches TERM.
Matches of TERM were read in context (60 characters before, 35 after), candidates without it by the
words that spread is written with. Negatives that no such word picks out were not read one by one.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path

from jobs.recipes.metastasis import templates, text
from jobs.recipes.metastasis.text import Sentence

SEED = 20240802
PARTS = 6
TERM = re.compile(r"\w*metasta(?!bl)|\bmetastic\b|carcinomatos", re.IGNORECASE)
# Worth having as negatives: words that cancer spread shares with other things, and oncology.
HARD = re.compile(
    r"\bM[01]\b|dissemin|secondar|seed|deposit|stage|spread|distant|node|nodal|TNM|leptomening"
    r"|mening|implant|effusion|periton|widespread|advanced|ascites|extravas|invasi|migrat|EMT\b"
    r"|cancer|carcinom|tumou?r|malignan|lymphoma|oncolog|chemother|lesion|\bmass\b|nodule"
    r"|infiltrat|biops|metapl|metatars|\bMETs?\b|recurren",
    re.IGNORECASE,
)
# Notes whose hash says train, moved to test: they hold most of the notes' mentions of metastasis.
TEST_NOTES = frozenset({"MTS-train-702", "MTS-test1-29", "MTS-test1-128"})
# Sentences a source gives to train and to devel: (hard negatives, other negatives).
NEGATIVES = {
    "hallmarks": ((900, 500), (120, 50)),
    "bc5cdr": ((350, 350), (80, 60)),
    "ncbi-disease": ((250, 120), (50, 30)),
    "jnlpba": ((200, 150), (40, 30)),
    "aci-bench": ((150, 500), (30, 70)),
    "mts-dialog": ((300, 700), (50, 70)),
}
WRITTEN = {"train": (("1", 3400), ("0", 2000)), "devel": (("1", 200), ("0", 200))}
_CHECKED = json.loads((Path(__file__).parent / "checked.json").read_text(encoding="utf-8"))


def part_of(document: str) -> str:
    """The part a document belongs to, the same on every run: 1/6 test, 1/6 devel, 4/6 train."""
    if document in TEST_NOTES:
        return "test"
    number = int(hashlib.md5(document.encode(), usedforsecurity=False).hexdigest(), 16) % PARTS
    return {0: "test", 1: "devel"}.get(number, "train")


def read(corpora: Path) -> Iterator[tuple[str, Sentence]]:
    """(part, sentence) of all corpora; an official split stays what it is."""
    for sentence in text.hallmarks(corpora):
        yield part_of(sentence.document), sentence
    for corpus in ("bc5cdr", "ncbi-disease"):
        for split in ("train", "devel", "test"):
            yield from ((split, s) for s in text.iob2(corpora, corpus, split))
    yield from (("test", s) for s in text.jnlpba(corpora, "test"))
    for sentence in text.jnlpba(corpora, "train"):
        yield "devel" if part_of(sentence.document) == "devel" else "train", sentence
    for source in ("aci-bench", "mts-dialog"):
        yield from ((part_of(s.document), s) for s in text.notes(corpora, source))


def label(sentence: Sentence) -> str | None:
    """The label of a sentence of the corpora, None where it is better left out."""
    for verdict, known in (("1", "positive"), ("0", "negative"), (None, "drop")):
        if sentence.id in _CHECKED[known]:
            return verdict
    return "1" if TERM.search(sentence.text) else "0"


def key(sentence: str) -> str:
    """What two copies of a sentence share, however they are spaced and punctuated."""
    return re.sub(r"[^a-z0-9]", "", sentence.lower())


def row(sentence: Sentence, verdict: str) -> dict[str, str]:
    return {
        "text": sentence.text,
        "label": verdict,
        "source": sentence.source,
        "id": sentence.id,
        "document": sentence.document,
    }


def choose(sentences: Sequence[Sentence], part: str, rng: random.Random) -> list[dict[str, str]]:
    """All positives, and of each source as many hard and other negatives as NEGATIVES says."""
    labelled = [(s, verdict) for s in sentences if (verdict := label(s)) is not None]
    rows = [row(s, "1") for s, verdict in labelled if verdict == "1"]
    for source, quotas in NEGATIVES.items():
        hard_count, other_count = quotas[part == "devel"]
        zeros = [s for s, verdict in labelled if verdict == "0" and s.source == source]
        hard = [s for s in zeros if s.invasion or HARD.search(s.text)]
        other = [s for s in zeros if not (s.invasion or HARD.search(s.text))]
        for pool, count in ((hard, hard_count), (other, other_count)):
            rows += [row(s, "0") for s in rng.sample(pool, min(count, len(pool)))]
    return rows


def written(part: str, rng: random.Random) -> list[dict[str, str]]:
    """The part's sentences from patterns."""
    devel = part == "devel"
    counts = WRITTEN[part]
    drawn = [(verdict, templates.write(verdict, n, devel, rng)) for verdict, n in counts]
    return [
        row(Sentence(words, "pattern", "", f"pattern-{part}-{verdict}-{number}"), verdict)
        for verdict, sentences in drawn
        for number, words in enumerate(sentences)
    ]


def resolve(test: Path, corpora: Path) -> list[dict[str, str]]:
    """The test set with the texts that may not be in the repository, taken from the corpora."""
    known = {s.id: s for _, s in read(corpora)}
    rows = []
    for line in test.read_text(encoding="utf-8").splitlines():
        item = json.loads(line)
        found = known.get(item["id"])
        if found is None and "text" not in item:
            raise ValueError(f"{test}: no sentence {item['id']} in {corpora}: another version?")
        words = item.get("text") or (found.text if found else "")
        document = found.document if found else ""
        rows.append({**item, "text": words, "document": document})
    return rows


def build(corpora: Path, test: Path | None) -> dict[str, list[dict[str, str]]]:
    """Rows by part, test included when its file is given. Raises ValueError on shared documents."""
    parts: dict[str, list[Sentence]] = {"train": [], "devel": [], "test": []}
    for part, sentence in read(corpora):
        parts[part].append(sentence)
    resolved = resolve(test, corpora) if test else []
    seen = {key(s.text) for s in parts["test"]} | {key(r["text"]) for r in resolved}
    rows: dict[str, list[dict[str, str]]] = {}
    for part in ("devel", "train"):  # devel first: what train shares with it leaves train
        rng = random.Random(f"{SEED}-{part}")
        fresh = []
        for r in [*choose(parts[part], part, rng), *written(part, rng)]:
            if len(key(r["text"])) > 3 and key(r["text"]) not in seen:
                seen.add(key(r["text"]))
                fresh.append(r)
        rng.shuffle(fresh)
        rows[part] = fresh
    used = {r["document"] for r in chain(rows["train"], rows["devel"])} - {""}
    shared = sorted(used & {r["document"] for r in resolved})
    if shared:
        raise ValueError(f"{len(shared)} test documents are in train or devel: {shared[:3]}")
    return rows | ({"test": resolved} if test else {})


def save(rows: Iterable[dict[str, str]], path: Path) -> None:
    with path.open("w", encoding="utf-8") as out:
        for item in rows:
            kept = {k: item[k] for k in ("text", "label", "source", "id")}
            out.write(json.dumps(kept, ensure_ascii=False) + "\n")


def main() -> None:
    """Command line: see the module's docstring."""
    parser = argparse.ArgumentParser(description="build the metastasis training set")
    parser.add_argument("corpora", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--test", type=Path, default=None)
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    for part, rows in build(arguments.corpora, arguments.test).items():
        save(rows, arguments.out / f"{part}.jsonl")
        positives = sum(r["label"] == "1" for r in rows)
        print(f"{part}: {len(rows)} sentences, {positives} positive")


if __name__ == "__main__":
    main()
