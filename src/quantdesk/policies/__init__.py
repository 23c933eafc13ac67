"""Policies: what happens around a call. One file each; the stage decides the order.

observe: metrics → admit: rate limit → record: audit → authorise → remember: cache, idempotency
→ protect: breaker, retry → the implementation.
"""

from .audit import AuditEntry, Auditing, AuditLog, AuditStore, Confidential, verify_chain
from .authorise import ROLES, Authorise, permissions_of
from .breaker import Breaker, CircuitBreaking
from .buckets import BucketStore, MemoryBuckets, address_key
from .cache import Cached, Caching
from .delivery import Outbox, Snapshot
from .idempotency import AnswerStore, Idempotency, MemoryAnswers
from .metrics import Metrics
from .rate_limit import RateLimit, RateLimiting
from .retry import Retry, Retrying

__all__ = [
    "ROLES",
    "AnswerStore",
    "AuditEntry",
    "AuditLog",
    "AuditStore",
    "Auditing",
    "Authorise",
    "Breaker",
    "BucketStore",
    "Cached",
    "Caching",
    "CircuitBreaking",
    "Confidential",
    "Idempotency",
    "MemoryAnswers",
    "MemoryBuckets",
    "Metrics",
    "Outbox",
    "RateLimit",
    "RateLimiting",
    "Retry",
    "Retrying",
    "Snapshot",
    "address_key",
    "permissions_of",
    "verify_chain",
]
