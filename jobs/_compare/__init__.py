"""What `notemill compare` is made of: matching entities, figures with intervals, and a page."""
