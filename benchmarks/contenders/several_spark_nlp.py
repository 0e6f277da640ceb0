"""Spark NLP with several models in one session, as far as it can.

`loadSavedModel` of a second folder fails, since every folder's weights are added to the session's
files as model.onnx, and so does the first one in a session after another in the same JVM. So each
model is loaded and saved in a process of its own, and the saved ones, whose weights Spark NLP names
by chance, are loaded together in the session that is timed.
"""

from __future__ import annotations

import subprocess
import sys
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.contenders.spark_nlp import classifier, classifier_of, nlp_session, timed, wired


def run(spec: dict[str, Any]) -> dict[str, Any]:
    with TemporaryDirectory() as scratch:
        saved = [str(Path(scratch) / str(number)) for number in range(len(spec["models"]))]
        for folder, place in zip(spec["models"], saved, strict=True):
            save = [sys.executable, "-m", __name__, folder, place, *spec["jars"]]
            subprocess.run(save, check=True)
        spark = nlp_session(spec["slots"], spec["jars"], 1)
        kinds = [classifier_of(folder) for folder in spec["models"]]
        berts = [kind.load(place) for kind, place in zip(kinds, saved, strict=True)]
        stages = list(chain.from_iterable(wired(bert, i) for i, bert in enumerate(berts)))
        return timed(spec, spark, berts, stages)


def save(folder: str, place: str, *jars: str) -> None:
    """Load a folder's model and save its stage."""
    classifier(folder, nlp_session(1, list(jars), 1)).save(place)


if __name__ == "__main__":
    save(*sys.argv[1:])
