"""How a command starts fast: the options of its Java, and what they are chosen by."""
