"""Venues: the port's conformance suite, reconciliation, and an exchange to run them against."""
