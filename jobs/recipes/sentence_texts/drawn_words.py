"""Draws that asides, endings and list items share: numbers, doses, names, references."""

from __future__ import annotations

from random import Random

from jobs.recipes.sentence_texts.words import (
    DOSES,
    DRUGS,
    FIRST,
    GENUS,
    MEASURES,
    NAMES,
    REFERENCES,
    ROMAN,
    TITLES,
    UNITS,
    spaced,
)


def number_word(rng: Random) -> str:
    """Draw a whole number, or one with a decimal."""
    whole = rng.choice((rng.randint(1, 9), rng.randint(10, 99), rng.randint(100, 1200)))
    return rng.choice(
        (f"{whole}", f"{whole}", f"{whole}.{rng.randint(0, 9)}", f".{rng.randint(1, 75)}")
    )


def dose(rng: Random) -> str:
    """Draw a drug, its amount and abbreviations of how it is taken."""
    routes = " ".join(rng.sample(DOSES, rng.choice((1, 1, 2, 2, 3))))
    unit = rng.choice(("mg", "mcg", "mg", "units", "mL"))
    return f"{rng.choice(DRUGS)} {number_word(rng)} {unit} {routes}"


def acronym(rng: Random) -> str:
    """Draw capitals, with digits or brackets or none; now and then a unit."""
    letters = "".join(
        rng.choice("ABCDEFGHIKLMNOPRSTUVXYZ") for _ in range(rng.choice((2, 2, 3, 3, 4, 5)))
    )
    forms = (
        *(
            letters,
            letters,
            f"{letters[0]}{rng.randint(1, 99)}",
            f"{letters[:2]}-{rng.randint(1, 33)}",
        ),
        *(f"({letters})", f"{letters}s", f"{rng.choice(MEASURES)}", f"{letters[0]}-{letters[1]}"),
        *(f"{rng.randint(1, 900)} {rng.choice(MEASURES)}", f"{letters[0].lower()}{letters[1:]}"),
    )
    return rng.choice(forms)


def person(rng: Random) -> str:
    """Draw a name with titles, initials or degrees."""
    initials = " ".join(
        f"{rng.choice('ABCDEFGHJKLMNPRSTVW')}." for _ in range(rng.choice((1, 1, 2)))
    )
    name = rng.choice(NAMES) if rng.random() < 0.9 else rng.choice("ABCDEFGHJKLMNPRSTW")
    plain = f"{rng.choice(TITLES[:6])} {name}{rng.choice(('', '', '', ','))}"
    forms = (
        *(
            plain,
            plain,
            f"{plain}, M.D.,",
            f"{initials} {name}",
            f"{rng.choice(FIRST)} {initials} {name}",
        ),
        *(f"{rng.choice(TITLES[:4])} {initials} {name}", f"{name} et al.", f"{name} {initials}"),
        *(f"{name} Jr.", f"St. {name}'s Hospital", f"Mt. {name} Medical Center", f"Dr. {name}'s"),
        *(f"{name}, Inc.,", f"{name} & Co., Ltd.,", f"({name} Corp., {rng.choice(NAMES)}, U.S.A.)"),
        *(f"{rng.choice(FIRST)} {name}, Ph.D.,", f"U.S. {name}", f"the U.S. {name}"),
    )
    return rng.choice(forms)


def reference(rng: Random) -> str:
    """Draw a reference: to a figure, a table, a number."""
    ref, letter = rng.choice(REFERENCES), rng.choice("ABCDE")
    n = rng.choice(ROMAN[:4]) if rng.random() < 0.08 else rng.randint(1, 40)
    return rng.choice((f"({ref} {n})", f"(see {ref} {n}{letter})", f"in {ref} {n}", f"{ref} {n}"))


def organism(rng: Random) -> str:
    """Draw an organism with its genus abbreviated."""
    return spaced(rng.choice(GENUS))


def clock_time(rng: Random) -> str:
    """Draw a time of the day."""
    hour = rng.randint(1, 12)
    time = rng.choice((f"{hour}:{rng.randint(0, 59):02d}", f"{hour}"))
    return f"at {time} {rng.choice(('a.m.', 'p.m.', 'A.M.', 'P.M.'))}"


def measure(rng: Random) -> str:
    """Draw a number with an abbreviated unit."""
    return f"{number_word(rng)} {rng.choice(UNITS)}"
