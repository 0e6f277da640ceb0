"""Train the packaged models anew, all or some, from one recipe file (see jobs/recipes/plan.py).

    python -m jobs.recipes.all OUT --corpora CORPORA --base minilm=FOLDER --base bge-small=FOLDER
    python -m jobs.recipes.all OUT … --only bert_token_classifier_ner_clinical --device cuda
    python -m jobs.recipes.all OUT … --recipe jobs/recipes/cpu.json --at-once 2

Data are prepared, bases adapted, teachers and students trained, models exported with parity and
card to OUT/models. A step that is done is not done again, unless its command has changed or a step
that it needs was done since: the same command goes on where a run ended. `--dry-run` says what
would run. On a CPU two steps of one thread each are done sooner than one after the other with two.
"""

from __future__ import annotations

import json
import math
import shlex
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Annotated, Any

import typer

if __package__ in (None, ""):
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from jobs.recipes.plan import RecipeError, Step, plan, read_recipe

PACKAGED = Path(__file__).with_name("packaged.json")
DONE = "done"


def main(
    out: Annotated[Path, typer.Argument(help="folder for everything that is made")],
    corpora: Annotated[Path, typer.Option(help="folder of the corpora")],
    recipe: Annotated[Path, typer.Option(help="recipe file")] = PACKAGED,
    base: Annotated[
        list[str] | None, typer.Option(help="NAME=FOLDER, a Hugging Face folder; may be repeated")
    ] = None,
    only: Annotated[
        list[str] | None, typer.Option(help="a model to make; may be repeated. Default: all")
    ] = None,
    device: Annotated[str, typer.Option(help="cpu or cuda")] = "cpu",
    at_once: Annotated[
        int, typer.Option(help="steps that run side by side, where none needs another", min=1)
    ] = 1,
    dry_run: Annotated[bool, typer.Option(help="say the commands, run none")] = False,
) -> None:
    """Run the steps of a recipe that are not done yet."""
    try:
        given = {"corpora": _folder(corpora), "device": device, **_bases(base or [])}
        found = read_recipe(recipe)
        steps = plan(found, only or list(found.models), out, given)
    except RecipeError as error:
        typer.echo(f"notemill: {error}", err=True)
        raise typer.Exit(3) from None
    _in_order(steps, out, at_once, dry_run)


def _in_order(steps: Sequence[Step], out: Path, at_once: int, dry_run: bool) -> None:
    """Every step after those that it needs; none begins after one has failed."""
    numbers = {step.name: number for number, step in enumerate(steps)}
    sorter = TopologicalSorter({step.name: step.needs for step in steps})
    sorter.prepare()
    ready: list[str] = []
    running: dict[Future[None], str] = {}
    with ThreadPoolExecutor(at_once) as pool:
        while sorter.is_active():
            ready = sorted([*ready, *sorter.get_ready()], key=numbers.__getitem__)
            while ready and len(running) < at_once:
                name = ready.pop(0)
                say = f"[{numbers[name] + 1}/{len(steps)}] {name}"
                running[pool.submit(_step, steps[numbers[name]], out, say, dry_run)] = name
            for ended in wait(running, return_when=FIRST_COMPLETED).done:
                ended.result()
                sorter.done(running.pop(ended))


def _step(step: Step, out: Path, say: str, dry_run: bool) -> None:
    if _is_done(step, out):
        typer.echo(f"{say}: done before")
    elif dry_run:
        typer.echo(f"{say}: python -m {shlex.join(step.words)}")
    else:
        _run(step, out, say)


def _folder(corpora: Path) -> str:
    if not corpora.is_dir():
        raise RecipeError(f"found no folder {corpora}: give --corpora")
    return str(corpora)


def _bases(pairs: list[str]) -> dict[str, str]:
    named = {}
    for pair in pairs:
        name, equals, folder = pair.partition("=")
        if not equals or not Path(folder).is_dir():
            raise RecipeError(
                f"found --base {pair}, expected NAME=FOLDER with a folder that exists"
            )
        named[f"base:{name}"] = folder
    return named


def _record(name: str, out: Path) -> Path:
    return out / DONE / f"{name}.json"


def _told(name: str, out: Path) -> dict[str, Any]:
    record = _record(name, out)
    return dict(json.loads(record.read_text(encoding="utf-8"))) if record.is_file() else {}


def _is_done(step: Step, out: Path) -> bool:
    told = _told(step.name, out)
    if not step.makes.exists() or told.get("words") != list(step.words):
        return False
    return all(_told(need, out).get("ended", math.inf) <= told["ended"] for need in step.needs)


def _run(step: Step, out: Path, say: str) -> None:
    typer.echo(f"{say} …")
    step.makes.parent.mkdir(parents=True, exist_ok=True)
    started = time.monotonic()
    ended = subprocess.run([sys.executable, "-m", *step.words], check=False).returncode  # noqa: S603
    minutes = (time.monotonic() - started) / 60
    if ended or not step.makes.exists():
        what = f"ended with code {ended}" if ended else f"left no {step.makes}"
        typer.echo(
            f"notemill: step {step.name!r} {what} after {minutes:.1f} minutes: see above, and run "
            "the same command to go on from there",
            err=True,
        )
        raise typer.Exit(ended or 1)
    record = _record(step.name, out)
    record.parent.mkdir(parents=True, exist_ok=True)
    told = {"words": step.words, "minutes": round(minutes, 2), "ended": time.time()}
    record.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    typer.echo(f"{say}: {minutes:.1f} minutes")


if __name__ == "__main__":
    typer.run(main)
