"""Models of the Hugging Face hub, fetched only where a user names one: `hf://org/name[@revision]`.

A fetched model is exported to a model folder once for each commit of it: in the folder that
NOTEMILL_MODELS names, which workers read too, else under ~/.cache/notemill/models, which is enough
for one machine. HF_ENDPOINT, HF_TOKEN, HF_HOME and HF_HUB_OFFLINE are the hub library's own.
"""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import Any

from annotators._runtime.model_folder import MODELS_VARIABLE, WEIGHTS
from annotators.core.errors import ModelError

SCHEME = "hf://"
# Weights in safetensors only: pickled ones would run what whoever wrote them put in.
_WANTED = ["config.json", "*.safetensors", "*.safetensors.index.json", "README.md"]
_WANTED += ["tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "vocab.txt"]

_TRAINED = ("bert", "mpnet")


def on_hub(reference: str) -> bool:
    """Whether a reference names a model of the hub."""
    return reference.startswith(SCHEME)


def local_folder(reference: str) -> Path:
    """The Hugging Face folder of a path (as it is) or of a name on the hub (fetched).

    Raises ModelError where the hub cannot give it, or where the path holds none; nothing waits
    longer than the hub library's time-outs (10 seconds each).
    """
    folder = _fetched(reference) if on_hub(reference) else Path(reference)
    if not (folder / "config.json").is_file():
        raise ModelError(f"{reference} is not a Hugging Face folder: it has no config.json")
    return folder


def trainable_folder(reference: str) -> Path:
    """The Hugging Face folder of a network that can be trained; else raises ModelError.

    It is asked before training: what cannot be trained should not cost a night. An MPNet can be a
    teacher, and is not exported. A DistilBERT that was trained elsewhere can be exported.
    """
    folder = local_folder(reference)
    try:
        kind = json.loads((folder / "config.json").read_text(encoding="utf-8")).get("model_type")
    except (ValueError, AttributeError):
        raise ModelError(f"{reference}: its config.json is not a JSON object") from None
    if kind not in _TRAINED:
        raise ModelError(
            f"{reference} is of model_type {kind}, expected {' or '.join(_TRAINED)}: "
            "no other network is trained here"
        )
    return folder


def _fetched(reference: str) -> Path:
    hub = _needed("huggingface_hub", reference)
    repository, _, revision = reference.removeprefix(SCHEME).partition("@")
    try:
        found = hub.snapshot_download(repository, revision=revision or None, allow_patterns=_WANTED)
    except Exception as failure:  # noqa: BLE001 (the library's errors have no base of their own)
        raise ModelError(
            f"cannot fetch {reference} from the Hugging Face hub: {type(failure).__name__}. "
            "Check the name, the network and HF_HUB_OFFLINE, or fetch the model elsewhere, "
            "run notemill export on it and use the folder's path."
        ) from None
    return Path(found)


def exported(reference: str) -> str:
    """The model folder (its name under NOTEMILL_MODELS, else its path) of a model on the hub.

    It is fp32: no labelled file is at hand that would show what int8 costs. `notemill export`
    makes int8 of the same name, against a labelled file. Needs the extra [train].
    """
    source = local_folder(reference)
    name = f"{reference.removeprefix(SCHEME).partition('@')[0]}@{source.name[:12]}".replace(
        "/", "--"
    )
    root = os.environ.get(MODELS_VARIABLE)
    folder = Path(root or Path.home() / ".cache" / "notemill" / "models") / name
    if not (folder / WEIGHTS).is_file():
        _export(source, folder, reference)
    return name if root else str(folder)


def _export(source: Path, folder: Path, reference: str) -> None:
    """Write the folder beside its place, then move it there: nobody sees half a model."""
    _needed("torch", reference)
    from annotators._export import graph  # noqa: PLC0415 (torch)
    from annotators._export.folder import write_assets, write_manifest  # noqa: PLC0415
    from annotators._export.hugging_face import open_hugging_face  # noqa: PLC0415 (torch)

    found = open_hugging_face(source)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
        made = Path(scratch) / "model"
        write_assets(made, found.tokenizer, found.labels)
        graph.export_fp32(found.model, made / WEIGHTS)
        facts = found.facts(folder.name, "fp32", _licence(source))
        write_manifest(made, {**facts, "source": reference, "metrics": {}})
        try:
            made.rename(folder)
        except OSError:  # another process was first
            if not (folder / WEIGHTS).is_file():
                raise


def _licence(source: Path) -> str:
    card = source / "README.md"
    if not card.is_file():
        return "unknown"
    hub = _needed("huggingface_hub", source.name)
    return str(hub.ModelCard.load(card, ignore_metadata_errors=True).data.get("license", "unknown"))


def _needed(module: str, reference: str) -> Any:
    try:
        return __import__(module)
    except ImportError:
        raise ModelError(
            f"{reference} must be fetched and exported, for which {module} is missing: install the "
            "extra, pip install 'notemill[train]'."
        ) from None
