"""Notes made of sections with headings, and letters."""

from __future__ import annotations

from random import Random

from jobs.recipes.sentence_texts.lists import drug_lines, inline_list, key_lines, listed
from jobs.recipes.sentence_texts.marks import END
from jobs.recipes.sentence_texts.note_phrases import PHRASES, heading, telegram
from jobs.recipes.sentence_texts.pools import Pools
from jobs.recipes.sentence_texts.prose import drawn_prose, paragraph, wrapped
from jobs.recipes.sentence_texts.words import NAMES

OPENINGS = (
    "Dear Dr. {},",
    "Dear {},",
    "Dear Ms. {}:",
    "Dear colleague,",
    "To whom it may concern,",
)
CLOSINGS = (
    *(
        "Yours sincerely,",
        "Sincerely,",
        "With kind regards",
        "Best wishes,",
        "Thank you",
        "Regards,",
    ),
)


def _letter(pools: Pools, rng: Random, width: int | None) -> str:
    """A letter: greeting, paragraphs, and the lines it is signed with."""
    body = [
        paragraph(drawn_prose(pools, rng, rng.randint(1, 5)), rng) for _ in range(rng.randint(1, 3))
    ]
    paragraphs = [wrapped(text, width) if width else text for text in body]
    signed = [rng.choice(CLOSINGS), _signature(rng)]
    signed += ["Consultant " + rng.choice(PHRASES["h"]).capitalize()] if rng.random() < 0.4 else []
    gap = rng.choice(("\n\n", "\n\n", "\n"))
    greeting = rng.choice(OPENINGS).format(rng.choice(NAMES))
    return gap.join([greeting + END, *paragraphs, "\n".join(line + END for line in signed)])


def _signature(rng: Random) -> str:
    name = f"{rng.choice('ABCDEFGHJKLMPRST')}. {rng.choice(NAMES)}"
    forms = (f"Dr. {name}", f"{name}, M.D.", f"{name}, MD, PhD", name, f"Prof. {name}", "Your team")
    return rng.choice(("", "", "Signed: ", "Electronically signed by ")) + rng.choice(forms)


def _section(pools: Pools, rng: Random, width: int | None) -> str:
    draw = rng.random()
    if draw < 0.40:
        body = paragraph(drawn_prose(pools, rng, rng.randint(1, 6)), rng)
        body = wrapped(body, width) if width else body
    elif draw < 0.75:
        body = listed(pools, rng, width)
    elif draw < 0.88:
        body = key_lines(rng)
    elif draw < 0.90:
        body = drug_lines(rng)
    elif draw < 0.93:
        body = inline_list(pools, rng)
    elif draw < 0.96:
        body = telegram(rng)
    else:
        body = rng.choice(pools.items) + END
    if rng.random() < 0.2:
        return body
    title = heading(rng)
    if draw < 0.40 and rng.random() < 0.25:
        body = f"{title}: {body}"
        return wrapped(body.replace("\n", " "), width) if width else body
    end = rng.choice((":", "", "", ""))
    return (
        title + end + rng.choice(("", "", "", " ")) + END + rng.choice(("\n", "\n", "\n\n")) + body
    )


def note(pools: Pools, rng: Random) -> str:
    """Draw a note of headings, paragraphs and lists; a quarter of them hard-wrapped."""
    width = rng.randint(55, 110) if rng.random() < 0.25 else None
    if rng.random() < 0.04:
        return _letter(pools, rng, width)
    gap = rng.choice(("\n\n", "\n\n", "\n", "\n\n\n"))
    return gap.join(_section(pools, rng, width) for _ in range(rng.randint(1, 7)))
