"""ContextualAssertion: what the note says of each chunk, by rules.

in:  document (sentences), token, chunk
out: assertion, one annotation per chunk, with its span; `result` is present, absent, possible,
     hypothetical, historical or someone_else; metadata `negation`, `certainty`, `temporality`,
     `experiencer`, `trigger`, `trigger_begin`, `trigger_end`, `section`, `chunk`, `sentence`

    ContextualAssertion.pretrained()
        .setInputCols(["sentence", "token", "ner_chunk"]).setOutputCol("assertion")
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

from pyspark import keyword_only

from annotators._spark.rule_tables import HasHeadings, packaged_table, rows_only, table_lines
from annotators.core.assertion.kernel import AssertChunks, AssertionRules
from annotators.core.assertion.rules import HIDE, REGEX, STOP, Rule, parse
from annotators.core.assertion.statuses import FIELDS, OPTIONAL
from annotators.core.errors import ParamError
from annotators.core.plan import Kernel
from annotators.params import counts_param, flag_param, setter, text_param, texts_param
from annotators.schema import ASSERTION, CHUNK, DOCUMENT, TOKEN, AnnotationLayout

PACKAGED = "contextual_assertion_clinical"

_OWN = (
    ("prefixKeywords", "before", ""),
    ("suffixKeywords", "after", ""),
    ("prefixRegexPatterns", "before", REGEX),
    ("suffixRegexPatterns", "after", REGEX),
    ("exceptionKeywords", "none", ""),
    ("exceptionRegexPatterns", "none", REGEX),
)
"""The params of triggers: the side that each is for, and what marks its patterns."""


class ContextualAssertion(HasHeadings):
    """Finds triggers around each chunk, as ConText does, and says what they say of it.

    `pretrained()` has the rules and headings that come with Notemill. Keywords and patterns, alone
    or beside these, give the status in `assertion`; `addRules` reads rules of any status.
    """

    inputAnnotatorTypes: ClassVar[list[str]] = [DOCUMENT, TOKEN, CHUNK]
    outputAnnotatorType = ASSERTION
    _reads = (("sentence",), (), ("sentence",))

    prefixKeywords = texts_param("prefixKeywords", "words that say `assertion` of chunks behind")
    suffixKeywords = texts_param("suffixKeywords", "words that say `assertion` of chunks before")
    prefixRegexPatterns = texts_param("prefixRegexPatterns", "prefixKeywords as expressions")
    suffixRegexPatterns = texts_param("suffixRegexPatterns", "suffixKeywords as expressions")
    exceptionKeywords = texts_param("exceptionKeywords", "words within which no trigger counts")
    exceptionRegexPatterns = texts_param(
        "exceptionRegexPatterns", "exceptionKeywords as expressions"
    )
    prefixAndSuffixMatch = flag_param(
        "prefixAndSuffixMatch", "whether `assertion` takes a trigger on each side of the chunk"
    )
    caseSensitive = flag_param("caseSensitive", "whether triggers are case-sensitive")
    assertion = text_param("assertion", "the status that keywords and patterns say")
    includeChunkToScope = flag_param(
        "includeChunkToScope", "whether triggers within the chunk count, too"
    )
    scopeWindow = counts_param(
        "scopeWindow", "tokens before and after a chunk in which triggers count; -1: no limit"
    )
    scopeWindowDelimiters = texts_param("scopeWindowDelimiters", "words at which scopes end")
    rules = texts_param("rules", "lines of a table of rules: status, side, pattern, reach")

    @keyword_only
    def __init__(
        self,
        *,
        inputCols: list[str] | None = None,
        outputCol: str | None = None,
        prefixKeywords: list[str] | None = None,
        suffixKeywords: list[str] | None = None,
        prefixRegexPatterns: list[str] | None = None,
        suffixRegexPatterns: list[str] | None = None,
        exceptionKeywords: list[str] | None = None,
        exceptionRegexPatterns: list[str] | None = None,
        prefixAndSuffixMatch: bool | None = None,
        caseSensitive: bool | None = None,
        assertion: str | None = None,
        includeChunkToScope: bool | None = None,
        scopeWindow: list[int] | None = None,
        scopeWindowDelimiters: list[str] | None = None,
        rules: list[str] | None = None,
        headings: list[str] | None = None,
        errorCol: str | None = None,
    ) -> None:
        params: dict[str, Any] = self._input_kwargs
        super().__init__()
        self._setDefault(
            prefixAndSuffixMatch=False,
            caseSensitive=False,
            assertion="absent",
            includeChunkToScope=False,
            scopeWindow=[-1, -1],
            scopeWindowDelimiters=[],
            rules=[],
            **{name: [] for name, _, _ in _OWN},
        )
        self.setParams(**params)

    @classmethod
    def pretrained(
        cls, name: str = PACKAGED, lang: str = "en", remote_loc: str | None = None
    ) -> ContextualAssertion:
        """The stage with the rules and the headings that come with Notemill, for English notes."""
        if name != PACKAGED:
            raise ParamError(f"ContextualAssertion: no rules '{name}'; there are {PACKAGED}.")
        return cls(rules=rows_only(packaged_table("assertion.tsv"))).addHeadings()

    def addRules(self, path: str) -> ContextualAssertion:
        """Add the rules of a file in the form of annotators/data/assertion.tsv.

        Raises ParamError: file, line, why.
        """
        lines = table_lines(path)
        parse(lines, path)
        return self.setParams(rules=[*self.getOrDefault(self.rules), *rows_only(lines)])

    setPrefixKeywords = setter(prefixKeywords, "Set words that say `assertion` of chunks behind.")
    setSuffixKeywords = setter(suffixKeywords, "Set words that say `assertion` of chunks before.")
    setPrefixRegexPatterns = setter(prefixRegexPatterns, "Set prefixKeywords as expressions.")
    setSuffixRegexPatterns = setter(suffixRegexPatterns, "Set suffixKeywords as expressions.")
    setExceptionKeywords = setter(exceptionKeywords, "Set words within which no trigger counts.")
    setExceptionRegexPatterns = setter(
        exceptionRegexPatterns, "Set exceptionKeywords as expressions."
    )
    setPrefixAndSuffixMatch = setter(
        prefixAndSuffixMatch, "Set whether `assertion` takes a trigger on each side of the chunk."
    )
    setCaseSensitive = setter(caseSensitive, "Set whether triggers are case-sensitive.")
    setAssertion = setter(assertion, "Set the status that keywords and patterns say.")
    setIncludeChunkToScope = setter(
        includeChunkToScope, "Set whether triggers within the chunk count, too."
    )
    setScopeWindow = setter(
        scopeWindow, "Set how many tokens before and after a chunk triggers count in; -1: no limit."
    )
    setScopeWindowDelimiters = setter(
        scopeWindowDelimiters, "Set words (or marks) at which scopes end."
    )
    setRules = setter(rules, "Set the lines of the table of rules; addRules reads a file.")

    def _kernel(self) -> Kernel:
        lines: list[str] = self.getOrDefault(self.rules)
        rules = (*parse(lines, self._of("rules")), *self._own_rules())
        if not rules:
            raise ParamError(
                "ContextualAssertion: there are no rules. Set keywords, add a file with "
                "addRules(...), or take ContextualAssertion.pretrained()."
            )
        window = self.getOrDefault(self.scopeWindow)
        if len(window) != len(("before", "after")):
            raise ParamError(f"{self._of('scopeWindow')} is {window}; needed are two numbers.")
        both: bool = self.getOrDefault(self.prefixAndSuffixMatch)
        return AssertChunks(
            AssertionRules(
                rules=rules,
                headings=self._headings(),
                case_sensitive=self.getOrDefault(self.caseSensitive),
                both=self.getOrDefault(self.assertion) if both else None,
                within=self.getOrDefault(self.includeChunkToScope),
                window=(window[0], window[1]),
            )
        )

    def _own_rules(self) -> Iterator[Rule]:
        """The rules that keywords, patterns and delimiters make."""
        said: str = self.getOrDefault(self.assertion)
        if said in ("", HIDE, STOP):
            raise ParamError(f"{self._of('assertion')} is '{said}', which is not a status.")
        for name, side, mark in _OWN:
            status = HIDE if side == "none" else said
            for pattern in self.getOrDefault(name):
                rule = Rule(status, side, mark + pattern, literal=not mark)
                yield rule.checked(self._of(name))
        for delimiter in self.getOrDefault(self.scopeWindowDelimiters):
            rule = Rule(STOP, "none", delimiter, literal=True)
            yield rule.checked(self._of("scopeWindowDelimiters"))

    def _of(self, param: str) -> str:
        return f"ContextualAssertion: param '{param}'"

    def _layout(self) -> AnnotationLayout:
        return AnnotationLayout(ASSERTION, (*FIELDS, "chunk", "sentence"), optional=OPTIONAL)
