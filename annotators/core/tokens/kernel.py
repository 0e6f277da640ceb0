"""The kernel of Tokenizer: sentences (or documents) to tokens."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from annotators.core.annotations import Annotations
from annotators.core.spans import span_annotations
from annotators.core.tokens.rules import TokenRules
from annotators.core.tokens.splitting import compile_rules


@dataclass(frozen=True)
class Tokenize:
    """Sentences (or documents) to tokens; a token carries its sentence's number.

    Raises ParamError when it is made where a pattern of the rules cannot be used.
    """

    rules: TokenRules = TokenRules()

    def __post_init__(self) -> None:
        compile_rules(self.rules)

    def __call__(self, sentences: Annotations) -> Annotations:
        """The tokens of R rows of sentences, with offsets into the row's text."""
        tokens = compile_rules(self.rules)(sentences.result)
        numbers = np.repeat(np.asarray(sentences.fields["sentence"], np.int32), tokens.counts)
        return span_annotations(tokens, sentences, numbers)
