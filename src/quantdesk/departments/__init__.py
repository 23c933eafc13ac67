"""Departments, lowest first: identity, ingestion, oracle, chain, trading, analytics, ai.

A department may use the public face (its `__init__`) of those before it, never what is behind.
"""
