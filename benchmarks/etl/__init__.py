"""Soaks and measurements of `notemill etl`."""
