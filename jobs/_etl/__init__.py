"""What `notemill etl` is made of: its configuration, the plan of a run, slices and commits."""
