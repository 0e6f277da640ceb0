"""Entities of notes in the formats of other tools: BRAT, IOB2, JSON lines, FHIR."""
