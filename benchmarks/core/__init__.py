"""The core suite: doors, replay, journal."""
