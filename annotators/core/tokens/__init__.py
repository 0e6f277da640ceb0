"""Tokens by Spark NLP's rules."""
