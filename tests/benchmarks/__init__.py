"""Benchmarks: ratios of times, each pair measured side by side and in turn."""
