"""What every job shares: exit codes, the Spark session, notes spread over partitions."""
