"""What executors run: the boundary to Spark's columns, model folders, ONNX sessions, programs."""

import os

# From 1.32 on onnxruntime tells its maker of the machine when it is imported, and of each model
# that is opened, unless this says no. A user's own value stays.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
