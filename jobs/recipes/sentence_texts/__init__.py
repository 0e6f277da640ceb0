"""Texts whose sentence boundaries are known, to train the sentence detector on.

Sentences come from corpora that mark them (tokenised ones are put back together) and from phrases
of our own; what is between them is drawn: blanks, line breaks, hard wrapping, headings, bullets,
numbered lines, keys and values. Abbreviations, doses, citations and names with initials are set
into sentences where they do not end them, and at their ends where they do.

The convention: a heading line, a numbered line and a bullet item each start and end a sentence, and
full stops inside them end sentences too; a line break inside hard-wrapped prose ends none.

Everything is drawn from one `random.Random`: the same seed, the same texts.
"""
