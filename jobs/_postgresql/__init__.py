"""PostgreSQL as a source and as a sink: addresses, types, rows in by COPY and out by COPY."""
