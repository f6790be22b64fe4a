"""Benchmarks: run with `make bench`, never asserted on. Quote ratios from one run."""
