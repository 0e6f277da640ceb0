"""Notes to sentences and tokens without Spark, for training and measuring: lines end sentences."""

from __future__ import annotations

from annotators.core.documents import AssembleDocuments
from annotators.core.plan import Step
from annotators.core.sentences.kernel import DetectSentences
from annotators.core.sentences.rules import SentenceRules
from annotators.core.tokens.kernel import Tokenize

TO_TOKENS = (
    Step("DocumentAssembler", AssembleDocuments(), ("text",), "document"),
    Step(
        "SentenceDetector",
        DetectSentences(SentenceRules(break_at_lines=True)),
        ("document",),
        "sentence",
    ),
    Step("Tokenizer", Tokenize(), ("sentence",), "token"),
)
"""Steps from `text` to `document`, `sentence` and `token`."""
