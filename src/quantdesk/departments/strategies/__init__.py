"""Strategies: what one is, how it is tested, and which version of it trades."""
