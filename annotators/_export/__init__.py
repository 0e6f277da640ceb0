"""A Hugging Face model to a model folder: graph, int8, assets. Needs the extra [train]."""
