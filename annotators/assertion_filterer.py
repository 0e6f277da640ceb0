"""AssertionFilterer: chunks by what the note says of them.

in:  document (sentences), chunk, assertion
out: chunk, those that stay; metadata as before, and `assertion`

    AssertionFilterer(whiteList=["present"])
        .setInputCols(["sentence", "ner_chunk", "assertion"]).setOutputCol("present_chunk")
"""

from __future__ import annotations

import re
from typing import Any, ClassVar

from pyspark import keyword_only

from annotators._spark.stage import AnnotatorStage
from annotators.core.assertion.filtering import FilterChunks
from annotators.core.errors import ParamError
from annotators.core.plan import Kernel
from annotators.params import flag_param, setter, text_param, texts_param
from annotators.schema import ASSERTION, CHUNK, DOCUMENT, AnnotationLayout

CRITERIA = ("isin", "regex")


class AssertionFilterer(AnnotatorStage):
    """Keeps or drops chunks by their status."""

    inputAnnotatorTypes: ClassVar[list[str]] = [DOCUMENT, CHUNK, ASSERTION]
    outputAnnotatorType = CHUNK
    _reads = ((), ("entity", "sentence", "chunk", "confidence"), ())

    criteria = text_param("criteria", "isin: by whiteList; regex: by regex")
    whiteList = texts_param("whiteList", "statuses whose chunks stay; empty: all")
    blackList = texts_param("blackList", "statuses whose chunks go (not Spark NLP's)")
    regex = texts_param("regex", "expressions; chunks whose status holds a match of one stay")
    caseSensitive = flag_param("caseSensitive", "whether lists and expressions are case-sensitive")

    @keyword_only
    def __init__(
        self,
        *,
        inputCols: list[str] | None = None,
        outputCol: str | None = None,
        criteria: str | None = None,
        whiteList: list[str] | None = None,
        blackList: list[str] | None = None,
        regex: list[str] | None = None,
        caseSensitive: bool | None = None,
        errorCol: str | None = None,
    ) -> None:
        params: dict[str, Any] = self._input_kwargs
        super().__init__()
        self._setDefault(criteria="isin", whiteList=[], blackList=[], regex=[], caseSensitive=False)
        self.setParams(**params)

    setCriteria = setter(criteria, "Set what decides: isin (whiteList) or regex.")
    setWhiteList = setter(whiteList, "Set the statuses whose chunks stay; an empty list keeps all.")
    setBlackList = setter(blackList, "Set the statuses whose chunks go.")
    setRegex = setter(regex, "Set expressions; chunks whose status holds a match of one stay.")
    setCaseSensitive = setter(
        caseSensitive, "Set whether lists and expressions are case-sensitive."
    )

    def _kernel(self) -> Kernel:
        criteria: str = self.getOrDefault(self.criteria)
        if criteria not in CRITERIA:
            raise ParamError(
                f"AssertionFilterer: param 'criteria' is '{criteria}'; there are "
                f"{', '.join(CRITERIA)}."
            )
        wanted: list[str] = self.getOrDefault(self.whiteList)
        dropped: list[str] = self.getOrDefault(self.blackList)
        regex: list[str] = self.getOrDefault(self.regex)
        try:
            list(map(re.compile, regex))
        except re.error as wrong:
            raise ParamError(
                f"AssertionFilterer: param 'regex': bad pattern: {wrong.msg}."
            ) from None
        by_list = criteria == "isin"
        return FilterChunks(
            wanted=tuple(wanted) if by_list else (),
            dropped=tuple(dropped),
            regex=() if by_list else tuple(regex),
            case_sensitive=self.getOrDefault(self.caseSensitive),
        )

    def _layout(self) -> AnnotationLayout:
        return AnnotationLayout(
            CHUNK,
            ("entity", "sentence", "chunk", "confidence", "assertion"),
            optional=("confidence",),
        )
