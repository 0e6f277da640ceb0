"""What early exit costs a token classifier on labelled text: F1 whole and at each fidelity.

    python -m benchmarks.cheaper.exit_gold FOLDER wnut17/test.tsv --map person=PER --map group=ORG

By the kernel that pipelines run, without Spark; `--map` is that of `notemill train`.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from annotators._runtime.early_exit import EarlyExit, read_exit_part
from annotators._runtime.model_folder import ModelFolder, find_model
from benchmarks.reporting.tables import table
from jobs._evaluation.gold import tagged_sentences
from jobs._evaluation.tagging import found_tags
from jobs._training import mapping
from jobs._training.data import Example
from jobs._training.score import entity_metrics


def f1(model: ModelFolder, examples: list[Example], exits: EarlyExit | None) -> float:
    """Entity F1 against the examples' tags."""
    found = found_tags(model, examples, exits)
    return float(entity_metrics([list(example.tags) for example in examples], found)["f1"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model")
    parser.add_argument("files", type=Path, nargs="+")
    parser.add_argument("--map", dest="renamed", action="append", default=[])
    given = parser.parse_args()
    model = find_model(given.model)
    part = read_exit_part(model)
    fidelities = {} if part is None else {name: part.at(name) for name in part.thresholds}
    rows = []
    for file in given.files:
        examples = list(tagged_sentences(file, mapping.parse(given.renamed), model.labels))
        whole = f1(model, examples, None)
        rows.append(["/".join(file.parts[-2:]), "off", f"{whole:.5f}", ""])
        for name, exits in fidelities.items():
            score = f1(model, examples, exits)
            rows.append(["", name, f"{score:.5f}", f"{100 * (score - whole):+.2f}"])
    print(table(["file", "fidelity", "F1", "points"], rows))


if __name__ == "__main__":
    main()
