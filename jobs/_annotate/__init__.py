"""What `notemill annotate` does once it is asked: read, annotate, write, count."""
