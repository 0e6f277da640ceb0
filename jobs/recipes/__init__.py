"""How this project's own data sets and models are made, one recipe a packaged model."""
