"""Programs that read, transform, write: each a `notemill` command, module and spark-submit file."""
