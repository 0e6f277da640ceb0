"""How annotations are shown: spans of a text as HTML, the same in reports and notebooks."""
