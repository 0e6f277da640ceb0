"""Tables of rules as params: the lines of a file, the packaged one or a user's."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

from annotators._spark.stage import AnnotatorStage
from annotators.core.assertion.headings import parse_headings
from annotators.core.errors import ParamError
from annotators.params import setter, texts_param

Stage = TypeVar("Stage", bound="HasHeadings")

_DATA = Path(__file__).parent.parent / "data"


def packaged_table(name: str) -> list[str]:
    """The lines of a table that comes with Notemill."""
    return table_lines(str(_DATA / name))


def table_lines(path: str) -> list[str]:
    """The lines of a table, comments and empty lines too. Raises ParamError, one line."""
    try:
        return Path(path).expanduser().read_text("utf-8-sig").splitlines()
    except OSError as failure:
        raise ParamError(f"{path}: {failure.strerror or 'unreadable'}.") from None
    except UnicodeDecodeError as failure:
        raise ParamError(f"{path}: byte {failure.start} is not UTF-8; save it as UTF-8.") from None


def rows_only(lines: list[str]) -> list[str]:
    """The lines that are neither empty nor comments."""
    return [line for line in lines if line.strip() and not line.startswith("#")]


class HasHeadings(AnnotatorStage):
    """`headings`: a table of the headings of sections; annotators/data/sections.tsv shows it."""

    headings = texts_param(
        "headings", "lines of a table of headings: section, what it says, headings, tabs between"
    )
    setHeadings = setter(
        headings, "Set the lines of the table of headings; none knows no sections."
    )

    def __init__(self) -> None:
        super().__init__()
        self._setDefault(headings=[])

    def addHeadings(self: Stage, path: str | None = None) -> Stage:
        """Add the headings of a file, or those that come with Notemill.

        Of two lines with one heading the later counts. Raises ParamError: file, line, why.
        """
        name = "sections.tsv" if path is None else path
        lines = packaged_table(name) if path is None else table_lines(path)
        parse_headings(tuple(lines), name)
        return self.setParams(headings=[*self.getOrDefault(self.headings), *rows_only(lines)])

    def _headings(self) -> tuple[str, ...]:
        """The table, checked. Raises ParamError that names the stage and the line."""
        lines: list[str] = self.getOrDefault(self.headings)
        parse_headings(tuple(lines), f"{type(self).__name__}: param 'headings'")
        return tuple(lines)
