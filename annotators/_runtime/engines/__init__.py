"""Engines other than onnxruntime, each with what of onnxruntime's sessions session.py calls."""
