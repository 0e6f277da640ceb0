"""How the pages are made: the one of the stages, and what mkdocs adds."""
