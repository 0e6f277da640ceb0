"""Tokenizer: sentences (or documents) to tokens, by Spark NLP's rules.

in:  document (documents or sentences)
out: token, one annotation per token; metadata `sentence` is its sentence's number

    Tokenizer().setInputCols(["sentence"]).setOutputCol("token")
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, ClassVar

from pyspark import keyword_only
from pyspark.sql import DataFrame

from annotators._spark.stage import AnnotatorStage
from annotators.core.errors import ParamError
from annotators.core.plan import Kernel
from annotators.core.tokens.kernel import Tokenize
from annotators.core.tokens.splitting import CONTEXT_CHARS, TokenRules
from annotators.params import (
    HasReadAsSeen,
    count_param,
    flag_param,
    setter,
    text_param,
    texts_param,
)
from annotators.schema import DOCUMENT, TOKEN, AnnotationLayout

UNBOUNDED = 99_999
"""Spark NLP's default of maxLength. It drops longer tokens; here it means no limit."""


class Tokenizer(AnnotatorStage, HasReadAsSeen):
    """Splits sentences into tokens with the same rules, and so the same spans, as Spark NLP.

    Spark NLP's Tokenizer is an estimator. This one transforms at once; `fit` is there for code that
    calls it, and gives the fitted stage of that code: a copy.
    """

    inputAnnotatorTypes: ClassVar[list[str]] = [DOCUMENT]
    outputAnnotatorType = TOKEN
    _reads = (("sentence",),)

    targetPattern = text_param("targetPattern", "regular expression of what is to be split further")
    prefixPattern = text_param(
        "prefixPattern", "regular expression of what is cut off at the start"
    )
    suffixPattern = text_param("suffixPattern", "regular expression of what is cut off at the end")
    infixPatterns = texts_param("infixPatterns", "regular expressions whose groups are tokens")
    exceptions = texts_param("exceptions", "words that stay whole")
    exceptionsPath = text_param("exceptionsPath", "file of exceptions, one per line")
    pathExceptions = texts_param("pathExceptions", "the exceptions that were in exceptionsPath")
    caseSensitiveExceptions = flag_param("caseSensitiveExceptions", "whether exceptions heed case")
    contextChars = texts_param("contextChars", "characters cut off at both ends of a word")
    splitPattern = text_param("splitPattern", "regular expression that splits tokens once more")
    splitChars = texts_param("splitChars", "characters that split tokens once more")
    minLength = count_param("minLength", "fewest characters of a token; shorter ones are dropped")
    maxLength = count_param("maxLength", "most characters of a token; longer ones are dropped")

    @keyword_only
    def __init__(
        self,
        *,
        inputCols: list[str] | None = None,
        outputCol: str | None = None,
        targetPattern: str | None = None,
        prefixPattern: str | None = None,
        suffixPattern: str | None = None,
        infixPatterns: list[str] | None = None,
        exceptions: list[str] | None = None,
        exceptionsPath: str | None = None,
        caseSensitiveExceptions: bool | None = None,
        contextChars: list[str] | None = None,
        splitPattern: str | None = None,
        splitChars: list[str] | None = None,
        minLength: int | None = None,
        maxLength: int | None = None,
        readAsSeen: bool | None = None,
        errorCol: str | None = None,
    ) -> None:
        params: dict[str, Any] = self._input_kwargs
        super().__init__()
        self._setDefault(
            targetPattern="\\S+",
            contextChars=list(CONTEXT_CHARS),
            caseSensitiveExceptions=True,
            minLength=0,
            maxLength=UNBOUNDED,
            readAsSeen=False,
        )
        self.setParams(**params)

    def setParams(self, **params: Any) -> Tokenizer:
        """Set params by keyword; None leaves a param as it is. A file of exceptions is read now."""
        path = params.get("exceptionsPath")
        found = {} if path is None else {"pathExceptions": _lines(path)}
        return super().setParams(**params, **found)

    def fit(self, dataset: DataFrame | None = None, params: Any = None) -> Tokenizer:
        """A copy of this stage, since there is nothing to learn from data."""
        return self.copy(params)

    setTargetPattern = setter(targetPattern, "Set what is split further: what lies between blanks.")
    setPrefixPattern = setter(
        prefixPattern, r"Set the expression of what is cut off at the start; it begins with `\A`."
    )

    def getPrefixPattern(self) -> str:
        """The regular expression of what is cut off at the start."""
        return self.getOrDefault(self.prefixPattern)

    setSuffixPattern = setter(
        suffixPattern,
        r"Set the regular expression of what is cut off at the end; it ends with `\z`.",
    )

    def getSuffixPattern(self) -> str:
        """The regular expression of what is cut off at the end."""
        return self.getOrDefault(self.suffixPattern)

    setInfixPatterns = setter(
        infixPatterns,
        "Set the regular expressions whose groups are tokens; they replace the default rule.",
    )

    def getInfixPatterns(self) -> list[str]:
        """The regular expressions whose groups are tokens."""
        return self.getOrDefault(self.infixPatterns)

    def addInfixPattern(self, value: str) -> Tokenizer:
        """Put one more regular expression before the others."""
        return self.setInfixPatterns([value, *self._list("infixPatterns")])

    setExceptions = setter(
        exceptions, "Set words that stay whole; they may hold blanks, and are regular expressions."
    )

    def getExceptions(self) -> list[str]:
        """The words that stay whole."""
        return self.getOrDefault(self.exceptions)

    def addException(self, value: str) -> Tokenizer:
        """Add one word that stays whole."""
        return self.setExceptions([*self._list("exceptions"), value])

    def setExceptionsPath(
        self, path: str, read_as: str = "TEXT", options: dict[str, str] | None = None
    ) -> Tokenizer:
        """Set a local text file of exceptions, one per line, or a folder of such files.

        It is read now, and its words are saved. As in Spark NLP they count only while
        `setExceptions` has set none. Raises ParamError where `read_as` and `options` say that it is
        anything but lines of text.
        """
        form = (options or {}).get("format", "text")
        if (read_as.upper(), form.lower()) != ("SPARK", "text") and read_as.upper() != "TEXT":
            raise ParamError(
                f"Tokenizer: exceptionsPath cannot be read as {read_as} of format {form}, only as "
                "TEXT: a file of exceptions, one per line."
            )
        return self.setParams(exceptionsPath=path)

    setCaseSensitiveExceptions = setter(caseSensitiveExceptions, "Set if exceptions heed case.")

    def getCaseSensitiveExceptions(self) -> bool:
        """Whether exceptions are case-sensitive."""
        return self.getOrDefault(self.caseSensitiveExceptions)

    setContextChars = setter(contextChars, "Set the characters cut off at both ends of a word.")

    def getContextChars(self) -> list[str]:
        """The characters cut off at both ends of a word."""
        return self.getOrDefault(self.contextChars)

    def addContextChars(self, value: str) -> Tokenizer:
        """Add one character that is cut off at both ends of a word."""
        return self.setContextChars([*self.getContextChars(), value])

    setSplitPattern = setter(splitPattern, "Set a regular expression that splits tokens once more.")
    setSplitChars = setter(splitChars, "Set characters that split tokens once more.")

    def getSplitChars(self) -> list[str]:
        """The characters that split tokens once more."""
        return self.getOrDefault(self.splitChars)

    def addSplitChars(self, value: str) -> Tokenizer:
        """Add one character that splits tokens once more."""
        return self.setSplitChars([*self._list("splitChars"), value])

    setMinLength = setter(minLength, "Set the fewest characters of a token.")
    setMaxLength = setter(maxLength, "Set the most characters of a token.")

    def _kernel(self) -> Kernel:
        longest = self.getOrDefault(self.maxLength)
        given = "exceptions" if self.isDefined("exceptions") else "pathExceptions"
        return Tokenize(
            as_seen=self.getOrDefault(self.readAsSeen),
            rules=TokenRules(
                target_pattern=self.getOrDefault(self.targetPattern),
                prefix_pattern=self._text("prefixPattern"),
                suffix_pattern=self._text("suffixPattern"),
                infix_patterns=self._set_list("infixPatterns"),
                exceptions=tuple(self._list(given)),
                case_sensitive_exceptions=self.getOrDefault(self.caseSensitiveExceptions),
                context_chars=tuple(self.getContextChars()),
                split_pattern=self._text("splitPattern"),
                split_chars=self._set_list("splitChars"),
                min_length=self.getOrDefault(self.minLength),
                max_length=None if longest == UNBOUNDED else longest,
            ),
        )

    def _layout(self) -> AnnotationLayout:
        return AnnotationLayout(TOKEN, ("sentence",))

    def _list(self, param: str) -> list[str]:
        return list(self.getOrDefault(param)) if self.isDefined(param) else []

    def _set_list(self, param: str) -> tuple[str, ...] | None:
        return tuple(self._list(param)) if self.isDefined(param) else None

    def _text(self, param: str) -> str | None:
        return str(self.getOrDefault(param)) if self.isDefined(param) else None


def _lines(path: str) -> list[str]:
    """The lines, as Java ends them, of a file or of a folder's files by name; no empty ones."""
    place = Path(path.removeprefix("file://").removeprefix("file:"))
    files = sorted(place.iterdir()) if place.is_dir() else [place]
    texts = [file.read_bytes().decode("utf-8") for file in files]
    return [line for text in texts for line in re.split("\r\n|\r|\n", text) if line]


class TokenizerModel(Tokenizer):
    """What Spark NLP's Tokenizer is once it is fitted; here the same stage."""

    @staticmethod
    def pretrained(
        name: str = "token_rules", lang: str = "en", remote_loc: str | None = None
    ) -> TokenizerModel:
        """Raise ParamError: there are no rules to download."""
        raise ParamError.unsupported(
            "TokenizerModel",
            f"pretrained({'/'.join(filter(None, [remote_loc, lang, name]))})",
            "nothing is downloaded. In TokenizerModel() its rules are its params.",
        )
