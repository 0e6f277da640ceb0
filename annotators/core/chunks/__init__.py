"""Chunks (entities) from token labels."""
