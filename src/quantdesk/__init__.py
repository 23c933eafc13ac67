"""QuantDesk: a self-hosted trading desk whose departments are reached through one kind of door."""

__version__ = "2026.11.0"
