"""Words to end a sentence with, stop included, as an abbreviation's or a number's."""

from __future__ import annotations

from random import Random

from jobs.recipes.sentence_texts.drawn_words import (
    acronym,
    clock_time,
    dose,
    measure,
    number_word,
)
from jobs.recipes.sentence_texts.words import (
    ACRONYMS,
    CARRIERS,
    COUNTED,
    FINAL,
    LETTERED,
    MONTHS,
    NAMES,
    TITLES,
    UNIT_ENDS,
    spaced,
)


def _lettered(rng: Random) -> str:
    carried = f"{rng.choice(CARRIERS)} {rng.choice('ABCDEGHIKLMNOSTVX')}"
    return rng.choice((spaced(rng.choice(LETTERED)), carried)) + "."


def _named_end(rng: Random) -> str:
    name = rng.choice((rng.choice(NAMES), rng.choice("ABCDXYZ")))
    return f"{rng.choice(('by ', 'with ', 'saw ', ''))}{rng.choice(TITLES[:4])} {name}."


def _final(rng: Random) -> str:
    return rng.choice(("and ", "in the ", "", "")) + rng.choice(FINAL)


def _bracketed_end(rng: Random) -> str:
    n = rng.randint(1, 60)
    figures = (f"(Fig. {n}).", f"(Table {n}.)", f"({n}%).", f"[{n}].", f"in Table {n}.")
    words = ('"fine."', "(see above).", "“better.”", "to 98.6 F.", "of 37.5 °C.", "(neg.).")
    return rng.choice((*figures, *words, f"({n} mg/dL).", f"in {number_word(rng)}."))


def _acronym_end(rng: Random) -> str:
    return rng.choice(("", "", "the ", "of ", "with ", "and ")) + acronym(rng) + "."


def _date_end(rng: Random) -> str:
    month = rng.choice(MONTHS)
    year = f"in {month} {rng.randint(1985, 2024)}."
    return rng.choice((f"on {month} {rng.randint(1, 31)}.", f"in {month[:-1]}.", year))


def _measured(rng: Random) -> str:
    """Draw a quantity whose unit has no stop of its own: what follows it ends the sentence."""
    unit = rng.choice(UNIT_ENDS)
    lead = rng.choice(("of ", "at ", "to ", "was ", "from ", "in ", "", "is ", "for ", "over "))
    span = rng.choice(("", "", f"{number_word(rng)}-", f"{number_word(rng)} x "))
    return f"{lead}{span}{number_word(rng)} {unit}."


def _known_acronym(rng: Random) -> str:
    return (
        f"{rng.choice(('of', 'with', 'for', 'and', 'in the', 'by', 'no'))} {rng.choice(ACRONYMS)}."
    )


def _score(rng: Random) -> str:
    """Draw a score or a value behind its acronym, `GCS 3.`, which is not a list number."""
    value = rng.choice((rng.randint(0, 20), f"-{rng.randint(1, 5)}", f"{rng.randint(0, 9)}/10"))
    return f"{rng.choice((rng.choice(ACRONYMS), acronym(rng)))} {rng.choice(('', 'of '))}{value}."


def _counted(rng: Random) -> str:
    count = rng.choice((rng.randint(0, 20), rng.randint(21, 2023)))
    return f"{spaced(rng.choice(COUNTED))} {count}."


def _short_end(rng: Random) -> str:
    """Draw a short name, as of a protein or a parent, or a unit of one letter."""
    n = rng.randint(2, 120)
    name = rng.choice("BCDFGHJKLMNPRST") + rng.choice("aeiouy") + rng.choice("bcdfgklmnprstvxz")
    name += rng.choice(("", "", "", "e", "a", "y"))
    units = (
        f"{n} degrees C.",
        f"at {n} degrees F.",
        f"1.{n} x 10(-9) M.",
        f"for {n} h.",
        "the pH.",
    )
    named = (f"{word} {name}." for word in ("of", "with", "by", "and", "from her", "to"))
    return rng.choice((*units, *named))


ENDINGS = (
    *(clock_time, dose, _lettered, _lettered, _lettered, measure, _named_end, _final),
    *(_bracketed_end, _acronym_end, _acronym_end, _date_end, _counted, _counted, _score),
    *(_short_end, _short_end, _measured, _measured, _measured, _known_acronym, dose, measure),
)


def ending(rng: Random) -> str:
    """Draw words to end a sentence with, stop included, as an abbreviation's or a number's."""
    return rng.choice(ENDINGS)(rng)
