"""What is asked of files before they are read."""
