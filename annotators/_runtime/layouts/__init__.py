"""How folders of others lay a model, and what they say of it."""
