"""Whether models are whole: every file that a manifest lists has its SHA-256."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

from annotators._runtime.model_folder import (
    MANIFEST,
    WEIGHTS,
    ModelFolder,
    model_roots,
    read_model,
    verify,
)
from annotators.core.errors import ModelError
from jobs._doctor.finding import Finding, advice, fine, wrong
from jobs._run.exit_codes import MODEL

AGAIN = (
    "Copy the folder again from where it is whole; of a packaged model, install the wheel again."
)


def model_findings(more: list[str]) -> list[Finding]:
    """Each model that a name finds, those whose names hide them, and the folders in `more`."""
    findings: list[Finding] = []
    whole: list[str] = []
    first: dict[str, Path] = {}
    for folder in _folders(more):
        found = _checked(folder)
        findings += [found] if isinstance(found, Finding) else []
        whole += [folder.name] if isinstance(found, ModelFolder) else []
        hides = first.setdefault(folder.name, folder)
        if hides != folder and str(folder) not in more:
            findings.append(
                advice(
                    "models",
                    f"{folder} is never found by its name: {hides} comes first.",
                    "Rename it, or name it by its path.",
                )
            )
    if not first:
        findings.append(advice("models", "there is no model, packaged or under NOTEMILL_MODELS."))
    told = f"{len(whole)} with every file as its manifest lists it: {', '.join(whole)}"
    return [fine("models", told), *findings] if whole else findings


@cache
def broken_models_here() -> list[str]:
    """What is wrong with models on this machine, in lines; looked at once a process."""
    return [f.found for f in model_findings([]) if f.status == "wrong"]


def _folders(more: list[str]) -> Iterator[Path]:
    for root in model_roots():
        yield from sorted(
            {file.parent for n in (WEIGHTS, MANIFEST) for file in root.glob(f"*/{n}")}
        )
    yield from map(Path, more)


def _checked(folder: Path) -> ModelFolder | Finding:
    try:
        found = read_model(folder, str(folder))
        verify(found)
    except ModelError as failure:
        return wrong("models", str(failure), AGAIN, MODEL)
    except (OSError, ValueError, TypeError, AttributeError) as failure:
        told = f"{folder} cannot be read: {type(failure).__name__}."
        return wrong("models", told, AGAIN, MODEL)
    if not (folder / MANIFEST).is_file():
        return advice("models", f"{folder} has no {MANIFEST}, so that a change is not seen.")
    return found
