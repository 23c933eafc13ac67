"""A strict reader of the Prometheus text format, version 0.0.4."""

from __future__ import annotations

import math
import re

_NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
_LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(,|$)')
_SAMPLE = re.compile(rf"({_NAME})(?:\{{(.*)\}})? (\S+)")
Sample = tuple[str, tuple[tuple[str, str], ...]]


def parse(text: str) -> dict[str, dict[Sample, float]]:
    """Family → (name, labels) → value. Fails on whatever a scraper would refuse."""
    assert text.endswith("\n")
    families: dict[str, dict[Sample, float]] = {}
    kinds: dict[str, str] = {}
    helps: set[str] = set()
    current = ""
    for line in text.splitlines():
        if line.startswith("# HELP "):
            name = line.split(" ", 3)[2]
            assert name not in helps, f"{name} is told twice"
            assert line.split(" ", 3)[3].endswith("."), line
            helps.add(name)
        elif line.startswith("# TYPE "):
            _, _, name, kind = line.split(" ")
            assert name in helps, name
            assert name not in kinds, name
            assert kind in {"counter", "gauge", "histogram"}, line
            assert (kind == "counter") == name.endswith("_total"), line
            assert re.fullmatch(r"[a-z][a-z0-9_]*", name), line
            assert name.startswith(("quantdesk_", "process_", "python_")), line
            current, kinds[name], families[name] = name, kind, {}
        else:
            found = _SAMPLE.fullmatch(line)
            assert found, line
            name, labels, value = found[1], _labels(found[2] or ""), float(found[3])
            base = re.sub(r"_(bucket|sum|count)$", "", name)
            assert current == (base if kinds[current] == "histogram" else name), line
            assert math.isfinite(value), line
            assert (name, labels) not in families[current], f"{line} is told twice"
            families[current][name, labels] = value
    for name, kind in kinds.items():
        if kind == "histogram":
            _check_histogram(name, families[name])
        elif kind == "counter":
            assert all(value >= 0 for value in families[name].values()), name
    return families


def _labels(text: str) -> tuple[tuple[str, str], ...]:
    found, place = [], 0
    while place < len(text):
        label = _LABEL.match(text, place)
        assert label, text
        found.append((label[1], label[2]))
        place = label.end()
    assert len({name for name, _ in found}) == len(found), text
    return tuple(found)


def _check_histogram(name: str, samples: dict[Sample, float]) -> None:
    groups: dict[tuple[tuple[str, str], ...], list[tuple[float, float]]] = {}
    for (sample, labels), value in samples.items():
        if sample == f"{name}_bucket":
            bounds = dict(labels)
            le = float(bounds.pop("le").replace("+Inf", "inf"))
            groups.setdefault(tuple(bounds.items()), []).append((le, value))
    assert groups
    for labels, buckets in groups.items():
        assert buckets == sorted(buckets), labels
        assert [count for _, count in buckets] == sorted(count for _, count in buckets)
        assert buckets[-1][0] == math.inf
        assert buckets[-1][1] == samples[f"{name}_count", labels]
        assert samples[f"{name}_sum", labels] >= 0
