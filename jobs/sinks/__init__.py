"""Places that jobs write to."""
