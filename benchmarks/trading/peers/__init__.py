"""The engine beside NautilusTrader, hftbacktest and lrvx.

Each party runs in processes of its own, the peers in an environment of their own
(`environment.py`), on the same arrays; `rounds.py` runs them in turn and compares what they filled.
The programs of the peers know nothing of this repository.
"""
