"""Benchmarks, one package a suite. Nothing here judges: figures are printed, not asserted."""
