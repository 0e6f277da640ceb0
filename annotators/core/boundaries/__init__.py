"""Sentence boundaries by a learned scorer."""
