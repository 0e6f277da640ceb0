"""SentenceDetector: `document` annotations to sentences, by Spark NLP's rules.

in:  document
out: document, one annotation a sentence; metadata `sentence` numbers them within the row

    SentenceDetector().setInputCols(["document"]).setOutputCol("sentence")
"""

from __future__ import annotations

from typing import Any, ClassVar

from pyspark import keyword_only

from annotators._exploding import HasExplodeSentences
from annotators._stage import AnnotatorStage
from annotators.core.errors import ParamError
from annotators.core.kernels import DetectSentences
from annotators.core.plan import Kernel
from annotators.core.sentences import SentenceRules
from annotators.params import count_param, flag_param, text_param, texts_param
from annotators.schema import DOCUMENT, Layout

UNBOUNDED = 99_999
"""Spark NLP's Python default of maxLength, which its JVM side takes as no limit; so do we."""

STRATEGIES = ("none", "append", "prepend")


class SentenceDetector(HasExplodeSentences, AnnotatorStage):
    """Splits documents into sentences with the same rules, and so the same spans, as Spark NLP.

    Beyond Spark NLP: `breakAtLines`, off by default, lets headings, list items and blank lines end
    sentences, as they do in clinical notes.
    """

    inputAnnotatorTypes: ClassVar[list[str]] = [DOCUMENT]
    outputAnnotatorType = DOCUMENT
    _reads = ((),)

    useAbbreviations = flag_param("useAbbreviations", "whether abbreviations keep a sentence going")
    detectLists = flag_param("detectLists", "whether list items start sentences")
    customBounds = texts_param("customBounds", "regular expressions that end sentences")
    customBoundsStrategy = text_param(
        "customBoundsStrategy", "where the matched bound goes: none, append or prepend"
    )
    useCustomBoundsOnly = flag_param(
        "useCustomBoundsOnly", "whether only customBounds end sentences"
    )
    splitLength = count_param(
        "splitLength", "characters after which a sentence is split at a blank"
    )
    minLength = count_param(
        "minLength", "fewest characters of a sentence; shorter ones are dropped"
    )
    maxLength = count_param("maxLength", "most characters of a sentence; longer ones are dropped")
    breakAtLines = flag_param(
        "breakAtLines",
        "whether headings, list items and blank lines end sentences (not Spark NLP's)",
    )

    @keyword_only
    def __init__(
        self,
        *,
        inputCols: list[str] | None = None,
        outputCol: str | None = None,
        useAbbreviations: bool | None = None,
        detectLists: bool | None = None,
        customBounds: list[str] | None = None,
        customBoundsStrategy: str | None = None,
        useCustomBoundsOnly: bool | None = None,
        explodeSentences: bool | None = None,
        keepEmptyRows: bool | None = None,
        splitLength: int | None = None,
        minLength: int | None = None,
        maxLength: int | None = None,
        breakAtLines: bool | None = None,
        errorCol: str | None = None,
    ) -> None:
        params: dict[str, Any] = self._input_kwargs
        super().__init__()
        self._setDefault(
            useAbbreviations=True,
            detectLists=True,
            customBounds=[],
            customBoundsStrategy="none",
            useCustomBoundsOnly=False,
            minLength=0,
            maxLength=UNBOUNDED,
            breakAtLines=False,
        )
        self.setParams(**params)

    def setUseAbbreviations(self, value: bool) -> SentenceDetector:
        """Set whether abbreviations keep a sentence going."""
        return self.setParams(useAbbreviations=value)

    def setDetectLists(self, value: bool) -> SentenceDetector:
        """Set whether list items start sentences."""
        return self.setParams(detectLists=value)

    def setCustomBounds(self, value: list[str]) -> SentenceDetector:
        """Set regular expressions that end sentences."""
        return self.setParams(customBounds=value)

    def setCustomBoundsStrategy(self, value: str) -> SentenceDetector:
        """Set where the text that a custom bound matched goes: none, append or prepend."""
        return self.setParams(customBoundsStrategy=value)

    def setUseCustomBoundsOnly(self, value: bool) -> SentenceDetector:
        """Set whether only customBounds end sentences."""
        return self.setParams(useCustomBoundsOnly=value)

    def setSplitLength(self, value: int) -> SentenceDetector:
        """Set the characters after which a sentence is split at a blank."""
        return self.setParams(splitLength=value)

    def setMinLength(self, value: int) -> SentenceDetector:
        """Set the fewest characters of a sentence."""
        return self.setParams(minLength=value)

    def setMaxLength(self, value: int) -> SentenceDetector:
        """Set the most characters of a sentence."""
        return self.setParams(maxLength=value)

    def setBreakAtLines(self, value: bool) -> SentenceDetector:
        """Set whether headings, list items and blank lines end sentences."""
        return self.setParams(breakAtLines=value)

    def _kernel(self) -> Kernel:
        strategy = self.getOrDefault(self.customBoundsStrategy)
        if strategy not in STRATEGIES:
            raise ParamError(
                f"SentenceDetector: customBoundsStrategy '{strategy}' is unknown; "
                f"it must be one of {', '.join(STRATEGIES)}."
            )
        bounds: list[str] = self.getOrDefault(self.customBounds)
        longest = self.getOrDefault(self.maxLength)
        split = self.splitLength
        return DetectSentences(
            SentenceRules(
                use_abbreviations=self.getOrDefault(self.useAbbreviations),
                detect_lists=self.getOrDefault(self.detectLists),
                custom_bounds=tuple(bounds),
                custom_bounds_strategy=strategy,
                use_custom_bounds_only=self.getOrDefault(self.useCustomBoundsOnly),
                min_length=self.getOrDefault(self.minLength),
                max_length=None if longest == UNBOUNDED else longest,
                split_length=self.getOrDefault(split) if self.isDefined(split) else None,
                break_at_lines=self.getOrDefault(self.breakAtLines),
            )
        )

    def _layout(self) -> Layout:
        return Layout(DOCUMENT, ("sentence",))
