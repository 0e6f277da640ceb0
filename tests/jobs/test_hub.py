"""`hf://` names, against a server on this machine that answers as the Hugging Face hub does."""

import hashlib
import json
import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.jobs.small_bert import TRAINING

pytestmark = TRAINING

COMMIT = hashlib.sha1(b"a commit").hexdigest()
NAME = "clinic/tiny-ner"


@pytest.fixture(scope="module")
def repository(tmp_path_factory, save_tokenizer):
    """A fine-tuned token classifier as it lies on the hub, pickled weights beside it."""
    import torch
    from transformers import BertConfig, BertForTokenClassification

    folder = tmp_path_factory.mktemp("hub") / NAME
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *"abcdefghij", "pain", "takes"]
    size = save_tokenizer(folder, pieces)
    torch.manual_seed(3)
    config = BertConfig(
        vocab_size=size, hidden_size=16, num_hidden_layers=1, num_attention_heads=2,
        intermediate_size=32, max_position_embeddings=64, id2label={0: "O", 1: "B-Drug"},
    )  # fmt: skip
    BertForTokenClassification(config).save_pretrained(folder)
    (folder / "README.md").write_text("---\nlicense: mit\n---\nA model.\n", encoding="utf-8")
    (folder / "pytorch_model.bin").write_bytes(b"a pickle that nobody may open")
    return folder


@pytest.fixture(scope="module")
def hub(repository):
    """The hub's address, and the paths that it was asked for."""
    asked = []
    files = {f.name: f.read_bytes() for f in repository.iterdir()}

    class Hub(BaseHTTPRequestHandler):
        def do_HEAD(self):
            self.answer(body=False)

        def do_GET(self):
            self.answer(body=True)

        def answer(self, body):
            path = self.path.partition("?")[0]
            asked.append(path)
            if path.startswith(f"/api/models/{NAME}"):
                listed = [{"rfilename": name, "size": len(c)} for name, c in files.items()]
                found = {"id": NAME, "sha": COMMIT, "siblings": listed, "tags": []}
                tree = [{"type": "file", "path": n, "size": len(c), "oid": hashlib.sha1(c).hexdigest()}
                        for n, c in files.items()]  # fmt: skip
                content = json.dumps(tree if "/tree/" in path else found).encode()
            else:
                content = files.get(path.removeprefix(f"/{NAME}/resolve/{COMMIT}/"))
            self.send_response(404 if content is None else 200)
            content = content or b""
            self.send_header("Content-Length", str(len(content)))
            self.send_header("X-Repo-Commit", COMMIT)
            self.send_header("ETag", f'"{hashlib.sha1(content).hexdigest()}"')
            self.end_headers()
            if body:
                self.wfile.write(content)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    server.server_close()


LABELS = """
import sys
from annotators import BertForTokenClassification
stage = BertForTokenClassification.pretrained(sys.argv[1])
print(stage.getClasses(), stage.getOrDefault("model"))
"""


def run(address, tmp_path, *command, **variables):
    """A command in a process of its own: the hub's address is read when its library is loaded."""
    given = {name: value for name, value in os.environ.items() if name != "HF_HUB_OFFLINE"}
    given |= {"HF_ENDPOINT": address, "HF_HOME": str(tmp_path / "hf"), "HOME": str(tmp_path)}
    return subprocess.run(
        [sys.executable, *map(str, command)],
        cwd=Path(__file__).parents[2],
        env=given | variables,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )


def test_a_name_on_the_hub_is_fetched_once_and_exported(hub, tmp_path):
    address, asked = hub
    models = {"NOTEMILL_MODELS": str(tmp_path / "models")}
    first = run(address, tmp_path, "-c", LABELS, f"hf://{NAME}", **models)
    assert first.returncode == 0, first.stderr
    name = f"clinic--tiny-ner@{COMMIT[:12]}"
    assert first.stdout.split("\n")[0] == f"['O', 'B-Drug'] {name}"
    assert not [path for path in asked if path.endswith(".bin")]

    manifest = json.loads((tmp_path / "models" / name / "manifest.json").read_text("utf-8"))
    assert manifest["licence"] == "mit"
    assert manifest["source"] == f"hf://{NAME}"
    assert manifest["precision"] == "fp32"

    written = (tmp_path / "models" / name / "model.onnx").stat().st_mtime_ns
    again = run(address, tmp_path, "-c", LABELS, f"hf://{NAME}@{COMMIT}", **models)
    assert again.stdout == first.stdout
    assert (tmp_path / "models" / name / "model.onnx").stat().st_mtime_ns == written


def test_export_takes_a_name_on_the_hub(hub, tmp_path):
    out = tmp_path / "model"
    made = run(hub[0], tmp_path, "-m", "jobs.export", f"hf://{NAME}", out, "--precision", "fp32")
    assert made.returncode == 0, made.stderr
    assert (out / "model.onnx").is_file()


@pytest.mark.parametrize(
    ("name", "variables"),
    [("hf://clinic/no-such-model", {}), (f"hf://{NAME}", {"HF_HUB_OFFLINE": "1"})],
    ids=["unknown", "offline"],
)
def test_what_the_hub_does_not_give_is_told(hub, tmp_path, name, variables):
    made = run(hub[0], tmp_path, "-c", LABELS, name, **variables)
    assert made.returncode == 1
    assert f"cannot fetch {name} from the Hugging Face hub" in made.stderr


def test_nobody_asks_the_hub_without_being_told_to(hub, tmp_path):
    address, asked = hub
    before = len(asked)
    made = run(address, tmp_path, "-c", LABELS, "no_such_model")
    assert "there is no model named 'no_such_model'" in made.stderr
    assert "bert_token_classifier_ner_bc5cdr" in made.stderr
    assert len(asked) == before
