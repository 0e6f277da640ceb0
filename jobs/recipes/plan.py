"""A recipe file read: the commands that make models, in the order in which one needs the other.

    {
      "bases": {"minilm": "where to get it"},
      "steps": {"data": {"makes": "data/train.tsv", "run": ["jobs.recipes.spans", "{corpora}/…"]}},
      "models": {"bert_token_classifier_ner_general": "general-export"}
    }

A step runs `python -m` with the words of `run` and leaves a file or folder at OUT/`makes`. Words
may hold `{corpora}`, `{out}`, `{device}`, `{base:NAME}` (a Hugging Face folder given on the command
line) and `{STEP}`, which is what another step makes: that one then runs before.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any

_HOLE = re.compile(r"\{([^{}]*)\}")


class RecipeError(ValueError):
    """A recipe file, or what was given for it, cannot be used; one line."""


@dataclass(frozen=True)
class Step:
    """One command: `python -m` and these words; `makes` is there afterwards; `needs`: steps."""

    name: str
    words: tuple[str, ...]
    makes: Path
    needs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Recipe:
    """The steps and models of a file, as they stand there."""

    name: str
    bases: Mapping[str, str]
    steps: Mapping[str, Mapping[str, Any]]
    models: Mapping[str, str]


def read_recipe(path: Path) -> Recipe:
    """The recipe of a file. Raises RecipeError where it is none."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise RecipeError(f"{path}: {error.strerror}: name a recipe file") from None
    except ValueError as error:
        raise RecipeError(f"{path.name}: no JSON ({error}): correct the file") from None
    recipe = Recipe(
        path.name, *({**_mapping(found, part, path.name)} for part in ("bases", "steps", "models"))
    )
    for name, step in recipe.steps.items():
        if not isinstance(step, dict) or not {"makes", "run"} <= set(step):
            raise RecipeError(f"{path.name}: step {name!r}: expected an object with makes and run")
    for model, name in recipe.models.items():
        if name not in recipe.steps:
            raise RecipeError(
                f"{path.name}: model {model!r} is made by {name!r}, which is not a step"
            )
    return recipe


def _mapping(found: Any, part: str, name: str) -> Mapping[str, Any]:
    value = found.get(part) if isinstance(found, dict) else None
    if not isinstance(value, dict):
        raise RecipeError(f"{name}: found no object {part!r}: expected bases, steps and models")
    return value


def plan(
    recipe: Recipe, models: Iterable[str], out: Path, given: Mapping[str, str]
) -> tuple[Step, ...]:
    """The steps that make these models, each once and behind those that it needs.

    given: what stands for `corpora`, `device` and `base:NAME`.
    """
    planner = _Planner(recipe, out, {"out": str(out), **given})
    for model in models:
        if model not in recipe.models:
            raise RecipeError(
                f"found --only {model}, but {recipe.name} makes {', '.join(recipe.models)}"
            )
        planner.add(recipe.models[model])
    return tuple(planner.steps.values())


@dataclass
class _Planner:
    recipe: Recipe
    out: Path
    given: Mapping[str, str]
    steps: dict[str, Step] = field(default_factory=dict)

    def add(self, name: str, above: tuple[str, ...] = ()) -> None:
        """This step, behind those that it needs. above: the steps that wait for it."""
        if name in above:
            loop = " → ".join([*above[above.index(name) :], name])
            raise RecipeError(f"{self.recipe.name}: steps wait for each other: {loop}")
        if name in self.steps:
            return
        words = [str(word) for word in self.recipe.steps[name]["run"]]
        holes = dict.fromkeys(chain.from_iterable(map(_HOLE.findall, words)))
        needs = tuple(hole for hole in holes if hole in self.recipe.steps)
        for hole in needs:
            self.add(hole, (*above, name))
        filled = tuple(_HOLE.sub(lambda m: self.value(m[1], name), word) for word in words)
        makes = self.out / str(self.recipe.steps[name]["makes"])
        self.steps[name] = Step(name, filled, makes, needs)

    def value(self, hole: str, step: str) -> str:
        """What stands for {hole}."""
        if hole in self.steps:
            return str(self.steps[hole].makes)
        if hole in self.given:
            return self.given[hole]
        base = hole.removeprefix("base:")
        if base != hole and base in self.recipe.bases:
            raise RecipeError(f"give --base {base}=FOLDER: {self.recipe.bases[base]}")
        raise RecipeError(
            f"{self.recipe.name}: step {step!r}: found {{{hole}}}, expected corpora, out, device, "
            "a base or a step"
        )
