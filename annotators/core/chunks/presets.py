"""Ready-made values of NerConverter's `replaceLabels`.

from annotators.core.chunks.presets import PROBLEM_TEST_TREATMENT

NerConverter(
    replaceLabels=PROBLEM_TEST_TREATMENT,
    whiteList=list(PROBLEM_TEST_TREATMENT),  # leaves out what is none of the three
)
"""

from __future__ import annotations

PROBLEM_TEST_TREATMENT: dict[str, str] = {
    "Disease_disorder": "PROBLEM",
    "Sign_symptom": "PROBLEM",
    "Diagnostic_procedure": "TEST",
    "Medication": "TREATMENT",
    "Therapeutic_procedure": "TREATMENT",
    "Disease": "PROBLEM",
    "Chemical": "TREATMENT",
}
"""The types of MACCROBAT and of BC5CDR by the names of i2b2 2010, which Spark NLP's ner_clinical
has. Without a white list other types (Lab_value, Dosage, Age and so on) keep their names: a result
is no TEST and a dose no TREATMENT there.
"""
