"""PostgreSQL as a sink: rows by COPY of the executors, a commit is one transaction."""
