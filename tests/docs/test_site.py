"""The site is built with no broken link, and what the pages quote is what the code says."""

import ast
import re
import subprocess
import sys
from html.parser import HTMLParser

import pytest

from tests.docs.blocks import ROOT

TROUBLES = ROOT / "docs" / "troubleshooting.md"
NOT_OURS = ("ModuleNotFoundError", "Container killed")


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The built site; --strict makes each warning, as of a link that leads nowhere, a failure."""
    folder = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "-d", folder],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    return folder


class References(HTMLParser):
    """What a page makes a browser fetch."""

    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        if tag in ("script", "img", "iframe"):
            self.found.append(values.get("src") or "")
        if tag == "link" and values.get("rel") not in ("canonical", "prev", "next", "alternate"):
            self.found.append(values.get("href") or "")


@pytest.mark.slow
def test_the_site_is_built_and_fetches_nothing_from_elsewhere(site):
    pages = sorted(site.glob("*.html"))
    assert {"index.html", "stages.html", "commands.html", "differences.html"} <= {
        p.name for p in pages
    }
    for page in pages:
        references = References()
        references.feed(page.read_text("utf-8"))
        assert [r for r in references.found if r.startswith(("http:", "https:", "//"))] == [], (
            page.name
        )


def test_pages_of_the_readme_are_there():
    for page in ("README.md", ".github/CONTRIBUTING.md"):
        text = (ROOT / page).read_text("utf-8")
        links = re.findall(r"\]\((?!https?:|#)([^)#]+)", text)
        assert [link for link in links if not (ROOT / page).parent.joinpath(link).exists()] == []


def said(node):
    """The text of a string in the code, with … for what is filled in; None for other code."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(
            part.value if isinstance(part, ast.Constant) else "…" for part in node.values
        )
    return None


@pytest.fixture(scope="module")
def messages():
    trees = (
        ast.parse(file.read_text("utf-8"))
        for top in ("annotators", "jobs", "pipelines")
        for file in (ROOT / top).rglob("*.py")
    )
    return {text for tree in trees for node in ast.walk(tree) if (text := said(node))}


QUOTED = re.findall(r"^### .*?`(.+)`$", TROUBLES.read_text("utf-8"), re.MULTILINE)


@pytest.mark.parametrize("quoted", [q for q in QUOTED if not q.startswith(NOT_OURS)])
def test_each_message_of_the_page_on_troubles_is_the_codes(quoted, messages):
    plain = re.sub("…+", "…", quoted)

    assert [m for m in messages if plain in re.sub("…+", "…", m)], quoted


def test_many_messages_are_explained():
    assert len(QUOTED) >= 25
