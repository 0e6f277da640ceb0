"""Recipe files: order, what is done already, refusals; and that the packaged one is right."""

import json
import string
from importlib import import_module
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from annotators._runtime.model_folder import PACKAGED as MODELS
from jobs.recipes import all as everything
from jobs.recipes.plan import RecipeError, plan, read_recipe

ROOT = Path(__file__).resolve().parents[3]
RECIPES = [everything.PACKAGED, ROOT / "jobs/recipes/cpu.json"]
every_recipe = pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.name)
COMMAND = typer.Typer()
COMMAND.command()(everything.main)


def step(makes, *run):
    return {"makes": makes, "run": list(run)}


CHAIN = {
    "model": step("models/m.json", "json.tool", "{data}", "{out}/models/m.json", "--compact"),
    "data": step("data.json", "json.tool", "{corpora}/raw.json", "{out}/data.json"),
    "other": step("other.json", "json.tool", "{corpora}/none.json", "{out}/other.json"),
}


def recipe(folder, steps, models, bases=None):
    path = folder / "recipe.json"
    path.write_text(json.dumps({"bases": bases or {}, "steps": steps, "models": models}))
    return path


@pytest.fixture
def corpora(tmp_path):
    folder = tmp_path / "corpora"
    folder.mkdir()
    (folder / "raw.json").write_text('{"a": 1}')
    return folder


def run(path, corpora, *options):
    out = corpora.parent / "out"
    arguments = [out, "--recipe", path, "--corpora", corpora, *options]
    return CliRunner().invoke(COMMAND, list(map(str, arguments))), out


def test_a_model_is_made_of_what_it_needs_and_of_nothing_else(tmp_path, corpora):
    done, out = run(recipe(tmp_path, CHAIN, {"m": "model", "n": "other"}), corpora, "--only", "m")

    assert done.exit_code == 0, done.output
    assert (out / "models/m.json").read_text() == '{"a":1}\n'
    assert not (out / "other.json").exists()
    assert done.output.index("data") < done.output.index("model")


def test_what_is_done_is_done_again_only_if_its_command_changes(tmp_path, corpora):
    path = recipe(tmp_path, CHAIN, {"m": "model"})
    run(path, corpora)
    changed = {**CHAIN, "model": step(*CHAIN["model"].values())}
    changed["model"]["run"] = CHAIN["model"]["run"][:-1]

    again, _ = run(path, corpora)
    other, out = run(recipe(tmp_path, changed, {"m": "model"}), corpora)

    assert again.output.count("done before") == 2
    assert other.output.count("done before") == 1
    assert json.loads((out / "models/m.json").read_text()) == {"a": 1}
    assert "\n" in (out / "models/m.json").read_text().strip()


def test_what_needs_a_step_is_done_again_after_it(tmp_path, corpora):
    """Even where the run that did the step ended before what needs it."""
    path = recipe(tmp_path, CHAIN, {"m": "model", "d": "data"})
    _, out = run(path, corpora)
    (out / "data.json").unlink()
    (corpora / "raw.json").write_text('{"a": 2}')

    run(path, corpora, "--only", "d")
    done, _ = run(path, corpora, "--only", "m")

    assert done.output.count("done before") == 1
    assert (out / "models/m.json").read_text() == '{"a":2}\n'


def test_a_step_that_fails_is_named_and_ends_the_run(tmp_path, corpora, capfd):
    path = recipe(tmp_path, CHAIN, {"n": "other", "m": "model"})

    done, out = run(path, corpora)

    assert done.exit_code != 0
    assert "step 'other' ended with code" in done.output
    assert not (out / "models").exists()
    assert "none.json" in capfd.readouterr().err


def test_a_step_that_leaves_nothing_has_failed(tmp_path, corpora):
    steps = {"data": step("elsewhere.json", "json.tool", "{corpora}/raw.json", "{out}/data.json")}

    done, _ = run(recipe(tmp_path, steps, {"m": "data"}), corpora)

    assert done.exit_code == 1
    assert "left no" in done.output


def test_steps_that_do_not_need_each_other_run_side_by_side(tmp_path, corpora, monkeypatch):
    """Each of the two ends well only if the other begins before that."""
    (tmp_path / "two_begin.py").write_text(
        "import pathlib, sys, time\n"
        "mine, other = map(pathlib.Path, sys.argv[1:])\n"
        "mine.touch()\n"
        "end = time.monotonic() + 60\n"
        "while not other.exists() and time.monotonic() < end:\n"
        "    time.sleep(0.01)\n"
        "sys.exit(not other.exists())\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    steps = {
        "one": step("1", "two_begin", "{out}/1", "{out}/2"),
        "two": step("2", "two_begin", "{out}/2", "{out}/1"),
    }

    done, _ = run(recipe(tmp_path, steps, {"m": "one", "n": "two"}), corpora, "--at-once", "2")

    assert done.exit_code == 0, done.output


def test_dry_run_runs_nothing(tmp_path, corpora):
    done, out = run(recipe(tmp_path, CHAIN, {"m": "model"}), corpora, "--dry-run")

    assert "python -m json.tool" in done.output
    assert not out.exists()


@pytest.mark.parametrize(
    ("steps", "models", "options", "told"),
    [
        ({"a": step("a", "x", "{b}"), "b": step("b", "x", "{a}")}, {"m": "a"}, [], "a → b → a"),
        ({"a": step("a", "x", "{corpus}")}, {"m": "a"}, [], "found {corpus}, expected corpora"),
        ({"a": step("a", "x", "{base:small}")}, {"m": "a"}, [], "give --base small=FOLDER: a BERT"),
        ({"a": step("a", "x")}, {"m": "b"}, [], "made by 'b', which is not a step"),
        ({"a": {"run": []}}, {"m": "a"}, [], "step 'a': expected an object with makes and run"),
        ({"a": step("a", "x")}, {"m": "a"}, ["--only", "n"], "found --only n, but recipe.json"),
        ({"a": step("a", "x")}, {"m": "a"}, ["--base", "small"], "expected NAME=FOLDER"),
        ({"a": step("a", "x")}, {"m": "a"}, ["--corpora", "nowhere"], "found no folder nowhere"),
    ],
)  # fmt: skip
def test_refusals_are_one_line(tmp_path, corpora, steps, models, options, told):
    path = recipe(tmp_path, steps, models, {"small": "a BERT"})

    done, out = run(path, corpora, *options)

    assert done.exit_code == 3
    assert told in done.output
    assert len(done.output.strip().splitlines()) == 1
    assert not out.exists()


@pytest.mark.parametrize("text", ["{", "[]", '{"bases": {}, "steps": {}}'])
def test_a_file_that_is_no_recipe_is_refused(tmp_path, text):
    path = tmp_path / "recipe.json"
    path.write_text(text)

    with pytest.raises(RecipeError, match=r"recipe\.json: "):
        read_recipe(path)


def steps_of(path):
    found = read_recipe(path)
    given = {"corpora": "C", "device": "cpu", **{f"base:{base}": base for base in found.bases}}
    return plan(found, found.models, Path("OUT"), given)


def test_every_packaged_model_has_its_recipe():
    packaged = {path.name for path in MODELS.iterdir() if path.is_dir()}

    assert packaged <= set(read_recipe(everything.PACKAGED).models)


@every_recipe
def test_every_step_is_needed_by_a_model(path):
    assert {step.name for step in steps_of(path)} == set(read_recipe(path).steps)


@every_recipe
def test_every_command_takes_its_words(path):
    """Parsed by the command itself: no option is unknown, none that it needs is missing."""
    pytest.importorskip("torch", reason="needs the extra [train]")
    for found in steps_of(path):
        module = import_module(found.words[0])
        if found.words[0].startswith("benchmarks.") or not hasattr(module, "typer"):
            continue  # it reads its arguments by itself
        app = typer.Typer()
        app.command()(module.main)
        command = typer.main.get_command(app)
        assert command.make_context(found.name, list(found.words[1:])), found.name


@every_recipe
def test_a_model_goes_to_the_folder_of_its_name(path):
    made = {step.name: step.makes for step in steps_of(path)}

    for model, name in read_recipe(path).models.items():
        assert made[name] == Path("OUT/models") / model


@every_recipe
def test_no_test_file_is_trained_on(path):
    for found in steps_of(path):
        if found.words[0] in ("jobs.train", "jobs.adapt"):
            pairs = zip(found.words, found.words[1:], strict=False)
            learnt = [v for k, v in pairs if k in ("--train", "--partial", "--texts", "--devel")]
            assert learnt
            assert not [v for v in learnt if Path(v).stem.strip(string.digits) == "test"]
