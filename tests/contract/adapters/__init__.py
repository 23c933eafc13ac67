"""One file per adapter: how to open it, and what it cannot do."""
