"""The HTTP suite: the door over loopback, beside nginx and FastAPI in the same run."""
