"""The report of a benchmark: figures, tables, charts, and the parts of the page."""
