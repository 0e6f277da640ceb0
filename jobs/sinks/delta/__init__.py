"""Delta tables in a folder of this machine: files of the executors, committed by delta-rs."""
