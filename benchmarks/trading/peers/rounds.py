"""All parties in turn on the same arrays: ratios of CPU, and whether they filled alike."""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.trading import strategies
from quantdesk.departments.trading.engine import model as m

from . import environment, maker

Figure = tuple[str, float | None, str]
ROUNDS = 5
UNIT = 100_000_000
START_NS = 1_700_000_000_000_000_000
"""NautilusTrader 1.221 ends with a double free on times near 0."""
LOTS_OFF_MAX = 2
TERMS = {
    "tick": UNIT // 100, "taker": 40_000, "lot": UNIT,
    "fast": strategies.FAST, "slow": strategies.SLOW,
    "l2_tick": UNIT // 10, "l2_lot": UNIT // 1_000, "l2_quantity": 137 * UNIT // 1_000,
    "power": 3.0, "entry_ns": 2_000_000, "response_ns": 2_000_000, "step_ns": 200_000_000,
}  # fmt: skip
QUEUES = ("risk_adverse", "power_prob", "log_prob", "power_prob2", "log_prob2", "power_prob3")
NO_RECORDINGS = "there are no recordings (QUANTDESK_RECORDINGS)"
Round = dict[str, dict[str, float]]


def measure(quotes: Any, recorded: Any | None) -> list[Figure]:
    """`quotes`: QUOTE events; `recorded`: an L2 recording, None where there is none."""
    missing = environment.missing()
    for name, reason in missing.items():
        print(f"{environment.PACKAGES[name]} is left out: {reason}", file=sys.stderr)
    with tempfile.TemporaryDirectory(prefix="quantdesk-peers-") as scratch:
        folder = Path(scratch)
        (folder / "terms.json").write_text(json.dumps(TERMS), "utf-8")
        later = quotes.copy()
        later["ts"] += START_NS
        np.save(folder / "quotes.npy", later)
        if recorded is None:
            missing.setdefault("hftbacktest", NO_RECORDINGS)
        else:
            book = recorded[(recorded["kind"] == m.LEVEL) | (recorded["kind"] == m.TRADE)]
            np.save(folder / "market.npy", maker.with_clock(book, TERMS["step_ns"]))
        ours = environment.Ours(folder)
        try:
            figures = _crossings(folder, ours, missing, len(quotes))
            return figures + _level_two(folder, ours, missing)
        finally:
            ours.close()


def _attempt(missing: dict[str, str], peer: str, program: str, *arguments: str) -> Any:
    """What a peer's program tells; None, and the peer is missing from here on, where it fails."""
    if peer in missing:
        return None
    try:
        return environment.run(program, *arguments)
    except (RuntimeError, OSError, ValueError) as error:
        missing[peer] = str(error)
        print(f"{environment.PACKAGES[peer]} is left out: {error}", file=sys.stderr)
        return None


def _crossings(
    folder: Path, ours: environment.Ours, missing: dict[str, str], count: int
) -> list[Figure]:
    rounds: list[Round] = []
    for number in range(ROUNDS + 1):  # the first round warms caches, and is compared
        found = {"ours": ours.ask("cross")["cpu_s"]}
        for peer, program in (("nautilus", "nautilus_cross"), ("lrvx", "lrvx_cross")):
            parts = [
                _attempt(missing, peer, program, str(folder), mode) for mode in ("nothing", "cross")
            ]
            if None not in parts:
                found[peer] = {k: s for part in parts for k, s in part["cpu_s"].items()}
        if number == 0:
            told = _compare_cross(folder) if "nautilus" in found else ""
        else:
            rounds.append(found)
    how = f"EMA cross, {count:,} quotes{told}"

    def figure(name: str, peer: str, theirs: str, mode: str, what: str) -> Figure:
        if peer in missing:
            return name, None, f"{environment.PACKAGES[peer]}: {missing[peer]}"
        ratio = statistics.median(r[peer][theirs] / r["ours"][mode] for r in rounds)
        each = statistics.median(r[peer][theirs] for r in rounds) / count * 1e6
        return name, ratio, f"{what}; it costs {each:.2f} µs CPU a quote; {how}"

    return [
        figure("callback_vs_nautilus", "nautilus", "cross", "callback", "times cheaper"),
        figure("compiled_vs_nautilus", "nautilus", "cross", "compiled", "times cheaper"),
        figure("batch_vs_nautilus", "nautilus", "cross", "batch", "times cheaper"),
        figure("noop_vs_nautilus", "nautilus", "nothing", "nothing", "times cheaper, no order"),
        figure("callback_vs_lrvx", "lrvx", "cross", "callback", "times cheaper, prices as trades"),
        figure("noop_vs_lrvx", "lrvx", "nothing", "nothing", "times cheaper, no order"),
    ]


def _compare_cross(folder: Path) -> str:
    ours, theirs = np.load(folder / "ours.npy"), np.load(folder / "nautilus.npy")
    if len(ours) != len(theirs):
        return f", {len(ours):,} fills against {len(theirs):,}"
    same = int((ours[:, :3] == theirs[:, :3]).all(axis=1).sum())
    fee = int(np.abs(ours[:, 3] - theirs[:, 3]).max(initial=0))
    return f", {same:,} of {len(ours):,} fills equal, fees at most {fee}e-8 apart"


def _level_two(folder: Path, ours: environment.Ours, missing: dict[str, str]) -> list[Figure]:
    names = ("l2_vs_hftbacktest", "l2_maker_vs_hftbacktest")
    rounds: list[Round] = []
    told, events = "", 1
    for number in range(ROUNDS + 1):
        queues = QUEUES if number == 0 else ()
        theirs = _attempt(missing, "hftbacktest", "hft_maker", str(folder), *queues)
        if theirs is None:
            reason = f"{environment.PACKAGES['hftbacktest']}: {missing['hftbacktest']}"
            return [(name, None, reason) for name in names]
        mine = ours.ask("maker", *queues)
        if number == 0:
            told, events = _compare_makers(folder, theirs["ends"]), theirs["events"]
        else:
            rounds.append({"ours": mine["cpu_s"], "theirs": theirs["cpu_s"]})
    figures: list[Figure] = []
    for name, mode in zip(names, ("replay", "maker"), strict=True):
        ratio = statistics.median(r["ours"][mode] / r["theirs"][mode] for r in rounds)
        each = statistics.median(r["theirs"][mode] for r in rounds) / events * 1e6
        how = f"times dearer ({mode}); it costs {each:.3f} µs CPU an event, {events:,} events"
        figures.append((name, ratio, how + (told if mode == "maker" else "")))
    return figures


def compared(ours: Any, theirs: Any) -> tuple[int, int, int, int]:
    """Of the maker's orders, as far as theirs went: filled by either; alike to the last lot; within
    what rounding does (their queue goes to the nearest lot, ours down to it); different."""
    ours = ours[: len(theirs)]
    either = (ours > 0) | (theirs > 0)
    off = np.abs(ours - theirs)[either] // TERMS["l2_lot"]
    equal, near = int((off == 0).sum()), int(((off > 0) & (off <= LOTS_OFF_MAX)).sum())
    return int(either.sum()), equal, near, int(either.sum()) - equal - near


def _compare_makers(folder: Path, ends: dict[str, int]) -> str:
    parts = []
    for name in QUEUES:
        ours, theirs = np.load(folder / f"ours_{name}.npy"), np.load(folder / f"hft_{name}.npy")
        filled, equal, near, other = compared(ours, theirs)
        stopped = "" if ends[name] == 1 else f", until it stops with error {ends[name]}"
        parts.append(f"{name} {equal}+{near}+{other} of {filled}{stopped}")
    return "; orders filled alike + by rounding + otherwise: " + "; ".join(parts)
