"""Helpers of jobs/train.py and jobs/export.py; torch and transformers are imported only here."""
