"""The clinical model's recipe: case reports of MACCROBAT to IOB2, training, export, card."""
