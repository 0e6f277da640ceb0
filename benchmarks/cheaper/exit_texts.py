"""The texts that early exits of packaged models were made of and measured on.

    python -m benchmarks.cheaper.exit_texts ../shared/corpora texts

Writes the even and the odd notes of ACI-BENCH, MACCROBAT's reports, 2,500 sentences of BC5CDR's
training file, the test sentences of BC5CDR and NCBI Disease, Wikigold's and WNUT17's parts, the
Broad Twitter Corpus, the even and the odd sentences of Hallmarks of Cancer and SST's reviews, as
JSON lines without labels.
"""

from __future__ import annotations

import random
import sys
from pathlib import Path

from benchmarks.workload import read_texts, write_texts
from jobs._training.data import read_tagged

SENTENCES, SEED = 2500, 13
PARTS = ("train", "devel", "test")


def main(corpora: Path, out: Path) -> None:
    notes = read_texts(corpora / "aci-bench/notes.jsonl")
    training = _sentences(corpora / "bc5cdr/train.tsv")
    hallmarks = read_texts(corpora / "hallmarks-of-cancer/sentences.jsonl")
    random.Random(SEED).shuffle(training)
    texts = {
        "aci-bench-half/even": notes[::2],
        "aci-bench-half/odd": notes[1::2],
        "bc5cdr/train_2500": training[:SENTENCES],
        "bc5cdr/test": _sentences(corpora / "bc5cdr/test.tsv"),
        **{
            f"bc5cdr/ncbi_{part}": _sentences(corpora / f"ncbi-disease/{part}.tsv")
            for part in ("devel", "test")
        },
        **{f"maccrobat/{part}": read_texts(corpora / f"maccrobat/{part}.jsonl") for part in PARTS},
        **{
            f"{corpus}/{part}": _sentences(corpora / f"{corpus}/{part}.tsv")
            for corpus in ("wikigold", "wnut17")
            for part in PARTS
        },
        "btc/posts": [
            text for name in "abefgh" for text in _sentences(corpora / f"btc/{name}.tsv")
        ],
        "hallmarks/even": hallmarks[::2],
        "hallmarks/odd": hallmarks[1::2],
        **{f"sst/{part}": read_texts(corpora / f"sst/{part}.jsonl") for part in PARTS},
    }
    for name, found in texts.items():
        file = out / f"{name}.jsonl"
        file.parent.mkdir(parents=True, exist_ok=True)
        write_texts(file, found)


def _sentences(path: Path) -> list[str]:
    return [" ".join(example.tokens) for example in read_tagged(path, {}).examples]


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
