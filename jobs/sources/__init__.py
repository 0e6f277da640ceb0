"""Where notes come from: one file a kind of source."""
