"""Benchmarks (``make bench``) and the long torture (``make soak``)."""
