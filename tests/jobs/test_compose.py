"""docker-compose.yml and Dockerfile: what can be checked of them without a Docker daemon."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from jobs._etl.config import read_config

ROOT = Path(__file__).resolve().parents[2]


def compose():
    """The compose command that is there, or None."""
    for command in (["docker-compose"], ["docker", "compose"]):
        if shutil.which(command[0]):
            known = subprocess.run([*command, "version"], capture_output=True, check=False)
            if known.returncode == 0:
                return command
    return None


def test_compose_accepts_the_file():
    command = compose()
    if command is None:
        pytest.skip("neither docker-compose nor docker compose is installed")
    file = str(ROOT / "docker-compose.yml")
    services = subprocess.run(
        [*command, "-f", file, "config", "--services"], capture_output=True, text=True, check=False
    )
    assert services.returncode == 0, services.stderr
    assert {"master", "worker", "annotate"} <= set(services.stdout.split())


def test_the_profile_etl_adds_a_database_and_the_job():
    command = compose()
    if command is None:
        pytest.skip("neither docker-compose nor docker compose is installed")
    file = ["-f", str(ROOT / "docker-compose.yml"), "--profile", "etl", "config"]
    known = subprocess.run(
        [*command, *file], capture_output=True, text=True, check=False,
        env={**os.environ, "NOTEMILL_PASSWORD": "told"},
    )  # fmt: skip
    assert known.returncode == 0, known.stderr
    services = yaml.safe_load(known.stdout)["services"]
    assert services.keys() == {"master", "worker", "annotate", "postgresql", "etl"}
    assert services["etl"]["environment"]["NOTEMILL_PASSWORD"] == "told"
    mounts = [m for name in ("etl", "postgresql") for m in services[name]["volumes"]]
    bound = [_source(mount) for mount in mounts]
    there = [path for path in bound if path and path.startswith("/")]
    assert len(there) == 4
    assert all(Path(path).exists() for path in there)
    read_config(str(ROOT / "docker" / "etl.yaml"), (), services["etl"]["environment"])


def _source(mount):
    return mount.split(":")[0] if isinstance(mount, str) else mount.get("source")


def instructions():
    """(instruction, arguments) of the Dockerfile, its continued lines joined."""
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    lines = [line.split(None, 1) for line in text.splitlines() if line and line[0] != "#"]
    return [(name, rest) for name, rest in lines]


def test_the_image_starts_from_a_pinned_version():
    images = [rest for name, rest in instructions() if name == "FROM"]
    assert images
    for image in images:
        assert re.fullmatch(r"[a-z/]+:\d+\.\d+\.\d+\S*(@sha256:[0-9a-f]{64})?", image)


def test_the_image_pins_what_driver_and_workers_must_share():
    (install,) = [rest for name, rest in instructions() if "pip install" in rest]
    assert re.search(r"pyspark==\d+\.\d+\.\d+", install)


def test_the_containers_do_not_run_as_root():
    names = [name for name, _ in instructions()]
    users = [rest for name, rest in instructions() if name == "USER"]
    assert users
    assert users[-1] not in ("root", "0")
    assert names.index("USER") < names.index("ENTRYPOINT")
    made = " ".join(rest for name, rest in instructions() if name == "RUN")
    assert re.search(rf"useradd .*\b{users[-1]}\b", made)


def test_the_image_copies_every_package():
    copied = " ".join(rest for name, rest in instructions() if name == "COPY")
    for part in ("pyproject.toml", "README.md", "LICENSE", "annotators", "pipelines", "jobs"):
        assert part in copied.split()
