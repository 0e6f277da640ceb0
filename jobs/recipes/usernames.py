"""User names of posts to O: `python -m jobs.recipes.usernames IN… OUT` (Broad Twitter Corpus).

BTC tags `@` and the name after it as two entities; WNUT17 leaves user names untagged. A general
model should follow one of them, and a name in the text is what readers look for: WNUT17's way.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from annotators.core.chunks import iob2


def untag(tokens: Sequence[str], tags: Sequence[str]) -> list[str]:
    """Tags with `@` and the token that follows it set to O, and so any token that opens with @."""
    out = list(tags)
    for index, token in enumerate(tokens):
        if token.startswith("@") or (index and tokens[index - 1] == "@"):
            out[index] = "O"
            after = index + 1
            if after < len(out) and out[after].startswith("I-"):
                out[after] = "B" + out[after][1:]
    return out


def main(
    files: Annotated[list[Path], typer.Argument(help="IOB2 files, the last one is written")],
) -> None:
    """Write all files but the last into the last, user names untagged."""
    *sources, out = files
    with out.open("w", encoding="utf-8") as written:
        for source in sources:
            with source.open(encoding="utf-8", newline="\n") as lines:
                for sentence in iob2.parse(lines).sentences:
                    tags = untag(sentence.tokens, sentence.tags)
                    written.write(iob2.block(zip(sentence.tokens, tags, strict=True)))


if __name__ == "__main__":
    typer.run(main)
