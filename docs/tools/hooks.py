"""What mkdocs adds to the folder docs/: pages that lie elsewhere in the repository."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from docs.tools import commands

ROOT = Path(__file__).resolve().parents[2]
ELSEWHERE = {
    "differences.md": "annotators/DIFFERENCES.md",
    "third-party.md": "annotators/THIRD_PARTY.md",
    "contributing.md": ".github/CONTRIBUTING.md",
    "security.md": ".github/SECURITY.md",
    "benchmarks.md": "benchmarks/REPORT.md",
}


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages that lie elsewhere; their pictures, which the site lacks, become text."""
    for name, place in ELSEWHERE.items():
        text = (ROOT / place).read_text("utf-8")
        files.append(File.generated(config, name, content=_without_pictures(text)))
    files.append(File.generated(config, "commands.md", content=commands.page()))
    return files


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Make links to those pages, which name their place in the repository, the site's own."""
    for name, place in ELSEWHERE.items():
        markdown = markdown.replace(f"](../{place}", f"]({name}")
    return markdown


def _without_pictures(text: str) -> str:
    return re.sub(r"!\[([^\]]*)\]\((?!https?:)[^)]*\)", r"*\1*", text)
