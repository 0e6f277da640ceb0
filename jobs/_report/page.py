"""One HTML file of a template: nothing in it is fetched, and no script but its own may run."""

from __future__ import annotations

import base64
import hashlib
import os
import tempfile
from importlib.resources import files
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from annotators.core.views.style import style
from jobs._run.exit_codes import InputError

TEMPLATES = "templates"


def page(template: str, script: str | None, **values: Any) -> str:
    """The page of a template, with the style sheet and the script written into it.

    The policy of the page names the hash of that script: were some text of a note not escaped, it
    still could not run.
    """
    here = files("jobs._report") / TEMPLATES
    code = (here / script).read_text("utf-8") if script else ""
    sheet = (here / "report.css").read_text("utf-8") + style()
    allowed = f"script-src 'sha256-{_digest(code)}'" if code else "script-src 'none'"
    environment = Environment(
        loader=PackageLoader("jobs._report", TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["count"] = "{:,}".format
    return environment.get_template(template).render(
        script=Markup(code),  # noqa: S704 (our own file)
        style=Markup(sheet),  # noqa: S704 (our own file)
        policy=f"default-src 'none'; style-src 'unsafe-inline'; {allowed}",
        **values,
    )


def _digest(code: str) -> str:
    return base64.b64encode(hashlib.sha256(code.encode()).digest()).decode()


def write_page(path: Path, html: str) -> None:
    """Write a page whole or not at all. Raises InputError where it cannot be written."""
    try:
        handle, name = tempfile.mkstemp(dir=path.absolute().parent, suffix=".part")
        aside = Path(name)
        try:
            with os.fdopen(handle, "w", encoding="utf-8", errors="replace") as file:
                file.write(html)
            aside.chmod(0o600)  # it holds notes
            aside.replace(path)
        finally:
            aside.unlink(missing_ok=True)
    except OSError as failure:
        raise InputError(
            f"cannot write {path}: {failure.strerror or type(failure).__name__}. Name a file in a "
            "folder that you may write to, with -o."
        ) from None
