"""Continued pretraining by masked words: model, batches and loss of `notemill adapt`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from transformers import BertForMaskedLM

from jobs._training.data import IGNORED, DataError
from jobs._training.masking import Block, blocks, masked
from jobs._training.optimise import Clock
from jobs._training.trainer import ClockedTrainer, arguments, prepare


class MaskedTrainer(ClockedTrainer):
    """A Trainer whose vocabulary layer sees the masked positions only: a fifth of its work."""

    def __init__(self, *, tokenizer: Any, **rest: Any) -> None:
        super().__init__(**rest)
        self.tokenizer, self.random = tokenizer, np.random.default_rng(self.args.seed)

    def collate(self, rows: Sequence[Block]) -> dict[str, torch.Tensor]:
        vocabulary = self.model.config.vocab_size
        return masked(rows, self.tokenizer.mask_token_id, vocabulary, self.random)

    def compute_loss(
        self, model: Any, inputs: Any, return_outputs: bool = False, num_items_in_batch: Any = None
    ) -> Any:
        labels = inputs.pop("labels")
        wanted = labels != IGNORED
        with self.accelerator.autocast():  # which the Trainer leaves to model.forward
            logits = model.cls(model.bert(**inputs).last_hidden_state[wanted])
        loss = torch.nn.functional.cross_entropy(logits.float(), labels[wanted])
        return (loss, None) if return_outputs else loss


def adapt(
    base: Path, out: Path, texts: Sequence[str], settings: Mapping[str, Any], threads: int
) -> dict[str, Any]:
    """Train on the texts and write OUT/hf; give what the run was. Raises DataError on no text."""
    tokenizer = prepare(base, settings["seed"], threads)
    model = BertForMaskedLM.from_pretrained(
        base,
        dtype=torch.float32,
        use_safetensors=True,
        hidden_dropout_prob=settings["dropout"],
        attention_probs_dropout_prob=settings["dropout"],
        tie_word_embeddings=True,
    )
    length = min(settings["block"], model.config.max_position_embeddings)
    found = blocks(texts, tokenizer, length)
    if not found:
        raise DataError("the texts have fewer wordpieces than one block needs")
    trainer = MaskedTrainer(
        model=model,
        args=arguments(out, settings),
        rows=found,
        tokenizer=tokenizer,
        clock=Clock(settings["minutes"], settings["warmup"], "linear"),
    )
    trainer.train()
    model.save_pretrained(out / "hf")
    tokenizer.save_pretrained(out / "hf")
    losses = [row["loss"] for row in trainer.state.log_history if "loss" in row]
    return {
        "blocks": len(found),
        "wordpieces": sum(len(b.input_ids) - 2 for b in found),
        "steps": trainer.state.global_step,
        "epochs_done": round(float(trainer.state.epoch or 0), 2),
        "loss": losses[-1] if losses else None,
    }
