"""Less work for the same answers: early exit, bf16, latency; see docs/performance.md."""
