"""The kernel of Tokenizer: sentences (or documents) to tokens."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from annotators.core.annotations import Annotations
from annotators.core.seen import letters, seen
from annotators.core.spans import span_annotations
from annotators.core.tokens.rules import TokenRules
from annotators.core.tokens.splitting import compile_rules


@dataclass(frozen=True)
class Tokenize:
    """Sentences (or documents) to tokens; a token carries its sentence's number.

    as_seen: tokens are found in the text as a reader sees it, and are without what has no width;
    their spans are those of the text.
    Raises ParamError when it is made where a pattern of the rules cannot be used.
    """

    rules: TokenRules = TokenRules()
    as_seen: bool = False

    def __post_init__(self) -> None:
        compile_rules(self.rules)

    def __call__(self, sentences: Annotations) -> Annotations:
        """The tokens of R rows of sentences, with offsets into the row's text."""
        texts = list(map(seen, sentences.result)) if self.as_seen else sentences.result
        tokens = compile_rules(self.rules)(texts)
        if self.as_seen and not all(map(str.isascii, texts)):
            tokens = replace(tokens, result=list(map(letters, tokens.result)))
        numbers = np.repeat(np.asarray(sentences.fields["sentence"], np.int32), tokens.counts)
        return span_annotations(tokens, sentences, numbers)
