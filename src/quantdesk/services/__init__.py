"""Shared services: database, cache, queue, stream, event and ml, each behind its own gateway."""
