"""The sink that needs no server: Parquet in a folder of this machine, committed by one rename."""
