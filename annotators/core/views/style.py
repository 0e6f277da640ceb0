"""The style sheet of marked spans, light and dark. Hues are Okabe and Ito's, told apart by the
colour-blind; each label stands behind its span in words as well.
"""

from __future__ import annotations

LIGHT = (
    ("#d3e6f7", "#0a4a76"),
    ("#fde5c4", "#6b3f00"),
    ("#cdeee0", "#00533d"),
    ("#fcdacb", "#7a2e00"),
    ("#f4dcec", "#6a2750"),
    ("#d6f1fb", "#0c4a66"),
    ("#f6efae", "#4d4700"),
    ("#e4e4e7", "#3b3b40"),
)
DARK = (
    ("#143a56", "#a9d5f7"),
    ("#4d350b", "#ffd08a"),
    ("#0d4333", "#8ce5c5"),
    ("#56270f", "#ffbea3"),
    ("#4b253d", "#f5bcdd"),
    ("#113f50", "#a2e6ff"),
    ("#413d0a", "#f0e584"),
    ("#3a3b40", "#dadade"),
)
"""(background, ink) of each colour: every pair has a contrast of 7 to 1 or more."""

MARKS = """
.nm-text{white-space:pre-wrap;overflow-wrap:anywhere;unicode-bidi:plaintext;line-height:1.95}
.nm-e{background:var(--nm-b);color:inherit;border-radius:.3em;padding:.12em .28em;
 -webkit-box-decoration-break:clone;box-decoration-break:clone;
 border:1px solid transparent;cursor:default}
.nm-e::after{content:attr(data-l);color:var(--nm-i);font:600 .66em/1 system-ui,sans-serif;
 letter-spacing:.02em;margin-left:.5em;vertical-align:.08em;white-space:nowrap}
.nm-e.nm-cut::after{content:"\\2026"}
.nm-e .nm-e{padding-block:0;border-color:var(--nm-i)}
.nm-e.nm-no{background:none;border:1px dashed var(--nm-i)}
.nm-e:focus-visible{outline:2px solid var(--nm-i);outline-offset:1px}
"""


def style(scope: str = "") -> str:
    """The style sheet; `scope` is a selector before each colour, for pages with others' styles."""
    light = _colours(LIGHT, scope)
    dark = _colours(DARK, scope)
    return f"{MARKS}{light}\n@media (prefers-color-scheme:dark){{{dark}}}\n"


def _colours(pairs: tuple[tuple[str, str], ...], scope: str) -> str:
    return "".join(
        f"{scope} .nm-c{number}{{--nm-b:{background};--nm-i:{ink}}}".lstrip()
        for number, (background, ink) in enumerate(pairs)
    )
