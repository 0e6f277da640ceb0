"""Spark NLP with several models in one session, as far as it can.

`loadSavedModel` of a second folder fails, since every folder's weights are added to the session's
files as model.onnx. So each model is loaded and saved in a session of its own, and the saved ones,
whose weights Spark NLP names by chance, are loaded together in the session that is timed.
"""

from __future__ import annotations

from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.contenders.spark_nlp import classifier, classifier_of, nlp_session, timed, wired


def run(spec: dict[str, Any]) -> dict[str, Any]:
    given = (spec["slots"], spec["jars"], 1)
    with TemporaryDirectory() as scratch:
        saved = [str(Path(scratch) / str(number)) for number in range(len(spec["models"]))]
        for folder, place in zip(spec["models"], saved, strict=True):
            spark = nlp_session(*given)
            classifier(folder, spark).save(place)
            spark.stop()
        spark = nlp_session(*given)
        kinds = [classifier_of(folder) for folder in spec["models"]]
        berts = [kind.load(place) for kind, place in zip(kinds, saved, strict=True)]
        stages = list(chain.from_iterable(wired(bert, i) for i, bert in enumerate(berts)))
        return timed(spec, spark, berts, stages)
