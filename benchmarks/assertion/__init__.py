"""Assertion alone: how fast, and how right, beside medspaCy's ConText over the same chunks."""
