"""Programs: read, transform, write. Each is a command of `notemill`, a module and a spark-submit file."""
