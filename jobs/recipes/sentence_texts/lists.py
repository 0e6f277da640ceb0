"""Lists of notes: bulleted, numbered, nested, keys and values, orders, and lists inside a line."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from jobs.recipes.sentence_texts.drawn_words import dose, number_word
from jobs.recipes.sentence_texts.marks import END
from jobs.recipes.sentence_texts.note_phrases import (
    BULLETS,
    NUMBERED,
    PHRASES,
    phrase_line,
    telegram,
)
from jobs.recipes.sentence_texts.pools import Pools
from jobs.recipes.sentence_texts.prose import paragraph, varied, wrapped
from jobs.recipes.sentence_texts.words import DRUGS, ROMAN


def list_item(pools: Pools, rng: Random) -> str:
    """Draw what stands behind a bullet: a phrase, a dose, sentences, with a key before or none."""
    draw = rng.random()
    if draw < 0.30:
        text = rng.choice(PHRASES["i"]) + rng.choice(("", "", ".", "\t")) + END
    elif draw < 0.38:
        text = telegram(rng)
    elif draw < 0.46:
        text = dose(rng)
        text = (text if rng.random() < 0.7 else text.rstrip(".")) + END
    elif draw < 0.52:
        text = rng.choice(pools.items) + END
    elif draw < 0.58:
        text = _fragment(pools, rng) + END
    elif draw < 0.64:
        text = phrase_line(rng) + END
    elif draw < 0.74:
        text = rng.choice(pools.clinical).rstrip(".") + END
    else:
        text = paragraph(
            [varied(s, rng) for s in rng.sample(pools.clinical, rng.choice((1, 1, 2, 3)))], rng
        )
    if rng.random() < 0.35:
        text = f"{rng.choice(PHRASES['k'])}: {text}"
    return text


def markers(rng: Random) -> Callable[[int], str]:
    """Draw what opens the items of a list, by their number: bullets, numbers, letters, nothing."""
    kind, bullet, upper = rng.random(), rng.choice(BULLETS), rng.randint(1, 9)
    form = rng.choice(NUMBERED)
    letters = rng.choice(("abcdefghij", "ABCDEFGHIJ"))
    roman = rng.choice((ROMAN, [n.lower() for n in ROMAN]))
    if kind < 0.45:
        return lambda _: bullet
    if kind < 0.72:
        return form.format
    if kind < 0.75:
        return lambda number: f"{upper}." + form.format(number)
    if kind < 0.85:
        return lambda number: form.format((letters if kind < 0.83 else roman)[number - 1])
    return lambda _: ""


def listed(pools: Pools, rng: Random, width: int | None) -> str:
    """Draw a list, one in five nested, hard-wrapped where a width is given."""
    marker, inner = markers(rng), markers(rng)
    lead = rng.choice(("", "", "", "  ", "    ", "\t", "   ", "\t\t"))
    deeper = lead + rng.choice(("  ", "   ", "    ", "\t", ""))
    nested = rng.random() < 0.2
    lines = []
    for number in range(1, rng.randint(2, 8)):
        starts = [lead + marker(number)]
        if nested:
            starts += [deeper + inner(n) for n in range(1, rng.randint(1, 4))]
        for start in starts:
            line = start + list_item(pools, rng)
            if width:
                line = wrapped(line, width, rng.choice((" " * len(start), "")))
            lines.append(line)
    return rng.choice(("\n", "\n", "\n", "\n", "\n\n")).join(lines)


def _fragment(pools: Pools, rng: Random) -> str:
    """Cut a few words out of a sentence, as an item of a list without a stop."""
    words = rng.choice(
        rng.choice(pools.documents) if rng.random() < 0.5 else pools.clinical
    ).split()
    first = rng.randrange(len(words))
    text = " ".join(words[first : first + rng.randint(1, 9)]).strip(" .,;:?!")
    return (text[:1].upper() + text[1:]) if rng.random() < 0.6 else text


def drug_lines(rng: Random) -> str:
    """A list of drugs, each with the line that says how it is taken."""
    lines = []
    for _ in range(rng.randint(1, 6)):
        form = rng.choice(("tablet", "capsule", "mg/mL injection", "cream", "inhaler", "mg tab"))
        often = rng.choice(
            ("daily", "2 (two) times a day", "every 6 (six) hours as needed", "nightly")
        )
        stop = rng.choice((".", ""))
        lines.append(f"{rng.choice(DRUGS)} {number_word(rng)} {rng.choice(('mg ', ''))}{form}{END}")
        more = rng.choice(("", "", f" Stop if dizzy{stop}{END}", f" Max. 3 a day{stop}{END}"))
        taken = f"Take {rng.randint(1, 3)} by mouth {often}{stop if not more else '.'}{END}"
        lines.append(taken + more)
    return "\n".join(lines)


def key_lines(rng: Random) -> str:
    """Draw lines of a key, or a time, and its value."""
    stop = rng.choice(("", "", "."))
    colon = rng.choice((": ", ": ", ":", " ", ":\t", " - ", "  "))
    long = rng.random() < 0.4
    timed = rng.random() < 0.1
    lines = []
    for _ in range(rng.randint(2, 8)):
        key = rng.choice(PHRASES["k"])
        if timed:
            key = f"{rng.randint(0, 23):02d}{rng.choice((':', ''))}{rng.randint(0, 59):02d}"
        key = key.upper() if rng.random() < 0.2 else key
        value = phrase_line(rng) if long else rng.choice(PHRASES["v"])
        lines.append(key + colon + value + stop + END)
    return "\n".join(lines)


def inline_list(pools: Pools, rng: Random) -> str:
    """Draw a numbered list inside a line."""
    form = rng.choice(("{}. ", "{}) ", "({}) "))
    items = (s.rstrip(".") for s in rng.sample(pools.items, 3))
    lead = rng.choice(("", "", "The plan is as follows: ", "Diagnoses: ", "Imp: "))
    return lead + " ".join(f"{form.format(i)}{item}.{END}" for i, item in enumerate(items, 1))
