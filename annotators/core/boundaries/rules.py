"""What the learned sentence detector can be told: the params of SentenceDetectorDLModel."""

from __future__ import annotations

import re
from dataclasses import dataclass

SPARK_NLP_IMPOSSIBLE_PENULTIMATES: tuple[str, ...] = (
    *("Bros", "No", "al", "vs", "etc", "Fig", "Dr", "Prof", "PhD", "MD", "Co", "Corp", "Inc"),
    *("bros", "VS", "Vs", "ETC", "fig", "dr", "prof", "PHD", "phd", "md", "co", "corp", "inc"),
    *("Jan", "Feb", "Mar", "Apr", "Jul", "Aug", "Sep", "Sept", "Oct", "Nov", "Dec", "St", "st"),
    *("AM", "PM", "am", "pm", "e.g", "f.e", "i.e"),
)
"""The list that Spark NLP documents for the SentenceDetectorDL trainer (its model sets none)."""


@dataclass(frozen=True)
class BoundaryRules:
    """The parameters of Spark NLP's SentenceDetectorDLModel, and the threshold.

    custom_bounds: regular expressions; a sentence ends after each match, which stays in it.
    use_custom_bounds_only: nothing but the custom bounds ends a sentence, not even a blank line.
    min_length, max_length: a sentence with fewer or more characters is left out; None, the default,
        leaves out none, as Spark NLP's JVM side does (99999 is but what its Python side shows).
    split_length: a longer sentence is cut at white space into pieces of at most so many characters;
        a single longer word stays whole. None: no cutting.
    impossible_penultimates: a full stop right after one of these words never ends a sentence. Words
        are compared whole; Spark NLP compares suffixes, so that its "al" also forbids "renal.".
    threshold: a candidate ends a sentence from this probability on.

    Raises ValueError for limits that contradict each other and for a bound that is no regular
    expression or that matches the empty string.
    """

    custom_bounds: tuple[str, ...] = ()
    use_custom_bounds_only: bool = False
    min_length: int = 0
    max_length: int | None = None
    split_length: int | None = None
    impossible_penultimates: tuple[str, ...] = ()
    threshold: float = 0.5

    def __post_init__(self) -> None:
        longest = self.max_length
        if self.min_length < 0 or (longest is not None and longest < self.min_length):
            raise ValueError(
                f"min_length is {self.min_length} and max_length {longest}: "
                "expected 0 <= min_length <= max_length"
            )
        if self.split_length is not None and self.split_length < 1:
            raise ValueError(f"split_length is {self.split_length}: expected 1 or more, or None")
        if not 0.0 <= self.threshold <= 1.0:
            raise ValueError(f"threshold is {self.threshold}: expected a probability, 0 to 1")
        for bound in self.custom_bounds:
            _check_bound(bound)


def _check_bound(bound: str) -> None:
    try:
        matches_nothing = re.compile(bound).match("") is not None
    except re.error as error:
        raise ValueError(
            f"custom bound {bound!r} is not a regular expression ({error}): "
            "escape it with re.escape if you mean the text itself"
        ) from error
    if matches_nothing:
        raise ValueError(f"custom bound {bound!r} matches the empty string: expected some text")
