"""Tokens: equal to what Spark NLP 5.5.3 gave, and lawful under every option."""

import json
import pathlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotators.core.errors import ParamError
from annotators.core.java.cursor import JavaPatternError
from annotators.core.java.regex import compile_java
from annotators.core.tokens import splitting as module
from annotators.core.tokens.splitting import TokenRules, compile_rules, tokenize

GOLDEN = json.loads(
    (pathlib.Path(__file__).parents[2] / "data" / "spark_nlp" / "tokens.json").read_text("utf-8")
)
NAMES = {
    "targetPattern": "target_pattern",
    "prefixPattern": "prefix_pattern",
    "suffixPattern": "suffix_pattern",
    "infixPatterns": "infix_patterns",
    "exceptions": "exceptions",
    "caseSensitiveExceptions": "case_sensitive_exceptions",
    "contextChars": "context_chars",
    "splitPattern": "split_pattern",
    "splitChars": "split_chars",
    "minLength": "min_length",
    "maxLength": "max_length",
}


def rules_of(params):
    """The rules that Spark NLP's params stand for."""
    frozen = {key: tuple(v) if isinstance(v, list) else v for key, v in params.items()}
    return TokenRules(**{NAMES[key]: value for key, value in frozen.items()})


def results(text, **rules):
    return [token for _, _, token in tokenize(text, TokenRules(**rules))]


def test_default_tokens_are_those_of_spark_nlp():
    for sentence in GOLDEN["default"]:
        expected = [tuple(token) for token in sentence["tokens"]]
        assert tokenize(sentence["text"]) == expected, ascii(sentence["text"])


@pytest.mark.parametrize("case", GOLDEN["cases"], ids=lambda case: json.dumps(case["params"]))
def test_tokens_with_params_are_those_of_spark_nlp(case):
    rules = rules_of(case["params"])
    for text, expected in zip(GOLDEN["texts"], case["tokens"], strict=True):
        tokens = [token for _, _, token in tokenize(text["text"], rules)]
        assert tokens == expected, ascii(text["text"])


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("b.i.d.", "b.i.d ."),
        (".25", ". 25"),
        ("(neg.);", "( neg .);"),
        ("M.D.,", "M.D .,"),
        ("HBV(+).", "HBV(+ )."),
        ("[fig. 1]).", "[fig . 1] )."),
        ("patient's follow-up 5mg/kg", "patient's follow-up 5mg/kg"),
        ("\u201cChest \u2022 50%", "\u201cChest \u2022 50%"),
        ("... --- (( .,", "... --- (( .,"),
    ],
)
def test_context_characters_come_off_both_ends(word, expected):
    assert results(word) == expected.split(" ")


def test_only_ascii_white_space_parts_words():
    assert results("a\u00a0b\u2028c\u0085d\x0be\x1cf\rg") == [
        "a\u00a0b\u2028c\u0085d",
        "e\x1cf",
        "g",
    ]


def test_spark_nlps_own_marks():
    assert results("\u2187 x\u2187y \u2188") == ["x", "y", "\u2188"]
    assert results("x\u2188.", exceptions=("zzz",)) == ["x\u2188."]


# Where this is better than Spark NLP, on purpose.


def test_offsets_count_characters():
    assert tokenize("\U0001f600 a\U0001f600.") == [
        (0, 1, "\U0001f600"),
        (2, 4, "a\U0001f600"),
        (4, 5, "."),
    ]


def test_target_pattern_keeps_spans_behind_astral_characters():
    rules = TokenRules(target_pattern=r"\w+")
    assert tokenize("\U0001f600 ab", rules) == [(2, 4, "ab")]


def test_split_tokens_have_the_spans_of_their_characters():
    text = "-globulin a--b abc-."
    for rules in (TokenRules(split_chars=("-",)), TokenRules(split_pattern="-")):
        found = tokenize(text, rules)
        assert [text[b:e] for b, e, _ in found] == [token for _, _, token in found]
    rules = TokenRules(split_chars=("-",), context_chars=(".",))
    assert tokenize("abc-.", rules) == [(0, 3, "abc"), (4, 5, ".")]


def test_an_empty_split_does_not_part_an_astral_character():
    assert results("a\U0001f600b", split_pattern="") == ["a", "\U0001f600", "b"]


def test_exceptions_may_match_dollars_and_backslashes():
    assert results("pay $5.00 at c:\\x. now", exceptions=(r"\$5\.00 at", r"c:\\x\.")) == [
        "pay",
        "$5.00 at",
        "c:\\x.",
        "now",
    ]


def test_a_group_that_takes_no_part_makes_no_token():
    assert results("ab- cd", infix_patterns=(r"(\w+)(x)?",)) == ["ab", "-", "cd"]


def test_no_context_characters_take_nothing_off():
    assert results("(a.) b", context_chars=()) == ["(a.)", "b"]


# As Spark NLP has it, though odd.


def test_a_split_pattern_that_leaves_one_part_leaves_the_token():
    assert results("abc- -", split_pattern="-", context_chars=(".",)) == ["abc-", "-"]


def test_split_characters_always_take_the_token_apart():
    assert results("abc- (-x", split_chars=("-",), context_chars=(".", "(")) == ["abc", "(", "x"]


def test_split_characters_are_a_regular_expression():
    assert results("a.b x", split_chars=(".",)) == ["x"]
    assert results("a.b x", split_chars=(r"\.",)) == ["a", "b", "x"]
    assert results("a-b a(b", split_chars=("-", "(")) == ["a-b", "a(b"]


def test_lengths_count_utf16_units():
    assert results("\U0001f600 a bc", min_length=2) == ["\U0001f600", "bc"]
    assert results("\U0001f600 a bc", max_length=1) == ["a"]


def test_an_exception_protects_equal_words_of_its_sentence_and_whole_words_across_cuts():
    rules = TokenRules(exceptions=("New York", r"e\.g\."))
    assert results("(New York), e.g. (e.g.)", exceptions=rules.exceptions) == [
        "(New York),",
        "e.g.",
        "(",
        "e.g",
        ".)",
    ]


@pytest.mark.parametrize(
    "rules",
    [
        TokenRules(prefix_pattern="(a)"),
        TokenRules(suffix_pattern="(a)"),
        TokenRules(infix_patterns=(r"\w+",)),
        TokenRules(infix_patterns=(r"(\w+",)),
        TokenRules(target_pattern="[a-z"),
        TokenRules(target_pattern="a]b"),
        TokenRules(target_pattern=r"\b\w+"),
        TokenRules(split_pattern="*"),
        TokenRules(split_chars=("--",)),
        TokenRules(exceptions=("a(",)),
        TokenRules(exceptions=(r"(?<=a*)b",)),
        TokenRules(exceptions=(r"\p{IsLatin}",)),
    ],
)
def test_a_pattern_that_cannot_be_used_is_named_before_any_text_is_read(rules):
    with pytest.raises(ParamError, match=r"Tokenizer: .*param '\w+'"):
        compile_rules(rules)


@pytest.mark.parametrize(("pattern", "expected"), GOLDEN["regexes"])
def test_patterns_find_what_java_finds(pattern, expected):
    if expected is None:
        with pytest.raises(JavaPatternError):
            compile_java(pattern)
        return
    compiled = compile_java(pattern)
    for text, finds in zip(GOLDEN["regex_texts"], expected, strict=True):
        assert _finds(compiled, text) == finds, text


@pytest.mark.parametrize(
    "pattern", [r"\p{IsAlphabetic}+", r"\p{javaAlphabetic}+", "(?U)\\p{Alpha}+"]
)
def test_vowel_signs_and_circled_letters_are_alphabetic_but_accents_are_not(pattern):
    """By DerivedCoreProperties.txt of Unicode 13.0, Java 17's version."""
    text = "\u0915\u093f\u24b6\u2160\u0345 e\u0301 \u094d1"
    assert [m[0] for m in compile_java(pattern).pattern.finditer(text)] == [text[:5], "e"]


def _finds(compiled, text):
    shown = []
    position = 0
    while position <= len(text) and (found := compiled.pattern.search(text, position)):
        groups = [found.span(), *(found.span(group) for group in compiled.groups)]
        shown.append(":".join(f"{begin}-{end}" for begin, end in groups))
        position = found.end() + (found.start() == found.end())
    return shown


TEXTS = st.text(
    st.sampled_from("ab.cX1 -(),;/'\"\n\r\t\u00a0\u2028\u0085\u00e9\u0301\U0001f600$_\u2187\u2188"),
    max_size=60,
)
OPTIONS = [
    TokenRules(),
    TokenRules(target_pattern=r"\w+"),
    TokenRules(target_pattern=r"[\p{L}&&[^\p{Lu}]]+"),
    TokenRules(context_chars=(".", "\u2028", "\U0001f600")),
    TokenRules(split_chars=("-", "/")),
    TokenRules(split_chars=(".",)),
    TokenRules(split_pattern=r"[-./]|(?<=\d)"),
    TokenRules(split_pattern="-", split_chars=("/",), min_length=2),
    TokenRules(exceptions=("a b", r"[a-c]\.", r"\$"), case_sensitive_exceptions=False),
    TokenRules(exceptions=(".",), target_pattern=r"\w+"),
    TokenRules(infix_patterns=(r"(\w+)-(\w+)", r"([^.,]+)")),
    TokenRules(infix_patterns=()),
    TokenRules(prefix_pattern=r"\A", suffix_pattern=r"\z"),
    TokenRules(prefix_pattern=r"\A([^\s\w\$\.]*)", suffix_pattern=r"([^\s\w]?)([^\s\w]*)\z"),
    TokenRules(min_length=2, max_length=4),
    TokenRules(context_chars=()),
]


@pytest.mark.parametrize("rules", OPTIONS, ids=str)
@settings(deadline=None)
@given(text=TEXTS)
def test_tokens_are_in_order_apart_and_made_of_their_own_characters(rules, text):
    end_before = 0
    for begin, end, token in tokenize(text, rules):
        assert end_before <= begin < end <= len(text)
        assert text[begin:end] == token
        end_before = end


@settings(deadline=None)
@given(
    texts=st.lists(TEXTS, max_size=4),
    context=st.lists(st.sampled_from(".,;-()a\U0001f600"), min_size=1),
)
def test_the_fast_way_of_the_default_rule_is_the_slow_one(texts, context):
    rules = TokenRules(context_chars=tuple(context))
    breaks = module._break_class(rules.target_pattern)
    fast = module._by_default_rule(rules, breaks)(texts)
    slow = module._by_words(rules, breaks)(texts)
    assert fast.counts.tolist() == slow.counts.tolist()
    assert fast.tuples() == slow.tuples()


@settings(deadline=None)
@given(before=TEXTS, word=st.text(st.sampled_from("ab.(),-\u00e9"), min_size=1), after=TEXTS)
def test_a_word_gives_the_same_tokens_anywhere(before, word, after):
    alone = results(word)
    inside = tokenize(f"{before} {word} {after}")
    begin = len(before) + 1
    assert [t for b, e, t in inside if b >= begin and e <= begin + len(word)] == alone


@pytest.mark.parametrize("word", ["a", ".", "a.", "(a.", "a. ", " ", "\u00e9)"])
@pytest.mark.parametrize("rules", [OPTIONS[i] for i in (0, 4, 8, 12)], ids=str)
def test_long_texts_take_linear_time(word, rules):
    text = word * (300_000 // len(word))
    found = tokenize(text, rules)  # a pattern that backtracks would not come back from this
    assert sum(end - begin for begin, end, _ in found) <= len(text)


def test_a_very_long_word_is_one_token():
    assert tokenize("w" * 5000 + ".") == [(0, 5000, "w" * 5000), (5000, 5001, ".")]


def test_an_astral_character_is_one_character_in_params():
    """Spark NLP refuses it in splitChars, since it is two UTF-16 units."""
    context = TokenRules(context_chars=("😀",))
    split = TokenRules(split_chars=("😀",))

    assert tokenize("😀a", context) == [(0, 1, "😀"), (1, 2, "a")]
    assert tokenize("b😀a", split) == [(0, 1, "b"), (2, 3, "a")]
