"""A model that changes: between two runs, and between the driver and its workers."""

import json
import shutil
from itertools import count

import pytest

from jobs._etl.fingerprint import _identity

NOTES = [(1, "The patient denies pain and takes aspirin 5 mg."), (2, "Pain.")]


SEEDS = count(100)


def made(folder):
    """A model that no worker has opened yet: it would keep it, whatever becomes of the file."""
    from tests.conftest import TOKEN_LABELS, write_tiny_bert

    return write_tiny_bert(folder, TOKEN_LABELS, "token-classification", seed=next(SEEDS))


@pytest.fixture
def own(etl):
    """Nights with a model of their own."""
    etl.model = made(etl.folder / "model")
    etl.configure()
    etl.put(NOTES)
    return etl


def other_weights(folder, to):
    shutil.copy(made(folder / "made") / "model.onnx", to / "model.onnx")


def swapped_words(model):
    """Another vocabulary of the same size."""
    words = model / "assets" / "vocab.txt"
    lines = words.read_text("utf-8").split("\n")
    a, b = lines.index("aspirin"), lines.index("pain")
    lines[a], lines[b] = lines[b], lines[a]
    words.write_text("\n".join(lines), "utf-8")


def test_weights_and_vocabulary_changed_in_place_annotate_anew(own, tmp_path):
    own.done()
    first = own.rows()["entities"]
    other_weights(tmp_path, own.model)
    own.done()
    assert own.last_run().notes_changed == 2
    second = own.rows()["entities"]
    assert second != first
    swapped_words(own.model)
    own.done()
    assert own.last_run().notes_changed == 2
    assert own.rows()["entities"] != second
    assert own.table("notes").fingerprint.nunique() == 1


@pytest.mark.parametrize("change", ["weights", "words"])
def test_workers_that_find_another_model_end_the_run(own, tmp_path, monkeypatch, change):
    """The model is replaced when the driver has looked at it; its trial may see that, too."""
    from jobs import etl as job

    run = job.run_batch

    def changed(work, told):
        if change == "weights":
            other_weights(tmp_path, own.model)
        else:
            swapped_words(own.model)
        return run(work, told)

    monkeypatch.setattr(job, "run_batch", changed)
    told = own.fails(4)
    assert "was expected" in told or "was changed while it was in use" in told
    assert not (own.archive / "notes").exists()
    monkeypatch.undo()
    own.done()
    assert len(own.table("notes")) == 2


def test_a_worker_takes_no_other_words_than_the_driver_saw(own):
    """As where an executor has another copy of the folder."""
    from annotators._runtime.model_folder import find_model
    from annotators._runtime.wordpieces import open_encoder
    from annotators.core.errors import ModelError

    seen = find_model(str(own.model))
    swapped_words(own.model)
    with pytest.raises(ModelError, match=r"vocab\.txt has SHA-256 .* was expected"):
        open_encoder(seen, case_sensitive=False)


def test_a_model_that_is_not_there_has_its_code(etl):
    etl.put(NOTES)
    assert "/none" in etl.fails(4, "--set", "model=/none")


def test_early_exit_is_part_of_what_a_pipeline_is(exit_model):
    from annotators._runtime.model_folder import find_model

    before = _identity(find_model(str(exit_model)))
    manifest = exit_model / "manifest.json"
    text = manifest.read_text("utf-8")
    changed = json.loads(text)
    changed["exit"]["thresholds"]["some"] = 0.5
    manifest.write_text(json.dumps(changed), "utf-8")
    try:
        assert _identity(find_model(str(exit_model))) != before
    finally:
        manifest.write_text(text, "utf-8")
