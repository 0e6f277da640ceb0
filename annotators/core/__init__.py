"""Pure functions on arrays: no Spark, no pandas, no onnxruntime, no I/O."""
