"""Sentences by Spark NLP's rules."""
