"""What `notemill report` is made of: reading a run, figures of it, and one HTML page."""
