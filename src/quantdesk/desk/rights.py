"""What each part of the desk may ask of the others: these rights and no more."""

from __future__ import annotations

_TABLES = ("database.read", "database.write", "database.migrate")
RIGHTS: dict[str, tuple[str, ...]] = {
    "policies": _TABLES,
    "queue": _TABLES,
    "ml": _TABLES,
    "identity": _TABLES,
    "ingestion": ("stream.append", "event.publish", "event.subscribe"),
    "chain": _TABLES,
    "oracle": (*_TABLES, "chain.post_price", "chain.read"),
    "trading": (
        *_TABLES, "event.publish", "event.subscribe", "oracle.read", "chain.open_account",
        "chain.settle", "chain.read",
    ),
    "analytics": _TABLES,
    "strategies": (
        *_TABLES, "ml.read", "event.publish", "event.subscribe", "trading.read", "trading.place",
        "trading.open_account",
    ),
    "ai": (
        *_TABLES, "ml.register", "ml.infer", "ml.read", "analytics.read", "ingestion.read",
        "oracle.read",
    ),
    "flows": (
        "identity.manage", "ingestion.ingest", "ingestion.read", "oracle.observe", "oracle.read",
        "chain.read", "trading.on_market", "trading.place", "trading.read", "trading.settle",
        "trading.open_account", "analytics.record", "analytics.read", "ai.observe",
        "ai.recommend", "ai.approve", "ai.chat", "ai.learn", "ai.read", "ml.infer", "ml.read",
        "database.read", "stream.read", "stream.commit", "cache.read", "cache.write",
        "queue.write", "queue.work", "event.publish", "event.subscribe", "operations.read",
        "risk.manage", "strategies.watch",
    ),
}  # fmt: skip
