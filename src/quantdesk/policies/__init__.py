"""Policies: what happens around a call. One file each; the stage decides the order.

observe: metrics, tracing → admit: rate limit → record: audit → authorise → step up
→ remember: cache, idempotency → protect: breaker, retry → the implementation.
"""

from .addresses import comes_from, network_text
from .audit import AuditEntry, Auditing, AuditLog, AuditStore, Confidential, verify_chain
from .authorise import ROLES, Authorise, permissions_of
from .breaker import Breaker, CircuitBreaking
from .buckets import BucketStore, MemoryBuckets, address_key
from .cache import Cached, Caching
from .checkpoints import Checkpointer
from .coalesce import Coalesced
from .delivery import Outbox, Snapshot
from .idempotency import AnswerStore, Idempotency, MemoryAnswers
from .metrics import Family, Figures, Metrics
from .rate_limit import RateLimit, RateLimiting
from .retry import Retry, Retrying
from .step_up import SteppingUp, StepUp
from .tracing import Span, Tracing
from .trail import TrailReport, verify_trail

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
    "Checkpointer",
    "CircuitBreaking",
    "Coalesced",
    "Confidential",
    "Family",
    "Figures",
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
    "Span",
    "StepUp",
    "SteppingUp",
    "Tracing",
    "TrailReport",
    "address_key",
    "comes_from",
    "network_text",
    "permissions_of",
    "verify_chain",
    "verify_trail",
]
