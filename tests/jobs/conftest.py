"""What the tests of jobs share: a small BERT for training, and the installed wheel on a cluster."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.jobs.small_bert import save_tokenizer_of, write_bert
from tests.jobs.standalone import standalone


@pytest.fixture(scope="session")
def save_tokenizer():
    """A function that writes an uncased wordpiece tokenizer into a Hugging Face folder.

    It returns the number of its pieces, which is the network's `vocab_size`.
    """

    return save_tokenizer_of


@pytest.fixture(scope="session")
def base(tmp_path_factory, save_tokenizer):
    """The Hugging Face folder of a small random BERT."""
    return write_bert(tmp_path_factory.mktemp("base"), save_tokenizer)


@pytest.fixture(scope="session")
def site(built_wheel, tmp_path_factory):
    """A folder with nothing but the installed wheel."""
    packages = tmp_path_factory.mktemp("site") / "packages"
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "install", "--no-deps", "--target", packages, built_wheel], check=True)
    return packages


@pytest.fixture(scope="session")
def cluster(site, tmp_path_factory):
    """A cluster of processes that run the wheel outside the project."""
    with standalone(site, tmp_path_factory.mktemp("cluster")) as made:
        yield made
