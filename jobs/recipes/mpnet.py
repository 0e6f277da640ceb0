"""An MPNet that reads a BERT's wordpieces: `python -m jobs.recipes.mpnet MPNET BERT OUT`.

A teacher is asked with the numbers of its student's wordpieces. MPNet's wordpieces are those of
uncased BERT with other numbers, so the rows of its table are put in BERT's order, and OUT has
BERT's tokenizer. The same text gives the same hidden states as before.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

SPECIAL = {"[PAD]": "<pad>", "[CLS]": "<s>", "[SEP]": "</s>", "[MASK]": "<mask>"}


def rows(theirs: Mapping[str, int], bert: Mapping[str, int]) -> list[int]:
    """The row of MPNet's table for each number of a BERT's wordpieces, in order.

    Raises ValueError where a wordpiece of BERT's is none of MPNet's.
    """
    named = [SPECIAL.get(piece, piece) for piece in sorted(bert, key=lambda piece: bert[piece])]
    lacking = sum(piece not in theirs for piece in named)
    if lacking:
        raise ValueError(
            f"{lacking} of {len(named)} wordpieces of the BERT are not MPNet's: expected a BERT "
            "with the uncased English vocabulary"
        )
    return [theirs[piece] for piece in named]


def main(
    mpnet: Annotated[Path, typer.Argument(help="Hugging Face folder of an MPNet")],
    bert: Annotated[Path, typer.Argument(help="Hugging Face folder of the BERT")],
    out: Annotated[Path, typer.Argument(help="folder to write")],
) -> None:
    """Write MPNET to OUT with BERT's wordpieces and tokenizer."""
    import torch  # noqa: PLC0415 (an extra, as the next)
    from transformers import AutoTokenizer, MPNetModel  # noqa: PLC0415

    tokenizer = AutoTokenizer.from_pretrained(bert)
    numbers = tokenizer.get_vocab()
    order = rows(AutoTokenizer.from_pretrained(mpnet).get_vocab(), numbers)
    model = MPNetModel.from_pretrained(mpnet, add_pooling_layer=False, use_safetensors=True)
    table = model.embeddings.word_embeddings.weight.detach()[order]
    model.embeddings.word_embeddings = torch.nn.Embedding.from_pretrained(table, freeze=False)
    model.config.vocab_size = len(order)
    model.config.pad_token_id = numbers["[PAD]"]
    model.config.bos_token_id = numbers["[CLS]"]
    model.config.eos_token_id = numbers["[SEP]"]
    model.save_pretrained(out)
    tokenizer.save_pretrained(out)
    typer.echo(f"{out}: MPNet with {len(order)} wordpieces of {bert.name}")


if __name__ == "__main__":
    typer.run(main)
