"""Spans to a collector, by OTLP over HTTP, in a thread of their own.

Needs the extra `quantdesk[otel]`. A collector that is slow or away costs the desk nothing: spans
wait in a bounded queue, and what finds it full, or cannot be delivered, is dropped and counted.
"""

from __future__ import annotations

import asyncio
import logging
import os
import threading
from collections import deque
from typing import TYPE_CHECKING

import structlog

from quantdesk.kernel import Misconfigured

from .tracing import Span

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import ReadableSpan

QUEUE_MAX = 4_096
BATCH_MAX = 512
PAUSE_S = 1.0
TIMEOUT_S = 5.0
_PATH = "/v1/traces"


class SpanExport:
    """Delivers spans to `endpoint`, the collector's base address."""

    def __init__(
        self,
        endpoint: str,
        version: str,
        *,
        queue_max: int = QUEUE_MAX,
        pause_s: float = PAUSE_S,
        timeout_s: float = TIMEOUT_S,
    ) -> None:
        try:
            from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
            from opentelemetry.sdk.resources import Resource
            from opentelemetry.sdk.trace.export import SpanExportResult
            from opentelemetry.sdk.util.instrumentation import InstrumentationScope
        except ImportError as error:
            raise Misconfigured(
                "traces need OpenTelemetry, which is not installed",
                where="telemetry.otlp_endpoint",
                advice="Install it with: pip install 'quantdesk[otel]', or leave it out.",
            ) from error
        # It tells of each attempt, in a format of its own; here failures are told once.
        logging.getLogger("opentelemetry.exporter").setLevel(logging.CRITICAL)
        base = endpoint.rstrip("/")
        self.endpoint = base if base.endswith(_PATH) else base + _PATH
        self._exporter = OTLPSpanExporter(endpoint=self.endpoint, timeout=timeout_s)
        self._success = SpanExportResult.SUCCESS
        self._resource = Resource(
            {"service.name": "quantdesk", "service.version": version, "process.pid": os.getpid()}
        )
        self._scope = InstrumentationScope("quantdesk", version)
        self._queue: deque[Span] = deque()
        self._queue_max = queue_max
        self._pause_s = pause_s
        self._timeout_s = timeout_s
        self._wake = threading.Event()
        self._ending = False
        self._failing = False
        self._thread: threading.Thread | None = None
        self._log = structlog.get_logger("quantdesk.telemetry")
        self.delivered = 0
        self.dropped = 0

    @property
    def waiting(self) -> int:
        """Spans in the queue."""
        return len(self._queue)

    def put(self, span: Span) -> None:
        """Queue one span, or drop it. Never waits."""
        if self._ending or len(self._queue) >= self._queue_max:
            self.dropped += 1
            return
        self._queue.append(span)
        if len(self._queue) >= BATCH_MAX:
            self._wake.set()

    async def start(self) -> None:
        self._thread = threading.Thread(target=self._run, name="span-export", daemon=True)
        self._thread.start()

    async def close(self) -> None:
        """Deliver what waits, as long as it takes one call, and end the thread."""
        if self._thread is None or self._ending:
            return
        self._ending = True
        self._wake.set()
        await asyncio.to_thread(self._thread.join, self._timeout_s)
        self._exporter.shutdown()  # type: ignore[no-untyped-call]  # the library has no type for it; it ends an attempt under way
        await asyncio.to_thread(self._thread.join, self._timeout_s)

    def _run(self) -> None:
        while not self._ending:
            self._wake.wait(self._pause_s)
            self._wake.clear()
            self._drain()
        self._drain()

    def _drain(self) -> None:
        while self._queue:
            batch = [self._queue.popleft() for _ in range(min(BATCH_MAX, len(self._queue)))]
            try:
                ok = self._exporter.export([self._told(span) for span in batch]) is self._success
            except Exception:  # noqa: BLE001 - whatever the library does, the thread goes on
                ok = False
            if ok:
                self.delivered += len(batch)
            else:
                self.dropped += len(batch)
                if self._ending:  # nobody waits for a collector that is away
                    self.dropped += len(self._queue)
                    self._queue.clear()
            if ok is self._failing:
                self._failing = not ok
                tell = self._log.info if ok else self._log.warning
                tell("spans are delivered" if ok else "spans are dropped", endpoint=self.endpoint)

    def _told(self, span: Span) -> ReadableSpan:
        """As OpenTelemetry has it. Made here and not by its tracer: the loop only takes notes."""
        from opentelemetry.sdk.trace import ReadableSpan
        from opentelemetry.trace import SpanContext, SpanKind, TraceFlags, TraceState
        from opentelemetry.trace.status import Status, StatusCode

        trace_id, flags = int(span.place.trace_id, 16), TraceFlags(TraceFlags.SAMPLED)
        state = TraceState.from_header([span.place.state]) if span.place.state else TraceState()
        parent = None
        if span.parent_id is not None:
            parent = SpanContext(trace_id, int(span.parent_id, 16), span.entry, flags, state)
        operation = span.operation
        attributes = {
            "rpc.system.name": "quantdesk",
            "rpc.service": operation.gateway,
            "rpc.method": f"{operation.gateway}/{operation.name}",
            "quantdesk.effect": str(operation.effect),
            "quantdesk.caller.kind": str(span.caller_kind),
        }
        status = Status(StatusCode.UNSET)
        if span.error is not None:
            attributes["error.type"] = attributes["rpc.response.status_code"] = span.error
            status = Status(StatusCode.ERROR, span.error)
        return ReadableSpan(
            f"{operation.gateway}/{operation.name}",
            context=SpanContext(trace_id, int(span.place.span_id, 16), False, flags, state),
            parent=parent,
            resource=self._resource,
            attributes=attributes,
            kind=SpanKind.SERVER if span.entry else SpanKind.INTERNAL,
            status=status,
            start_time=span.started_ns,
            end_time=span.ended_ns,
            instrumentation_scope=self._scope,
        )
