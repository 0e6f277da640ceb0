"""Gold files and metrics of `notemill evaluate`."""
