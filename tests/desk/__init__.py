"""Tests of a whole desk in a process of its own."""
