"""An OTLP/HTTP receiver on a free port, as a collector is one: it keeps what it is sent."""

from __future__ import annotations

import gzip
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)


class Collector:
    """`spans` and `resources` as they arrived; `raw` is every byte of it."""

    def __init__(self, port: int = 0) -> None:
        self.spans: list[Any] = []
        self.resources: list[dict[str, str]] = []
        self.raw = b""
        self.paths: set[str] = set()
        collector = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if self.headers.get("Content-Encoding") == "gzip":
                    body = gzip.decompress(body)
                collector.take(self.path, body)
                answer = ExportTraceServiceResponse().SerializeToString()
                self.send_response(200)
                self.send_header("Content-Type", "application/x-protobuf")
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def take(self, path: str, body: bytes) -> None:
        told = ExportTraceServiceRequest.FromString(body)
        self.paths.add(path)
        self.raw += body
        for resource in told.resource_spans:
            self.resources.append(attributes(resource.resource))
            for scope in resource.scope_spans:
                self.spans += scope.spans

    def wait_for(self, count: int, trace_id: str, seconds: float = 30.0) -> list[Any]:
        """The spans of one trace, as soon as there are so many."""
        give_up = time.monotonic() + seconds
        while True:
            found = [span for span in self.spans if span.trace_id.hex() == trace_id]
            if len(found) >= count:
                return found
            assert time.monotonic() < give_up, f"{len(found)} of {count} spans"
            time.sleep(0.05)

    def wait_for_name(self, name: str, trace_id: str, seconds: float = 30.0) -> Any:
        """The first span of this name in one trace."""
        give_up = time.monotonic() + seconds
        while True:
            for span in list(self.spans):
                if span.name == name and span.trace_id.hex() == trace_id:
                    return span
            assert time.monotonic() < give_up, f"no {name}"
            time.sleep(0.05)


def attributes(holder: Any) -> dict[str, str]:
    return {pair.key: pair.value.string_value for pair in holder.attributes}
