"""Texts whose sentence boundaries are known, to train the sentence detector on.

Sentences come from corpora that mark them (tokenised ones are put back together) and from phrases
of our own; what is between them is drawn: blanks, line breaks, hard wrapping, headings, bullets,
numbered lines, keys and values. Abbreviations, doses, citations and names with initials are set
into sentences where they do not end them, and at their ends where they do.

The convention: a heading line, a numbered line and a bullet item each start and end a sentence, and
full stops inside them end sentences too; a line break inside hard-wrapped prose ends none.

Everything is drawn from one `random.Random`: the same seed, the same texts.
"""

# ruff: noqa: RUF001 (look-alike characters are meant here)

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

END = "\ue000"
"""Marks the end of a sentence in a text under construction; a private-use character."""

Sentences = list[str]


@dataclass(frozen=True)
class Marked:
    """A text and the half-open ends of its sentences, in characters."""

    text: str
    ends: tuple[int, ...]


@dataclass(frozen=True)
class Pools:
    """What texts are made of: documents of sentences, and clinical sentences and short items."""

    documents: list[Sentences]
    clinical: Sentences
    items: Sentences


def strip_marks(text: str) -> Marked:
    """Take the END marks out of a text; an end is moved before the white space in front of it."""
    parts = text.split(END)
    ends: list[int] = []
    plain = ""
    for part in parts[:-1]:
        plain += part
        end = len(plain.rstrip())
        if end and (not ends or ends[-1] != end):
            ends.append(end)
    return Marked(plain + parts[-1], tuple(ends))


# --- corpora ------------------------------------------------------------------------------------

_CLOSE = re.compile(r"\s+([,.;:!?%)\]}]|'s\b|n't\b)")
_OPEN = re.compile(r"([(\[{])\s+")
_HYPHEN = re.compile(r"(?<=\w) - (?=\w)")
_DECIMAL = re.compile(r"(?<=\d)\s?\.\s(?=\d)")
_BARE_DECIMAL = re.compile(r"(?<=[=<>n]) \. (?=\d)")
_LETTERS = re.compile(r"\b([A-Za-z]) ?\. (?=[A-Za-z] ?\.)")
_SLASH = re.compile(r"\s+/\s+")


def detokenise(sentence: str) -> str:
    """Put the tokens of a sentence, joined by blanks, back together as an author would write it."""
    text = (
        sentence.replace("``", '"').replace("''", '"').replace("-LRB-", "(").replace("-RRB-", ")")
    )
    text = _SLASH.sub("/", _HYPHEN.sub("-", text.replace(" ' s ", "'s ")))
    text = _DECIMAL.sub(".", _BARE_DECIMAL.sub(" .", text))
    while (joined := _LETTERS.sub(r"\1.", text)) != text:
        text = joined
    text = re.sub(r"\b(i\.e|e\.g)\s?\.\s?,?", r"\1.", text)
    text = re.sub(r"(?<=[A-Za-z]\.[A-Za-z]) \.", ".", text)
    text = _OPEN.sub(r"\1", _CLOSE.sub(r"\1", text))
    text = re.sub(r'" ([^"]*?) "', r'"\1"', text)
    return re.sub(r"\s+", " ", text).strip()


def iob_sentences(path: Path) -> Iterator[str]:
    """Read the sentences of a file of `token TAB tag` lines, tokens joined by blanks."""
    tokens: list[str] = []
    for line in [*path.read_text("utf-8").splitlines(), ""]:
        if line.strip():
            tokens.append(line.split("\t")[0])
        elif tokens:
            yield " ".join(tokens)
            tokens = []


_CUT_NUMBER = re.compile(r"\d \.$")
_CUT_WORD = re.compile(
    r"\b(?:vs|al|ca|cf|approx|Dr|St|No|Fig|Nat|Hum|Genet|Int|et|e \. g|i \. e) \.$"
)
_CUT_LETTER = re.compile(r"\b[A-Za-z] \.$")
_LIST_NUMBER = re.compile(r"^\(? ?\d \.$")


def mended(tokenised: Iterable[str]) -> Sentences:
    """Sentences with the wrong cuts of the corpora undone: inside decimals, after abbreviations."""
    found: Sentences = []
    for sentence in tokenised:
        previous = found[-1] if found else ""
        decimal = _CUT_NUMBER.search(previous) and sentence[:1].isdigit()
        letter = _CUT_LETTER.search(previous) and (sentence[:1].islower() or len(sentence) < 25)
        if decimal or letter or _CUT_WORD.search(previous) or _LIST_NUMBER.match(previous):
            found[-1] = f"{previous} {sentence}"
        else:
            found.append(sentence)
    return found


_SOUND = re.compile(r"^[\"'(]?[A-Z0-9].*[.?!][\")]?$|^[a-z]+[A-Z0-9-]\w*.*\.$", re.DOTALL)
_INNER_STOP = re.compile(r"[a-z)]{3}[.?!] [A-Z]")


def sound(sentence: str) -> bool:
    """Whether a sentence has the shape of one, and no second one inside."""
    return bool(_SOUND.match(sentence)) and not _INNER_STOP.search(sentence)


def grouped(sentences: Sentences, size: int = 8) -> list[Sentences]:
    """Documents of `size` consecutive sound sentences."""
    kept = [text for text in map(detokenise, sentences) if sound(text)]
    return [kept[i : i + size] for i in range(0, len(kept), size)]


def abstracts(raw: Path, tokenised: Path) -> list[Sentences]:
    """JNLPBA abstracts as written, cut where the task's tokenised file cuts them."""
    blocks = iter([b for b in iob_sentences(tokenised) if not b.startswith("-DOCSTART-")])
    marks = {squeeze(block): len(squeeze(block)) for block in blocks}
    by_start: dict[str, list[str]] = {}
    for key in marks:
        by_start.setdefault(key[:20], []).append(key)
    texts = (json.loads(line)["text"] for line in raw.read_text("utf-8").splitlines())
    return [cut for text in texts if (cut := _cut_like(text, by_start))]


def squeeze(text: str) -> str:
    """Drop white space, and keep with one kind of double quote."""
    return re.sub(r"\s+", "", text.replace("``", '"').replace("''", '"'))


def _cut_like(text: str, by_start: dict[str, list[str]]) -> Sentences:
    sentences: Sentences = []
    at = 0
    while at < len(text):
        rest = squeeze(text[at : at + 4000])
        known = [key for key in by_start.get(rest[:20], ()) if rest.startswith(key)]
        if not known:
            return []
        left = len(max(known, key=len))
        end = at
        while left:
            left -= not text[end].isspace()
            end += 1
        sentences.append(text[at:end].strip())
        while end < len(text) and text[end].isspace():
            end += 1
        at = end
    return sentences


_ABBREVIATED = re.compile(
    r"(?:^|[\s(\[\"“/])"
    r"(?:Drs?|Mrs?|Ms|Prof|St|Mt|Ft|vs|approx|Figs?|No|Nos|e\.g|i\.e|al|Jr|[A-Z])\.$"
)
_STOP = re.compile(r"[.?!]+[)\]\"'”’]*(?=\s+[\"“'(•\-A-Z0-9]|\s*$)")


def cut_clinical(line: str) -> Sentences:
    """Cut one line of a well edited note by a plain rule, right on nearly all of them."""
    found: Sentences = []
    begin = 0
    for match in _STOP.finditer(line):
        head = line[begin : match.end()]
        numbered = re.fullmatch(r"\s*(?:\d{1,2}|[A-Za-z])[.)]", head)
        doubled = line.startswith("  ", match.end()) and not re.search(r"(?:Dr|Mrs?|Ms)\.$", head)
        if numbered or (_ABBREVIATED.search(head) and not doubled):
            continue
        found.append(head.strip())
        begin = match.end()
    if line[begin:].strip():
        found.append(line[begin:].strip())
    return found


def load_pools(corpora: Path, held_out: frozenset[str]) -> Pools:
    """Read the corpora folder; notes and sections named in `held_out` are left out."""
    documents: list[Sentences] = []
    for name in ("bc5cdr", "ncbi-disease", "wikigold"):
        documents += grouped(mended(iob_sentences(corpora / name / "train.tsv")))
    documents += abstracts(corpora / "jnlpba/train.jsonl", corpora / "jnlpba/devel.tsv")
    hallmarks = map(json.loads, _lines(corpora / "hallmarks-of-cancer/sentences.jsonl"))
    documents += grouped(mended(row["text"] for row in hallmarks))
    reviews = [json.loads(line)["text"] for line in _lines(corpora / "sst/train.jsonl")]
    documents += grouped(reviews[:3000])
    clinical: Sentences = []
    items: Sentences = []
    for note in map(json.loads, _lines(corpora / "aci-bench/notes.jsonl")):
        if note["note_id"] not in held_out:
            for line in filter(None, map(str.strip, note["text"].splitlines())):
                (items if len(line) < 60 else clinical).extend(cut_clinical(line.lstrip("•- ")))
    for section in map(json.loads, _lines(corpora / "mts-dialog/sections.jsonl")):
        if section["note_id"] not in held_out:
            sentences = [s for line in section["text"].splitlines() for s in cut_clinical(line)]
            (clinical if len(sentences) > 1 else items).extend(sentences)
            if len(sentences) > 2:
                documents.append(sentences)
    return Pools(documents, [s for s in clinical if s], [s for s in items if s])


def real_notes(corpora: Path, held_out: frozenset[str]) -> list[str]:
    """Mark the ACI-BENCH notes as they are: every line break and every stop of the rule ends."""
    notes = map(json.loads, _lines(corpora / "aci-bench/notes.jsonl"))
    return [_marked_note(note["text"]) for note in notes if note["note_id"] not in held_out]


def _marked_note(text: str) -> str:
    return "\n".join(" ".join(s + END for s in cut_clinical(line)) for line in text.splitlines())


def _lines(path: Path) -> list[str]:
    return path.read_text("utf-8").splitlines()


# --- words that carry a stop --------------------------------------------------------------------


def _words(text: str) -> list[str]:
    return text.split()


NAMES = _words("""Smith Johnson Brown Garcia Miller Davis Lopez Wilson Anderson Taylor Moore
Lee Patel Kim Nguyen Clark Lewis Young Hall Allen King Wright Scott Green Baker Adams Nelson
Hill Rivera Campbell Mitchell Carter Roberts Ahmed Khan Chen Tanaka Weber Rossi Novak Petrov
Okafor Silva Osler Mary Jude Luke Joseph X Y Z ABC XYZ""")
FIRST = _words("""John Mary James Linda Ahmed Wei Ana Peter Susan Robert Laura Omar Nina Paul
Eva""")
GENUS = _words("""E.|coli S.|aureus S.|pneumoniae K.|pneumoniae P.|aeruginosa C.|difficile
H.|pylori M.|tuberculosis S.|epidermidis C.|albicans E.|faecalis L.|monocytogenes
N.|meningitidis A.|baumannii H.|influenzae B.|fragilis T.|pallidum C.|elegans P.|falciparum
Staph.|aureus Strep.|pyogenes S.|cerevisiae D.|melanogaster M.|avium Y.|enterocolitica""")
DRUGS = _words("""metformin lisinopril aspirin amoxicillin Lasix Lipitor Coumadin warfarin
prednisone Zofran Tylenol morphine Toprol metoprolol insulin Plavix heparin vancomycin Zosyn
Keflex gabapentin omeprazole Norvasc Synthroid albuterol Xanax digoxin Bactrim cisplatin
tamoxifen""")
LETTERED = _words("""hepatitis|B hepatitis|C vitamin|D vitamin|K vitamin|C type|A group|B
influenza|A protein|C stage|IV stage|I factor|V grade|II part|C figure|A HLA|B blood|type|O
cyclosporin|A case|B patient|A troponin|I immunoglobulin|G T1N0M|0 bipolar|I panel|B
Child-Pugh|C class|II New|York|Heart|Association|class|III arm|B cohort|A hemophilia|A
amphotericin|B vitamin|E ward|C lead|V room|B chromosome|X botulinum|toxin|A complex|I factor|X""")
CARRIERS = _words("""type group class grade stage part case patient figure table vitamin factor
protein hepatitis lead arm cohort room complex antigen level Group Case and or form variant
serotype allele zone segment""")
COUNTED = _words("""day on|day grade stage class group of to or and from level than type phase
case patient case|number score age in|May in at by was version until since from|1|to cohort bed
room unit ward step panel|of HHV IL interleukin CD factor cycle year gravida para G2P
trisomy|21|in and|3|or""")
MEASURES = _words("""g/dl g/dL mg/dL U/l U/L mmol/l mg/kg mmHg IU/ml mg/m2 ng/ml bpm °C cm3 g/l
mEq/L kPa mg/d pg/ml kg/m2 mL/min cells/mm3 h s d wk ppm""")
MONTHS = _words("""Jan. Feb. Mar. Apr. Aug. Sept. Sep. Oct. Nov. Dec.""")
DOSES = _words("""p.o. q.d. b.i.d. t.i.d. q.i.d. p.r.n. q.h.s. h.s. i.v. I.V. i.m. I.M. s.c.
s.q. p.r. q.4h. q.6h. q.8h. q.12h. a.c. p.c. o.d. o.s. P.O. B.I.D. T.I.D. P.R.N. q.o.d. q.a.m.
q.p.m. subq. stat. i.p. i.c.v. i.t. b.d.""")
UNITS = _words("""mg. ml. mL. kg. cm. mm. lbs. lb. oz. hrs. hr. min. sec. wks. yrs. yr. mo.
mos. tabs. tab. caps. in. ft. mcg. g. U. IU. d. wk. h. dl. temp. vol. conc.""")
CLINICAL = _words("""pt. pts. hx. dx. tx. sx. fx. Hx. Dx. Tx. Rx. abd. ext. resp. neuro. bilat.
w/o. s/p. c/o. y.o. y/o. wt. ht. surg. hosp. dept. gyn. psych. amb. L. R. lat. ant. post. sup.
inf. int. max. prox. dist.""")
TITLES = _words("""Dr. Mr. Mrs. Ms. Prof. Drs. St. Mt. Ft. Rev. Capt. Sgt. Lt. Gen. Sr. Sra.
Mme. Hon.""")
REFERENCES = _words("""Fig. Figs. fig. Figure Table Tab. Eq. Ref. Refs. ref. No. no. Nos. Vol.
vol. pp. p. Sec. Ch. App. Suppl. Ex. Art. cat. Cat. Gr. Pt. grp. Para. Gravida Rm. Ste. Apt.
Bldg.""")
LATIN = _words("""e.g. i.e. vs. cf. ca. viz. approx. incl. resp. esp. al. c. v. var. sp. spp.
subsp. no. dept.""")
FINAL = _words("""etc. a.m. p.m. A.M. P.M. U.S. U.K. U.S.A. M.D. Ph.D. D.O. R.N. Inc. Ltd. Co.
Corp. Jr. Sr. E.R. O.R. I.C.U. N.P. P.A. D.C. E.D. al. S.D. S.E. E.U. F.A.C.S. Pharm.D. M.P.H.
GmbH. Hosp. Univ. Dept. Ave. Blvd.""")
LOWER_STARTS = _words("""pH|was|7.41. mRNA|levels|rose. p53|was|mutated. iPSCs|were|used.
c-Myc|was|amplified. eGFR|was|45. α-fetoprotein|was|normal. pCO2|was|38. hCG|was|negative.
dsDNA|antibodies|were|absent. tPA|was|given. qSOFA|was|2. 5-FU|was|stopped. 2|days|later,|he|left.
99mTc|was|injected. 18|months|later|she|was|well. iNOS|was|seen. ad|lib|feeds|continued.
n-acetylcysteine|was|started. β-blockers|were|held. cTnI|was|raised.
3|of|5|specimens|grew|yeast.""")


def _spaced(entry: str) -> str:
    return entry.replace("|", " ")


def _number(rng: Random) -> str:
    whole = rng.choice((rng.randint(1, 9), rng.randint(10, 99), rng.randint(100, 1200)))
    return rng.choice(
        (f"{whole}", f"{whole}", f"{whole}.{rng.randint(0, 9)}", f".{rng.randint(1, 75)}")
    )


def _dose(rng: Random) -> str:
    routes = " ".join(rng.sample(DOSES, rng.choice((1, 1, 2, 2, 3))))
    unit = rng.choice(("mg", "mcg", "mg", "units", "mL"))
    return f"{rng.choice(DRUGS)} {_number(rng)} {unit} {routes}"


def _acronym(rng: Random) -> str:
    letters = "".join(
        rng.choice("ABCDEFGHIKLMNOPRSTUVXYZ") for _ in range(rng.choice((2, 2, 3, 3, 4, 5)))
    )
    forms = (
        *(
            letters,
            letters,
            f"{letters[0]}{rng.randint(1, 99)}",
            f"{letters[:2]}-{rng.randint(1, 33)}",
        ),
        *(f"({letters})", f"{letters}s", f"{rng.choice(MEASURES)}", f"{letters[0]}-{letters[1]}"),
        *(f"{rng.randint(1, 900)} {rng.choice(MEASURES)}", f"{letters[0].lower()}{letters[1:]}"),
    )
    return rng.choice(forms)


def _number_start(rng: Random) -> str:
    n = rng.randint(1, 2000)
    return rng.choice(
        (
            *(
                f"{n} patients",
                f"{n} of {n + 9} cases",
                f"{n} days later,",
                f"{n} mg/kg",
                f"{n}% of them",
            ),
            *(
                f"{n} years ago",
                f"{n}-year-old man",
                f"{n % 19}F-{_acronym(rng)}",
                f"{_acronym(rng)} and",
            ),
            *(
                f"{n % 99}.{n % 9}% of",
                f"{_acronym(rng)} was",
                f"{_acronym(rng)} scan:",
                f"{n % 9} weeks later",
            ),
        )
    )


def _telegraphic(rng: Random) -> str:
    """Short note-style sentences, on one line."""
    return " ".join(f"{part}.{END}" for part in rng.sample(PHRASES["t"], rng.randint(1, 4)))


def _person(rng: Random) -> str:
    initials = " ".join(
        f"{rng.choice('ABCDEFGHJKLMNPRSTVW')}." for _ in range(rng.choice((1, 1, 2)))
    )
    name = rng.choice(NAMES)
    plain = f"{rng.choice(TITLES[:6])} {name}"
    forms = (
        *(
            plain,
            plain,
            f"{plain}, M.D.,",
            f"{initials} {name}",
            f"{rng.choice(FIRST)} {initials} {name}",
        ),
        *(f"{rng.choice(TITLES[:4])} {initials} {name}", f"{name} et al.", f"{name} {initials}"),
        *(f"{name} Jr.", f"St. {name}'s Hospital", f"Mt. {name} Medical Center", f"Dr. {name}'s"),
        *(f"{name}, Inc.,", f"{name} & Co., Ltd.,", f"({name} Corp., {rng.choice(NAMES)}, U.S.A.)"),
        *(f"{rng.choice(FIRST)} {name}, Ph.D.,", f"U.S. {name}", f"the U.S. {name}"),
    )
    return rng.choice(forms)


def _reference(rng: Random) -> str:
    ref, n, letter = rng.choice(REFERENCES), rng.randint(1, 40), rng.choice("ABCDE")
    return rng.choice((f"({ref} {n})", f"(see {ref} {n}{letter})", f"in {ref} {n}", f"{ref} {n}"))


def _latin(rng: Random) -> str:
    n, mark = (
        rng.randint(1, 99),
        rng.choice(("e.g.", "i.e.", "e.g.,", "i.e.,", "cf.", "viz.", "esp.")),
    )
    named = (f"({mark} {rng.choice(DRUGS)})", f"({mark} {rng.choice(NAMES)})")
    return rng.choice((mark, *named, "vs.", "approx.", "ca.", f"approx. {n}", f"vs. {n}%"))


def _agent(rng: Random) -> str:
    return rng.choice(("with ", "by ", "per ", "to ", "")) + _person(rng)


def _organism(rng: Random) -> str:
    return _spaced(rng.choice(GENUS))


def _clock(rng: Random) -> str:
    hour = rng.randint(1, 12)
    time = rng.choice((f"{hour}:{rng.randint(0, 59):02d}", f"{hour}"))
    return f"at {time} {rng.choice(('a.m.', 'p.m.', 'A.M.', 'P.M.'))}"


def _date(rng: Random) -> str:
    return f"on {rng.choice(MONTHS)} {rng.randint(1, 31)}"


def _measure(rng: Random) -> str:
    return f"{_number(rng)} {rng.choice(UNITS)}"


def _shorthand(rng: Random) -> str:
    return rng.choice((rng.choice(CLINICAL), rng.choice(LATIN)))


def _citation(rng: Random) -> str:
    name, n = rng.choice(NAMES), rng.randint(1, 60)
    return rng.choice(
        (f"({name} et al.)", f"({name} et al., 2009)", f"{name} et al. [{n}]", "et al.")
    )


def _figures(rng: Random) -> str:
    n = rng.randint(1, 99)
    sizes = f"({_number(rng)} x {_number(rng)} cm)"
    return rng.choice((f"(p < .0{n})", f"P = .{n}", sizes, "...", f"(no. {n})", f"No. {n}"))


def _bracketed(rng: Random) -> str:
    inner = (_dose(rng), _measure(rng), rng.choice(FINAL), rng.choice(UNITS), rng.choice(DOSES))
    spread = rng.choice(("mean +/- S.D.", "± s.e.", "+/- S.E.M.", "sic!", "Grade 3.", "neg."))
    return rng.choice("()[]()()").translate(_WRAP).format(rng.choice((*inner, spread)))


_WRAP = str.maketrans({"(": "({})", ")": "({})", "[": "[{}]", "]": "[{}]"})


def _dotted(rng: Random) -> str:
    one, two = _acronym(rng).strip("()"), rng.choice(NAMES)
    named = (f"www.{two.lower()}.com", f"{two}.{one}@mail.org", f'("{rng.choice(DRUGS)}.")')
    return rng.choice((f"{one}.{two}", f"{one}.{one}", f"{two.lower()}.org", *named))


ASIDES = (
    *(_reference, _latin, _agent, _agent, _organism, _dose, _dose, _clock, _date, _measure),
    *(_shorthand, _citation, _figures, _bracketed, _bracketed, _dotted),
)


def aside(rng: Random) -> str:
    """Draw a few words that hold stops and end no sentence, to be set between two words of one."""
    return rng.choice(ASIDES)(rng)


def _lettered(rng: Random) -> str:
    carried = f"{rng.choice(CARRIERS)} {rng.choice('ABCDEGHIKLMNOSTVX')}"
    return rng.choice((_spaced(rng.choice(LETTERED)), carried)) + "."


def _named_end(rng: Random) -> str:
    name = rng.choice((rng.choice(NAMES), rng.choice("ABCDXYZ")))
    return f"{rng.choice(('by ', 'with ', 'saw ', ''))}{rng.choice(TITLES[:4])} {name}."


def _final(rng: Random) -> str:
    return rng.choice(("and ", "in the ", "", "")) + rng.choice(FINAL)


def _bracketed_end(rng: Random) -> str:
    n = rng.randint(1, 60)
    figures = (f"(Fig. {n}).", f"(Table {n}.)", f"({n}%).", f"[{n}].", f"in Table {n}.")
    words = ('"fine."', "(see above).", "“better.”", "to 98.6 F.", "of 37.5 °C.", "(neg.).")
    return rng.choice((*figures, *words, f"({n} mg/dL).", f"in {_number(rng)}."))


def _acronym_end(rng: Random) -> str:
    return rng.choice(("", "", "the ", "of ", "with ", "and ")) + _acronym(rng) + "."


def _date_end(rng: Random) -> str:
    month = rng.choice(MONTHS)
    return rng.choice((f"on {month} {rng.randint(1, 31)}.", f"in {month[:-1]}."))


def _counted(rng: Random) -> str:
    count = rng.choice((rng.randint(0, 20), rng.randint(21, 2023)))
    return f"{_spaced(rng.choice(COUNTED))} {count}."


def _short_end(rng: Random) -> str:
    """Draw a short name, as of a protein or a parent, or a unit of one letter."""
    n = rng.randint(2, 120)
    name = rng.choice("BCDFGHJKLMNPRST") + rng.choice("aeiouy") + rng.choice("bcdfgklmnprstvxz")
    name += rng.choice(("", "", "", "e", "a", "y"))
    units = (
        f"{n} degrees C.",
        f"at {n} degrees F.",
        f"1.{n} x 10(-9) M.",
        f"for {n} h.",
        "the pH.",
    )
    named = (f"{word} {name}." for word in ("of", "with", "by", "and", "from her", "to"))
    return rng.choice((*units, *named))


ENDINGS = (
    *(_clock, _dose, _lettered, _lettered, _lettered, _measure, _named_end, _final),
    *(_bracketed_end, _acronym_end, _acronym_end, _date_end, _counted, _counted),
    *(_short_end, _short_end),
)


def ending(rng: Random) -> str:
    """Draw words to end a sentence with, stop included, as an abbreviation's or a number's."""
    return rng.choice(ENDINGS)(rng)


# --- sentences, varied --------------------------------------------------------------------------


def varied(sentence: str, rng: Random) -> str:  # noqa: PLR0911 (a table of draws)
    """Give a sentence, now and then, an aside, another ending, or another mark at its end."""
    draw = rng.random()
    words = sentence.split(" ")
    if draw < 0.28 and len(words) > 3:
        for _ in range(rng.choice((1, 1, 2))):
            words.insert(rng.randint(1, len(words) - 1), aside(rng))
        return " ".join(words)
    if draw < 0.46 and len(words) > 3 and sentence[-1] == ".":
        return f"{sentence[:-1]} {ending(rng)}"
    if draw < 0.48 and sentence[-1] == ".":
        n = rng.randint(1, 40)
        cited = rng.choice((f".[{n}]", f".{n}", f".{n},{n + 1}", f".[{n}-{n + 2}]", f".({n})"))
        return sentence[:-1] + cited
    if draw < 0.51 and sentence[-1] == ".":
        return sentence[:-1] + rng.choice(("?", "!", "...", "…", "?!", "!!", " .", ";.", ".."))
    if draw < 0.54:
        return rng.choice((f'"{sentence}"', f"({sentence})", f"“{sentence}”", f"'{sentence}'"))
    if draw < 0.57:
        return _spaced(rng.choice(LOWER_STARTS))
    if draw < 0.61:
        return " ".join((_number_start(rng), *words[1:]))
    if draw < 0.64:
        return f"{aside(rng)} {sentence}" if rng.random() < 0.5 else f"{_person(rng)} {sentence}"
    return sentence


def _prose(pools: Pools, rng: Random, count: int) -> Sentences:
    if rng.random() < 0.5:
        document = rng.choice(pools.documents)
        start = rng.randrange(len(document)) if len(document) > count else 0
        chosen = document[start : start + count]
    else:
        chosen = rng.sample(pools.clinical, count)
    return [varied(sentence, rng) for sentence in chosen]


_HAS_STOP = re.compile(r"[.?!…][)\]\"'”]*(?:[\[(]?\d[\d,–-]*[\])]?)?$")


_WORD_END = re.compile(r"[a-z]\.$")
_WORD_START = re.compile(r"[A-Z][a-z]*\b")


def _stopped(sentence: str) -> str:
    return sentence if _HAS_STOP.search(sentence) else f"{sentence}."


def _joined(sentences: Sequence[str], rng: Random) -> str:
    style = rng.random()
    blanks = "  " if style < 0.3 else " "
    text = ""
    stopped = [_stopped(sentence) for sentence in sentences]
    for sentence, following in zip(stopped, [*stopped[1:], ""], strict=True):
        gap = blanks
        if style > 0.96 and _WORD_END.search(sentence) and _WORD_START.match(following):
            gap = rng.choice(("", blanks))
        text += sentence + END + gap
    return text.rstrip(" ")


def wrapped(paragraph: str, width: int, indent: str = "") -> str:
    """Break a paragraph into lines of at most `width` characters (END counts nothing)."""
    lines: list[str] = []
    line = ""
    for word in paragraph.split(" "):
        longer = f"{line} {word}" if line else word
        if line and len(longer.replace(END, "")) > width:
            lines.append(line.rstrip(" "))
            line = indent + word
        else:
            line = longer
    return "\n".join([*lines, line])


# --- notes --------------------------------------------------------------------------------------

HEADINGS = """CHIEF COMPLAINT|HISTORY OF PRESENT ILLNESS|PAST MEDICAL HISTORY|
PAST SURGICAL HISTORY|MEDICATIONS|CURRENT MEDICATIONS|ALLERGIES|FAMILY HISTORY|SOCIAL HISTORY|
REVIEW OF SYSTEMS|PHYSICAL EXAM|PHYSICAL EXAMINATION|VITALS|VITAL SIGNS|RESULTS|LABS|
LABORATORY DATA|IMAGING|ASSESSMENT|ASSESSMENT AND PLAN|PLAN|IMPRESSION|HOSPITAL COURSE|
DISCHARGE MEDICATIONS|DISCHARGE DIAGNOSIS|DISCHARGE INSTRUCTIONS|DISPOSITION|PROCEDURES|
INDICATION|FINDINGS|TECHNIQUE|COMPARISON|CONDITION AT DISCHARGE|FOLLOW UP|FOLLOW-UP|
INSTRUCTIONS|SUBJECTIVE|OBJECTIVE|A/P|HPI|PMH|ROS|Case report|Case presentation|Discussion|
Introduction|Conclusion|Background|Abstract|Methods|Patient history|Clinical course|Outcome|
Differential diagnosis|Treatment|Investigations|Consult note|Neck|Respiratory|Cardiovascular|
Head and Face|Musculoskeletal|Integumentary|Neurological|Eyes|Gastrointestinal|Genitourinary|
Psychiatric|Medical|Surgical|Abdomen|Extremities|Skin|HEENT|General|Hypertension|
Type 2 diabetes|Congestive heart failure|Case 1|Case 2|Day 3|Ears, Nose, Mouth and Throat|
Hospital Course by Problem|Reason for Visit|Past Ocular History|Radiology|EKG|Diet|Activity"""
KEYS = """Blood pressure|Heart rate|BP|HR|RR|Temp|SpO2|Weight|Height|BMI|O2 saturation|
Constitutional|Cardiovascular|Respiratory|Gastrointestinal|Neurological|Skin|Tobacco|Alcohol|
Name|DOB|MRN|Date|Provider|Medical Reasoning|Medical Treatment|Additional Testing|
Patient Education and Counseling|Auscultation of Heart|General Examination|WBC|Hgb|Plt|Na|K|Cr|
Examination|Gait|Motor|Lungs|Allergies|Date of admission|Attending|CC|Diagnosis|Specimen|CV|
MSK|Physical therapy|Previous surgery|Neck pain"""
VALUES = """127/80|98.6 F|72 bpm|16|99% on room air|37.2 C|82 kg|24.5|Elevated|Normal|None|
Afebrile|No|Yes|Negative|12.3|9.8 g/dL|150 K/uL|01/02/2020|03/15/1964|Clear bilaterally|
Regular rate and rhythm|Denies chest pain|Unremarkable|Soft, nontender|2018|1.2 mg/dL|
Within normal limits|NKDA|100.4 degrees F|supple, no JVD|no wheezes, rales or rhonchi|
alert and oriented x3|no cyanosis, clubbing or edema|HR 72|T 98.6|O2 sat 98% RA|RR 16|
no focal deficits|regular rhythm, no murmurs|nontender, no masses palpated"""
ITEMS = """Lisinopril 20 mg daily|aspirin 81 mg daily|metformin|Lipitor 80 mg at bedtime|
RCA stent 2018|Non-healing ulcer, right foot|Diabetes|Acne vulgaris|No swelling noted|
Appendectomy, 1998|Penicillin|Continue current medications|Follow up in 2 weeks|CBC, CMP, TSH|
chest pain|shortness of breath|Coronary artery disease|Obesity (BMI 41.2)|
Hypertension, controlled|return if worse|insulin glargine|Hypothyroidism|low salt diet|
Fever to 101.5|Nausea and vomiting|physical therapy|lisinopril|Start aspirin|
call clinic with questions|Vitamin D 2000 IU daily|MRI brain w/o contrast|BSA 2.65"""
TELEGRAMS = """PERRL|EOMI|NAD|RRR, no m/r/g|CTAB|r/o MI|Check troponin|RTC prn|A&O x3|No c/c/e|
DVT ppx|Code status: full|Continue ASA|NPO after midnight|CN II-XII intact|Stage IV|+BS|
2+ DP pulses|UA neg|Cont. home meds|F/u with PCP|CXR WNL|CBC, BMP in a.m.|Afebrile|No JVD|
NC/AT|Moves all ext. x4|Soft, NT/ND|Neg. for CVA|Hx of CAD, HTN|s/p CABG x 3|
Pt. denies CP, SOB|On RA|Pain 7/10|Likely GERD|Discussed w/ Dr. Lee|Will get CT|EKG: NSR|
Rec. IVF|BP 120/80|T 98.6|INR 2.3|WBC 12|Stable on O2|Rest"""
PHRASES = {
    name: [part.strip() for part in words.split("|") if part.strip()]
    for name, words in (("h", HEADINGS), ("k", KEYS), ("v", VALUES), ("i", ITEMS), ("t", TELEGRAMS))
}
BULLETS = ("- ", "- ", "• ", "• ", "* ", "•", "+ ", "– ", "o ", "-", "· ", "> ", "•\t", "-\t")


def _heading(rng: Random) -> str:
    text = rng.choice(PHRASES["h"])
    form = rng.random()
    if form < 0.35:
        text = text.upper()
    elif form < 0.65:
        text = text.capitalize() if rng.random() < 0.5 else text.title()
    if rng.random() < 0.05:
        text = rng.choice(
            ("== {} ==", "**{}**", "# {}", "[{}]", "{}.", "{} -", "I. {}", "2. {}")
        ).format(text)
    return text


def _item(pools: Pools, rng: Random) -> str:
    draw = rng.random()
    if draw < 0.30:
        text = rng.choice(PHRASES["i"]) + rng.choice(("", "", ".", "\t")) + END
    elif draw < 0.38:
        text = _telegraphic(rng)
    elif draw < 0.46:
        text = _dose(rng)
        text = (text if rng.random() < 0.7 else text.rstrip(".")) + END
    elif draw < 0.56:
        text = rng.choice(pools.items) + END
    elif draw < 0.64:
        text = _phrases(rng) + END
    elif draw < 0.74:
        text = rng.choice(pools.clinical).rstrip(".") + END
    else:
        text = _joined(
            [varied(s, rng) for s in rng.sample(pools.clinical, rng.choice((1, 1, 2, 3)))], rng
        )
    if rng.random() < 0.35:
        text = f"{rng.choice(PHRASES['k'])}: {text}"
    return text


def _list(pools: Pools, rng: Random, width: int | None) -> str:
    kind = rng.random()
    bullet = rng.choice(BULLETS)
    form = rng.choice(("{}. ", "{}. ", "{}) ", "({}) ", "{}.", "#{} ", "{} - ", "{}: "))
    lead = rng.choice(("", "", "", "  ", "    ", "\t"))
    lines = []
    for number in range(1, rng.randint(2, 8)):
        if kind < 0.45:
            start = lead + bullet
        elif kind < 0.75:
            start = lead + form.format(number)
        elif kind < 0.82:
            start = lead + form.format("abcdefgh"[number - 1])
        else:
            start = lead
        line = start + _item(pools, rng)
        if width:
            line = wrapped(line, width, rng.choice((" " * len(start), "")))
        lines.append(line)
    return rng.choice(("\n", "\n", "\n", "\n", "\n\n")).join(lines)


def _phrases(rng: Random) -> str:
    """Draw a line of phrases with commas between, no stop at its end."""
    return ", ".join(rng.sample(PHRASES["t"] + PHRASES["v"], rng.randint(1, 6)))


def _pairs(rng: Random) -> str:
    stop = rng.choice(("", "", "."))
    colon = rng.choice((": ", ": ", ":", " ", ":\t", " - ", "  "))
    long = rng.random() < 0.4
    lines = []
    for _ in range(rng.randint(2, 8)):
        key = rng.choice(PHRASES["k"])
        key = key.upper() if rng.random() < 0.2 else key
        value = _phrases(rng) if long else rng.choice(PHRASES["v"])
        lines.append(key + colon + value + stop + END)
    return "\n".join(lines)


def _inline_list(pools: Pools, rng: Random) -> str:
    form = rng.choice(("{}. ", "{}) ", "({}) "))
    items = (s.rstrip(".") for s in rng.sample(pools.items, 3))
    lead = rng.choice(("", "", "The plan is as follows: ", "Diagnoses: ", "Imp: "))
    return lead + " ".join(f"{form.format(i)}{item}.{END}" for i, item in enumerate(items, 1))


def _section(pools: Pools, rng: Random, width: int | None) -> str:
    draw = rng.random()
    if draw < 0.40:
        body = _joined(_prose(pools, rng, rng.randint(1, 6)), rng)
        body = wrapped(body, width) if width else body
    elif draw < 0.75:
        body = _list(pools, rng, width)
    elif draw < 0.90:
        body = _pairs(rng)
    elif draw < 0.93:
        body = _inline_list(pools, rng)
    elif draw < 0.96:
        body = _telegraphic(rng)
    else:
        body = rng.choice(pools.items) + END
    if rng.random() < 0.2:
        return body
    title = _heading(rng)
    if draw < 0.40 and rng.random() < 0.25:
        body = f"{title}: {body}"
        return wrapped(body.replace("\n", " "), width) if width else body
    end = rng.choice((":", "", "", ""))
    return (
        title + end + rng.choice(("", "", "", " ")) + END + rng.choice(("\n", "\n", "\n\n")) + body
    )


def note(pools: Pools, rng: Random) -> str:
    """Draw a note of headings, paragraphs and lists; a quarter of them hard-wrapped."""
    width = rng.randint(55, 110) if rng.random() < 0.25 else None
    gap = rng.choice(("\n\n", "\n\n", "\n", "\n\n\n"))
    return gap.join(_section(pools, rng, width) for _ in range(rng.randint(1, 7)))


_TITLE = re.compile(r"\b(?:Dr|Mr|Mrs|Ms|Prof|St|vs|Fig|No|al|[A-Z])\.(?!\ue000)(?: (?=\S))")


def report(pools: Pools, rng: Random) -> str:
    """Draw paragraphs of prose: on one line each, hard-wrapped, or a sentence a line."""
    width = rng.randint(50, 110) if rng.random() < 0.35 else None
    paragraphs = []
    for _ in range(rng.randint(1, 4)):
        sentences = _prose(pools, rng, rng.randint(2, 8))
        if not width and rng.random() < 0.1:
            paragraphs.append("\n".join(sentence + END for sentence in sentences))
        else:
            text = _joined(sentences, rng)
            if width:
                text = _TITLE.sub(
                    lambda m: m[0][:-1] + ("\n" if rng.random() < 0.15 else " "), text
                )
            if rng.random() < 0.06:
                text += " " + _inline_list(pools, rng)
            paragraphs.append(wrapped(text, width) if width else text)
    breaks = "\n\n" if width or rng.random() < 0.5 else "\n"
    titled = _heading(rng) + END + "\n" if rng.random() < 0.15 else ""
    return titled + breaks.join(paragraphs)


_BROKEN = re.compile(r"(?<=[a-z,]) (?=[a-z])")


def rewrapped(text: str, rng: Random) -> str:
    """Hard-wrap every line of a real note at one width."""
    width = rng.randint(60, 100)
    return "\n".join(wrapped(line, width) for line in text.split("\n"))


def noisy(text: str, rng: Random) -> str:
    """Draw the text as it may arrive: other white space, other case, a missing last stop."""
    draw = rng.random()
    if draw < 0.05:
        text = text.lower()
    elif draw < 0.09:
        text = text.upper()
    elif draw < 0.13:
        text = text.replace(" ", "\xa0") if draw < 0.10 else text.replace("'", "’")
    if rng.random() < 0.03:
        text = _BROKEN.sub(" \t", text, count=3)
    if rng.random() < 0.03:
        text = re.sub(r"(?<=\S) (?=\S)", lambda _: "  " if rng.random() < 0.1 else " ", text)
    if rng.random() < 0.05:
        text = text.replace("\n", "\r\n")
    if rng.random() < 0.10:
        text = re.sub(r"\.(?=\ue000\s*\n)", "", text)
    return text


def texts(pools: Pools, real: Sequence[str], count: int, seed: int) -> Iterator[Marked]:
    """`count` texts with known ends of sentences: reports, notes, and real notes, in that order."""
    rng = Random(seed)
    for i in range(count):
        kind = i % 20
        if kind < 9:
            text = report(pools, rng)
        elif kind < 17:
            text = note(pools, rng)
        elif kind < 19:
            text = rng.choice(real)
        else:
            text = rewrapped(rng.choice(real), rng)
        yield strip_marks(noisy(text, rng))
