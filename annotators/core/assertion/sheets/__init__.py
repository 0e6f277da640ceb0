"""Many sentences as one text in arrays: its characters, its words, and phrases sought in them."""
