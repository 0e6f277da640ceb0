"""What `notemill doctor` looks at. Nothing heavy is imported before it is known to be there."""
