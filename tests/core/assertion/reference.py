"""Assertion as it is described, sentence by sentence and chunk by chunk: slow, and easy to follow."""

import re
from functools import lru_cache

from annotators.core.assertion.headings import headings_of, parse_headings
from annotators.core.assertion.phrases import count_words, expand, words
from annotators.core.seen import seen_whole

BULLET = re.compile(r"\s*(?:[-*\u2022+]|\(?\d{1,2}[.)])\s")


class Sign:
    """A trigger or a heading; the span is half-open, in characters of the note."""

    def __init__(self, status, side, reach, begin, end, text):
        self.status, self.side, self.reach = status, side, reach
        self.begin, self.end, self.text = begin, end, text


@lru_cache(maxsize=16)
def phrases_of(rules, case_sensitive):
    """Each phrase, as words, with the rules that have it."""
    phrases = {}
    for rule in rules:
        literal = [tuple(w for w, _, _ in words(rule.pattern))]
        if rule.expression() is None:
            for phrase in literal if rule.literal else expand(rule.pattern):
                cased = phrase if case_sensitive else tuple(map(str.lower, phrase))
                phrases.setdefault(cased, []).append(rule)
    return phrases


def triggers_of(rules, case_sensitive, text):
    """The spans that count, with their rules: the first, then the longest; `none` stands alone."""
    flags = re.RegexFlag(0) if case_sensitive else re.IGNORECASE
    typed = text.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
    found = [(w if case_sensitive else w.lower(), b, e) for w, b, e in words(typed)]
    phrases = phrases_of(rules, case_sensitive)
    longest = max(map(len, phrases), default=0)
    spans = [
        (*match.span(), rule)
        for rule in rules
        if rule.expression() is not None
        for match in re.finditer(rule.expression(), text, flags)
        if match[0]
    ]
    for i in range(len(found)):
        for j in range(min(len(found), i + longest), i, -1):
            meant = phrases.get(tuple(w for w, _, _ in found[i:j]))
            if meant:
                spans += [(found[i][1], found[j - 1][2], rule) for rule in meant]
                break
    kept = []
    for begin, end, rule in sorted(spans, key=lambda s: (s[0], -s[1], s[2].order)):
        last = kept[-1] if kept else (0, 0, None)
        alike = (begin, end) == last[:2] and last[2].status != "none"
        if begin >= last[1] or alike:
            kept.append((begin, end, rule))
    return kept


def signs_of(rules, case_sensitive, headings, text, start):
    found = [
        Sign(r.status, r.side, r.reach, b + start, e + start, text[b:e])
        for b, e, r in triggers_of(rules, case_sensitive, text)
        if all(e <= heading.begin or heading.end <= b for heading in headings)
    ]
    found += [
        Sign("stop", "none", None, h.begin + start, h.end + start, text[h.begin : h.end])
        for h in headings
    ]
    return sorted(found, key=lambda sign: sign.begin)


def nearest_of_each(signs, side):
    """The first of each kind before a stop."""
    found = {}
    for sign in signs:
        if sign.status == "stop":
            break
        if sign.side == side:
            found.setdefault((sign.status, sign.reach), sign)
    return list(found.values())


def asserted(params, note):
    """[(causes, section)] of a note's chunks.

    note: (sentences, chunks, token begins); a sentence is (begin, text), a chunk (begin, end,
    number of its sentence). causes: for each status that holds what says so.
    """
    sentences, chunks, tokens = note
    table = parse_headings(params.headings, "headings")
    made, section, carried, opened = {}, (None, ""), [], False
    for number, (start, written) in enumerate(sentences):
        text = seen_whole(written)
        headings = headings_of(text, table)
        signs = signs_of(params.rules, params.case_sensitive, headings, text, start)
        if headings or not (opened or BULLET.match(text)):
            carried = []
        opened = text.rstrip().endswith(":")
        for i, (begin, end, home) in enumerate(chunks):
            if home == number:
                causes = causes_of(params, signs, carried, text, start, begin, end, tokens)
                above = [h for h in headings if h.begin + start <= begin]
                named = [h for h in above if h.section.name is not None]
                own = (named[-1].section, sign_at(named[-1], signs, start)) if named else section
                inside = above and end <= above[-1].end + start
                says = getattr(own[0], "says", "")
                others = (says, "hypothetical") if says == "historical" else (says,)
                if says and not inside and not any(other in causes for other in others):
                    causes[says] = own[1]
                made[i] = (causes, getattr(own[0], "name", ""))
        if opened:
            carried = nearest_of_each([*signs[::-1], *carried], "before")
        named = [h for h in headings if h.section.name is not None]
        if named:
            section = (named[-1].section, sign_at(named[-1], signs, start))
    return [made.get(i, ({}, "")) for i in range(len(chunks))]


def sign_at(heading, signs, start):
    return next(
        s
        for s in signs
        if (s.begin, s.end, s.status) == (heading.begin + start, heading.end + start, "stop")
    )


def causes_of(params, signs, carried, text, start, begin, end, tokens):
    before = nearest_of_each([*[s for s in signs if s.end <= begin][::-1], *carried], "before")
    after = nearest_of_each([s for s in signs if s.begin >= end], "after")
    inside = [
        s
        for s in signs
        if params.within
        and s.end > begin
        and s.begin < end
        and s.end <= end
        and s.status not in ("stop", "none")
    ]

    def reaches(sign):
        lo, hi = (sign.end, begin) if sign.end <= begin else (end, sign.begin)
        gap = text[max(lo - start, 0) : max(hi - start, 0)]
        return sign.reach is None or count_words(gap) <= sign.reach

    def is_near(sign):
        left, right = params.window
        if sign.end <= begin:
            return left < 0 or sum(sign.end <= t < begin for t in tokens) < left
        if sign.begin < end:
            return right != 0 or any(sign.begin <= t < end for t in tokens)
        return right < 0 or sum(end <= t < sign.begin for t in tokens) < right

    holding = [s for s in (*before, *after, *inside) if reaches(s) and is_near(s)]
    sides = {s.side for s in holding if s.status == params.both}
    causes = {}
    for sign in sorted(holding, key=lambda s: max(begin - s.end, s.begin - end, 0)):
        if sign.status != params.both or len(sides) == 2:
            causes.setdefault(sign.status, sign)
    return causes
