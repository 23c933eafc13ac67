"""The Grafana dashboard, made from the gateways: one row each, and one for the process."""

from __future__ import annotations

import json
from typing import Any

from quantdesk.gateways import GATEWAYS

WIDTH, HEIGHT = 6, 7
SOURCE = {"type": "prometheus", "uid": "${source}"}
_BY = 'job=~"$job"'


def dashboard() -> str:
    """The dashboard as Grafana imports it."""
    panels: list[dict[str, Any]] = []
    y = 0
    for title, row in (("The process", _process()), ("Queues and caches", _depths())):
        y = _add(panels, title, row, y, collapsed=False)
    for gateway in GATEWAYS:
        y = _add(panels, gateway.name, _gateway(gateway.name), y, collapsed=True)
    shown = [one for panel in panels for one in (panel, *panel.get("panels", ()))]
    for number, panel in enumerate(shown, 1):
        panel["id"] = number
    return json.dumps(
        {
            "title": "QuantDesk",
            "uid": "quantdesk",
            "tags": ["quantdesk"],
            "schemaVersion": 41,
            "editable": True,
            "refresh": "10s",
            "time": {"from": "now-1h", "to": "now"},
            "templating": {
                "list": [
                    {
                        "name": "source", "label": "Source", "type": "datasource",
                        "query": "prometheus",
                    },
                    {
                        "name": "job", "label": "Desk", "type": "query", "datasource": SOURCE,
                        "query": "label_values(quantdesk_build_info, job)", "refresh": 1,
                        "includeAll": True, "multi": True, "allValue": ".*",
                    },
                ]
            },
            "panels": panels,
        },
        indent=1,
    ) + "\n"  # fmt: skip


def _gateway(name: str) -> list[dict[str, Any]]:
    at = f'gateway="{name}",{_BY}'
    calls = f"sum by (operation) (rate(quantdesk_call_seconds_count{{{at}}}[$__rate_interval]))"
    errors = f"sum by (operation, code) (rate(quantdesk_errors_total{{{at}}}[$__rate_interval]))"
    waiting = f"sum by (operation) (quantdesk_in_flight{{{at}}})"
    held = f"max by (operation) (quantdesk_breaker_open{{{at}}})"
    buckets = f"sum by (le) (rate(quantdesk_call_seconds_bucket{{{at}}}[$__rate_interval]))"
    times = [
        (f"histogram_quantile({share}, {buckets})", label)
        for share, label in ((0.5, "p50"), (0.95, "p95"), (0.99, "p99"))
    ]
    return [
        _panel("Calls", "reqps", [(calls, "{{operation}}")]),
        _panel("Errors", "reqps", [(errors, "{{operation}} {{code}}")]),
        _panel("Response times", "s", times),
        _panel(
            "Under way, and breakers that are open", "short",
            [(waiting, "{{operation}}"), (held, "{{operation}} held back")],
        ),
    ]  # fmt: skip


def _process() -> list[dict[str, Any]]:
    return [
        _panel("Processor", "percentunit", [(_rate("process_cpu_seconds_total"), "{{job}}")]),
        _panel("Memory", "bytes", [(_one("process_resident_memory_bytes"), "{{job}}")]),
        _panel("Event loop lag", "s", [(_one("quantdesk_event_loop_lag_seconds"), "{{job}}")]),
        _panel(
            "Files, threads and collections", "short",
            [
                (_one("process_open_fds"), "files"),
                (_one("process_threads"), "threads"),
                (_rate("python_gc_collections_total"), "collections/s {{generation}}"),
            ],
        ),
    ]  # fmt: skip


def _depths() -> list[dict[str, Any]]:
    return [
        _panel(
            "Waiting", "short",
            [
                (_one("quantdesk_database_writes_waiting"), "writes"),
                (_one("quantdesk_queue_tasks"), "{{queue}} {{state}}"),
                (_one("quantdesk_stream_lag_records"), "{{group}} behind {{topic}}"),
            ],
        ),
        _panel("Commits", "iops", [(_rate("quantdesk_database_commits_total"), "commits")]),
        _panel(
            "Kept", "short",
            [
                (_one("quantdesk_cache_entries"), "cache"),
                (_one("quantdesk_remembered_answers"), "answers"),
            ],
        ),
        _panel(
            "Listeners and breakers", "short",
            [
                (_one("quantdesk_http_streams"), "streams"),
                (_one("quantdesk_event_listeners"), "{{topic}}"),
                (_one("quantdesk_breakers_open"), "breakers open"),
            ],
        ),
    ]  # fmt: skip


def _one(name: str) -> str:
    return f"{name}{{{_BY}}}"


def _rate(name: str) -> str:
    return f"rate({_one(name)}[$__rate_interval])"


def _panel(title: str, unit: str, queries: list[tuple[str, str]]) -> dict[str, Any]:
    return {
        "type": "timeseries",
        "title": title,
        "datasource": SOURCE,
        "fieldConfig": {"defaults": {"unit": unit, "min": 0}, "overrides": []},
        "targets": [
            {"refId": chr(ord("A") + number), "expr": query, "legendFormat": legend}
            for number, (query, legend) in enumerate(queries)
        ],
    }


def _add(
    panels: list[dict[str, Any]], title: str, row: list[dict[str, Any]], y: int, *, collapsed: bool
) -> int:
    """Put a row at `y`. Returns where the next one begins."""
    for number, panel in enumerate(row):
        panel["gridPos"] = {"x": number * WIDTH, "y": y + 1, "w": WIDTH, "h": HEIGHT}
    head = {
        "type": "row", "title": title, "collapsed": collapsed,
        "gridPos": {"x": 0, "y": y, "w": 4 * WIDTH, "h": 1}, "panels": row if collapsed else [],
    }  # fmt: skip
    panels.append(head)
    if not collapsed:
        panels += row
    return y + 1 + (0 if collapsed else HEIGHT)
