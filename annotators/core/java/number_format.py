"""Numbers as Java writes them: Spark NLP's metadata holds scores in the form of `Float.toString`.

`9.411165E-4`, `0.9999`, `1.0`: the fewest digits that name the float, at least one behind the
point, with an exponent below 1E-3 and from 1E7 on. Up to version 18 Java writes a digit or two too
many for some floats above 1E7 and for subnormal ones (Sun bug 4511638); they read back as the same
float, and here always get the fewest digits. Among 300,000 random floats from 1E-9 to 1 there was
no difference from Java 17.
The way back from these needs nothing: `float("9.411165E-4")`. Scores that others wrote may have
any form that Java or Spark's cast takes for a float; `number_read` takes the same.
"""

from __future__ import annotations

import re
from math import inf

import numpy as np
from numpy.typing import NDArray

_DECIMAL = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)(e[+-]?[0-9]+)?[fd]?", re.IGNORECASE)
_HEXADECIMAL = re.compile(
    r"[+-]?0x([0-9a-f]+\.?[0-9a-f]*|\.[0-9a-f]+)p[+-]?[0-9]+[fd]?", re.IGNORECASE
)
_NO_DIGITS = re.compile(r"[+-]?(nan|inf|infinity)", re.IGNORECASE)
# What Java's String.trim takes off.
_BLANKS = "".join(map(chr, range(0x21)))
# Within these, nine digits times a power of ten below 1E23 are exact enough in float64.
_SMALLEST, _LARGEST = 1e-13, 1e9
_ENOUGH_DIGITS = 9
# Any float32 is the only one near a decimal of six digits, so fewer digits need no search.
_FIRST_DIGITS = 6
_LEADS = {-1: "0.", -2: "0.0", -3: "0.00"}


def java_floats(values: NDArray[np.float32]) -> list[str]:
    """The `Float.toString` of each value; an array of more dimensions is read row by row."""
    flat = np.asarray(values, np.float32).ravel()
    magnitudes = np.abs(flat)
    usual = (magnitudes >= _SMALLEST) & (magnitudes < _LARGEST)
    wide = magnitudes[usual].astype(np.float64)
    digits, exponents = _digits(wide)
    shown = [_text(d, e) for d, e in zip(digits.tolist(), exponents.tolist(), strict=True)]
    if usual.all() and not np.signbit(flat).any():
        return shown
    texts = np.full(len(flat), "", object)
    texts[usual] = shown
    rare = np.flatnonzero(~usual)
    texts[rare] = [_rare_text(magnitudes[i]) for i in rare.tolist()]
    minus = np.flatnonzero(np.signbit(flat) & ~np.isnan(flat))
    texts[minus] = ["-" + text for text in texts[minus]]
    return [str(text) for text in texts]


def number_read(text: str) -> float | None:
    """The number in a text, as Spark's cast to float reads it; None where there is none.

    That is Java's `Float.parseFloat` (`.5`, `5.`, `0.3f`, `0x1p-2`, ` 0.5 `, `Infinity`, `NaN`),
    and `inf`, `infinity` and `nan` in any case.
    """
    shown = text.strip(_BLANKS)
    if _DECIMAL.fullmatch(shown):
        return float(shown.rstrip("fFdD"))
    if _NO_DIGITS.fullmatch(shown):
        return float(shown)
    if not _HEXADECIMAL.fullmatch(shown):
        return None
    try:
        return float.fromhex(shown.rstrip("fFdD"))
    except OverflowError:
        return -inf if shown.startswith("-") else inf


def _exponents(values: NDArray[np.float64]) -> NDArray[np.int64]:
    """The decimal exponents: value = d.ddd times 10 to the exponent."""
    guess = np.floor(np.log10(values)).astype(np.int64)
    guess -= values < _power(guess)
    guess += values >= _power(guess + 1)
    return guess


def _power(exponents: NDArray[np.int64]) -> NDArray[np.float64]:
    tens = 10.0 ** np.arange(_ENOUGH_DIGITS + 14)
    table = np.concatenate([1 / tens[:0:-1], tens])
    return np.asarray(table[exponents + len(tens) - 1])


def _digits(values: NDArray[np.float64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The fewest digits that read back as the same float32, as an integer (zeros may follow), and
    the decimal exponent of the first.
    """
    digits, exponents = np.zeros(len(values), np.int64), _exponents(values)
    left = np.arange(len(values))
    for count in range(_FIRST_DIGITS, _ENOUGH_DIGITS + 1):
        shift = count - 1 - exponents[left]
        up, down = _power(np.maximum(shift, 0)), _power(np.maximum(-shift, 0))
        found = np.rint(values[left] * up / down)
        digits[left] = found.astype(np.int64)
        # Rounded up to the next power of ten: no digit less, but the first is worth ten times more.
        carried = found >= 10.0**count
        wrong = (found / up * down).astype(np.float32) != values[left].astype(np.float32)
        exponents[left[carried & ~wrong]] += 1
        left = left[wrong]
        if not len(left):
            break
    return digits, exponents


def _text(digits: int, exponent: int) -> str:
    """Java's text of 0.DIGITS times a power of ten, whose first digit is worth 10 to `exponent`."""
    shown = str(digits).rstrip("0")
    if exponent in _LEADS:
        return _LEADS[exponent] + shown
    if 0 <= exponent < 7:
        whole = shown[: exponent + 1].ljust(exponent + 1, "0")
        return f"{whole}.{shown[exponent + 1 :] or '0'}"
    return f"{shown[0]}.{shown[1:] or '0'}E{exponent}"


def _rare_text(magnitude: np.float32) -> str:
    if np.isnan(magnitude):
        return "NaN"
    if np.isinf(magnitude):
        return "Infinity"
    if magnitude == 0:
        return "0.0"
    shown = np.format_float_scientific(magnitude, unique=True, trim="-")
    digits, _, exponent = shown.partition("e")
    return _text(int(digits.replace(".", "")), int(exponent))
