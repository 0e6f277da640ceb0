"""What the doctor says of one thing: fine, advice, or wrong with its remedy."""

from __future__ import annotations

from dataclasses import dataclass

from jobs._run.exit_codes import OK, UNEXPECTED

FINE, ADVICE, WRONG = "fine", "advice", "wrong"


@dataclass(frozen=True)
class Finding:
    """One line: what was looked at, how it is, what was found, what to do.

    code: the exit code of the command where this is wrong.
    """

    check: str
    status: str
    found: str
    remedy: str = ""
    code: int = OK

    def line(self) -> str:
        mark = {FINE: "ok", ADVICE: "note", WRONG: "WRONG"}[self.status]
        told = f"{self.found} {self.remedy}".strip()
        return f"{mark:<6} {self.check:<12} {told}"


def fine(check: str, found: str) -> Finding:
    """Nothing to do."""
    return Finding(check, FINE, found)


def advice(check: str, found: str, remedy: str = "") -> Finding:
    """It works; this would be better, or is to be known."""
    return Finding(check, ADVICE, found, remedy)


def wrong(check: str, found: str, remedy: str, code: int = UNEXPECTED) -> Finding:
    """Something will not work before the remedy is taken."""
    return Finding(check, WRONG, found, remedy, code)


def exit_code(findings: list[Finding]) -> int:
    """That of the first that is wrong; 0 where none is."""
    return next((f.code for f in findings if f.status == WRONG), OK)
