"""What executors run: the boundary to Spark's columns, model folders, ONNX sessions, programs."""
