"""SentenceDetector: `document` annotations to sentences, by Spark NLP's rules.

in:  document
out: document, one annotation per sentence; metadata `sentence` numbers them within the row

    SentenceDetector().setInputCols(["document"]).setOutputCol("sentence")
"""

from __future__ import annotations

from typing import Any, ClassVar

from pyspark import keyword_only

from annotators._spark.sentence_params import HasSentenceParams
from annotators.core.plan import Kernel
from annotators.core.sentences.kernel import DetectSentences
from annotators.core.sentences.rules import SentenceRules
from annotators.params import HasReadAsSeen, flag_param, setter, text_param
from annotators.schema import DOCUMENT, AnnotationLayout


class SentenceDetector(HasSentenceParams, HasReadAsSeen):
    """Splits documents into sentences with the same rules, and so the same spans, as Spark NLP.

    Beyond Spark NLP, both off by default: `breakAtLines` lets headings, list items and blank lines
    end sentences, as they do in clinical notes; `readAsSeen` reads past other blanks, HTML and
    characters without a width (core/seen.py).
    """

    inputAnnotatorTypes: ClassVar[list[str]] = [DOCUMENT]
    outputAnnotatorType = DOCUMENT
    _reads = ((),)

    useAbbreviations = flag_param("useAbbreviations", "whether abbreviations keep a sentence going")
    detectLists = flag_param("detectLists", "whether list items start sentences")
    customBoundsStrategy = text_param(
        "customBoundsStrategy", "where the matched bound goes: none, append or prepend"
    )
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
        readAsSeen: bool | None = None,
        errorCol: str | None = None,
    ) -> None:
        params: dict[str, Any] = self._input_kwargs
        super().__init__()
        self._setDefault(
            useAbbreviations=True,
            detectLists=True,
            customBoundsStrategy="none",
            breakAtLines=False,
            readAsSeen=False,
        )
        self.setParams(**params)

    setUseAbbreviations = setter(
        useAbbreviations, "Set whether abbreviations keep a sentence going."
    )
    setDetectLists = setter(detectLists, "Set whether list items start sentences.")
    setCustomBoundsStrategy = setter(
        customBoundsStrategy,
        "Set where the text that a custom bound matched goes: none, append or prepend.",
    )
    setBreakAtLines = setter(
        breakAtLines, "Set whether headings, list items and blank lines end sentences."
    )

    def _kernel(self) -> Kernel:
        return DetectSentences(
            as_seen=self.getOrDefault(self.readAsSeen),
            rules=SentenceRules(
                use_abbreviations=self.getOrDefault(self.useAbbreviations),
                detect_lists=self.getOrDefault(self.detectLists),
                custom_bounds_strategy=self.getOrDefault(self.customBoundsStrategy),
                break_at_lines=self.getOrDefault(self.breakAtLines),
                **self._limits(),
            ),
        )

    def _layout(self) -> AnnotationLayout:
        return AnnotationLayout(DOCUMENT, ("sentence",))
