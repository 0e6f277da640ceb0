"""Words that hold stops and end no sentence, to be set between two words of one."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from random import Random

from jobs.recipes.sentence_texts.drawn_words import (
    acronym,
    clock_time,
    dose,
    measure,
    number_word,
    organism,
    person,
    reference,
)
from jobs.recipes.sentence_texts.words import (
    CLINICAL,
    DOSES,
    DRUGS,
    FINAL,
    LATIN,
    MONTHS,
    NAMES,
    SINCE,
    UNITS,
)


def _latin(rng: Random) -> str:
    n, mark = (
        rng.randint(1, 99),
        rng.choice(("e.g.", "i.e.", "e.g.,", "i.e.,", "cf.", "viz.", "esp.")),
    )
    named = (f"({mark} {rng.choice(DRUGS)})", f"({mark} {rng.choice(NAMES)})")
    counted = (f"approx. {n}", f"ca. {n}", f"vs. {n}%", f"{measure(rng)} ({_bare(rng)})")
    return rng.choice((mark, *named, "vs.", "approx.", *counted))


def _bare(rng: Random) -> str:
    return rng.choice((f"range {rng.randint(1, 20)}", f"{rng.choice(DRUGS)} only", "see below"))


def _agent(rng: Random) -> str:
    return rng.choice(("with ", "by ", "per ", "to ", "")) + person(rng)


def _date(rng: Random) -> str:
    month, day, year = rng.choice(MONTHS), rng.randint(1, 31), rng.randint(1985, 2024)
    dated = (f"on {month} {day}, {year}", f"on {day} {month} {year}", f"on {day} {month}")
    return rng.choice((f"on {month} {day}", f"{rng.choice(SINCE)} {month} {year}", *dated))


def _shorthand(rng: Random) -> str:
    return rng.choice(CLINICAL)


def _joining(rng: Random) -> str:
    return rng.choice(LATIN)


def _citation(rng: Random) -> str:
    name, n = rng.choice(NAMES), rng.randint(1, 60)
    return rng.choice(
        (f"({name} et al.)", f"({name} et al., 2009)", f"{name} et al. [{n}]", "et al.")
    )


def _figures(rng: Random) -> str:
    n = rng.randint(1, 99)
    sizes = f"({number_word(rng)} x {number_word(rng)} cm)"
    return rng.choice((f"(p < .0{n})", f"P = .{n}", sizes, "...", f"(no. {n})", f"No. {n}"))


def _bracketed(rng: Random) -> str:
    inner = (dose(rng), measure(rng), rng.choice(FINAL), rng.choice(UNITS), rng.choice(DOSES))
    spread = rng.choice(("mean +/- S.D.", "± s.e.", "+/- S.E.M.", "sic!", "Grade 3.", "neg."))
    return rng.choice("()[]()()").translate(_WRAP).format(rng.choice((*inner, spread)))


_WRAP = str.maketrans({"(": "({})", ")": "({})", "[": "[{}]", "]": "[{}]"})


def _dotted(rng: Random) -> str:
    one, two = acronym(rng).strip("()"), rng.choice(NAMES)
    named = (f"www.{two.lower()}.com", f"{two}.{one}@mail.org", f'("{rng.choice(DRUGS)}.")')
    return rng.choice((f"{one}.{two}", f"{one}.{one}", f"{two.lower()}.org", *named))


ASIDES = (
    *(reference, _latin, _agent, _agent, organism, dose, dose, clock_time, _date, measure),
    *(_shorthand, _shorthand, _joining, _citation, _figures, _bracketed, _bracketed, _dotted),
)
_BEFORE_SMALL = (dose, clock_time, measure, _bracketed, _shorthand, _joining)
"""Asides that, with a capital behind them, would read as the end of a sentence."""


def with_aside(words: Sequence[str], rng: Random) -> list[str]:
    """Set an aside between two of the words."""
    drawn = rng.choice(ASIDES)
    small = drawn in _BEFORE_SMALL
    places = [i for i in range(1, len(words)) if words[i][:1].islower() or not small]
    if not places:
        return list(words)
    place = rng.choice(places)
    return [*words[:place], drawn(rng), *words[place:]]


_CONSONANT = "bcdfghklmnpqrstvxz"


def shortened(words: Sequence[str], rng: Random) -> list[str]:
    """Abbreviate a word as a hasty writer does: `drain. fluid`, `lymph. infiltrate`."""
    long = [
        i
        for i, (word, after) in enumerate(pairwise(words))
        if len(word) > 5 and word.isalpha() and word[1:].islower() and after[:1].islower()
    ]
    if not long:
        return list(words)
    place = rng.choice(long)
    word = words[place]
    cuts = [n for n in range(3, len(word) - 1) if word[n - 1] in _CONSONANT]
    short = word[: rng.choice(cuts)] + "." if cuts else word
    return [*words[:place], short, *words[place + 1 :]]
