"""The page around the plots."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from quantdesk.departments.analytics.figure_messages import Figure
from quantdesk.departments.strategies.backtests import BacktestResult
from quantdesk.departments.trading.engine.model import Rows
from quantdesk.kernel import UNIT, Amount, InvalidInput, spec_of, utc

from .plots import Line, Marker, bars, chosen_markers, plot
from .style import STYLE

if TYPE_CHECKING:
    from quantdesk.departments.strategies.backtests.running import Ran

_HEAD = (
    '<!doctype html><html lang="en"><head><meta charset="utf-8">'
    '<meta name="viewport" content="width=device-width,initial-scale=1">'
    '<meta http-equiv="Content-Security-Policy" content="default-src \'none\';'
    " style-src 'unsafe-inline'\">"
)


def write_report(ran: Ran, path: Path) -> None:
    """Raises `InvalidInput` where the file cannot be written."""
    try:
        path.write_text(page(ran), "utf-8")
    except OSError as error:
        raise InvalidInput(
            f"cannot write the report: {error.strerror}", where=str(path),
            advice="Name a file in a folder that this user can write.",
        ) from None  # fmt: skip


def page(ran: Ran) -> str:
    """The whole document."""
    result = ran.result
    quote = spec_of(result.settings.instruments[0]).quote
    title = f"{result.strategy.name} on {', '.join(result.settings.instruments)}"
    warnings = "".join(f"<li>{escape(text)}</li>" for text in result.warnings)
    body = [
        f"<header><h1>{escape(title)}</h1><p>{_span(result)}</p>{_chips(result)}</header>",
        f'<ul class="warnings">{warnings}</ul>' if warnings else "",
        _tiles(result, quote),
        *_plots(ran, quote),
        _costs(result, quote),
        _metrics(result.metrics, result.step_s),
        _facts(result),
        f"<footer>Strategy {result.strategy.version}<br>Fills {result.digest}</footer>",
    ]
    return (
        f"{_HEAD}<title>{escape(title)}</title><style>{STYLE}</style></head>"
        f"<body><main>{''.join(body)}</main></body></html>\n"
    )


def _span(result: BacktestResult) -> str:
    market = result.market
    return (
        f"{market.begin:%Y-%m-%d %H:%M:%S} to {market.end:%Y-%m-%d %H:%M:%S} UTC ·"
        f" {market.events:,} events · {result.strategy.mode} · equity every {result.step_s} s"
    )


def _chips(result: BacktestResult) -> str:
    given = {**result.strategy.params, **result.strategy.models}
    return "".join(
        f"<span>{escape(name)} <b>{escape(value)}</b></span>" for name, value in given.items()
    )


def _tiles(result: BacktestResult, quote: str) -> str:
    balance = result.settings.balance
    share = f"{float(result.pnl) / float(balance):+.4%}"
    known = {figure.name: figure for figure in result.metrics}
    sharpe = known["sharpe"].value
    tiles = [
        ("P&L", f"{result.pnl:+,.2f}", f"{share} of {balance} {quote}", float(result.pnl)),
        ("Max drawdown", f"{result.max_drawdown:,.2f}", quote, 0.0),
        ("Sharpe", "–" if sharpe is None else f"{sharpe:,.2f}", "annualised", 0.0),
        ("Fills", f"{result.fills:,}", f"{result.orders.submitted:,} orders", 0.0),
        ("Turnover", f"{result.exposure.turnover:,.2f}", quote, 0.0),
        ("Fees", f"{result.costs.fees:,.2f}", quote, 0.0),
    ]  # fmt: skip
    shown = "".join(
        f'<div><small>{escape(name)}</small><strong class="{_tone(sign)}">{escape(value)}</strong>'
        f"<small>{escape(note)}</small></div>"
        for name, value, note, sign in tiles
    )
    return f'<section class="tiles">{shown}</section>'


def _tone(sign: float) -> str:
    return "up" if sign > 0 else "down" if sign < 0 else ""


def _plots(ran: Ran, quote: str) -> Iterable[str]:
    curve = ran.curve
    times = curve.times.astype(np.float64)
    yield plot("Equity", [Line(times, curve.equity / UNIT)], unit=quote)
    yield plot(
        "Drawdown", [Line(times, -curve.drawdowns / UNIT, "loss", fill=True)], height=150,
        unit=quote, zero=True,
    )  # fmt: skip
    for at, name in enumerate(ran.result.settings.instruments):
        marks = ran.marks[at]
        fills = ran.fills[ran.fills["instrument"] == at]
        line = Line(marks.times.astype(np.float64), marks.twice / (2 * UNIT))
        shown = chosen_markers(len(fills))
        more = f", {len(shown):,} of {len(fills):,} fills" if len(shown) < len(fills) else ""
        yield plot(
            f"Fills on {name}", [line], height=320, unit=f"mid in {quote}{more}",
            markers=[_marker(fills[one]) for one in shown],
        )  # fmt: skip
    yield plot(
        "Exposure", [Line(times, curve.net / UNIT, "line", fill=True, steps=True)], height=150,
        unit=f"{quote}, long above zero", zero=True,
    )  # fmt: skip


def _marker(fill: Rows) -> Marker:
    bought = int(fill["side"]) > 0
    price, quantity = (Amount.from_units(int(fill[name])) for name in ("price", "quantity"))
    done = "bought" if bought else "sold"
    title = f"{done} {quantity} at {price}, {utc(int(fill['ts'])):%H:%M:%S.%f}"
    return Marker(float(fill["ts"]), float(price), bought, title)


def _costs(result: BacktestResult, quote: str) -> str:
    costs = result.costs
    rows = [
        ("At the mid, for nothing", costs.gross_pnl, 1),
        ("Spread, taking", costs.spread_taking, -1), ("Spread, making", costs.spread_making, -1),
        ("Fees", costs.fees, -1), ("Funding", costs.funding, -1), ("P&L", result.pnl, 1),
    ]  # fmt: skip
    return bars(
        "What it cost",
        [
            (name, sign * float(value), f"{Amount.of(sign * value):+,f}")
            for name, value, sign in rows
        ],
        quote,
    )


def _metrics(figures: Iterable[Figure], step_s: int) -> str:
    rows = "".join(
        f"<tr><td>{escape(one.name.replace('_', ' '))}</td>"
        f"<td>{'–' if one.value is None else f'{one.value:,.6g}'}</td><td>{escape(one.unit)}</td>"
        f"<td>{escape(one.note or one.method)}<br><small>{escape(one.source)}</small></td></tr>"
        for one in figures
    )
    return (
        f"<section><h2>Metrics</h2><p>From equity sampled every {step_s} s; years of 365.25 days."
        " A short test says little, however large its annual figures.</p>"
        f"<table><thead><tr><th>Metric<th>Value<th>Unit<th>How</tr></thead>"
        f"<tbody>{rows}</tbody></table></section>"
    )


def _facts(result: BacktestResult) -> str:
    settings, orders, market = result.settings, result.orders, result.market
    entry_ms, response_ms = settings.entry_ns / 1e6, settings.response_ns / 1e6
    on = result.exposure
    facts = {
        "Feed": settings.feed,
        "Market": f"{market.quotes:,} quotes, {market.trades:,} trades, {market.levels:,} level"
        f" changes; {market.quarantined:,} frames not believed, {market.refused:,} events refused",
        "Orders": f"{orders.submitted:,} submitted: {orders.filled:,} filled, {orders.cancelled:,}"
        f" cancelled, {orders.expired:,} expired, {orders.rejected:,} rejected,"
        f" {orders.open:,} open",
        "Fees": f"maker {settings.maker_fee}, taker {settings.taker_fee} of the notional",
        "Latency": f"{entry_ms:g} ms to the venue, {response_ms:g} back",
        "Book": f"depth {settings.depth}, queue model {settings.queue}",
        "Exposure": f"in the market {on.time_in_market:.1%} of the time, gross"
        f" {on.gross_mean:.2%} of equity on average, {on.gross_max:.2%} at most",
        "Left at the end": "; ".join(
            f"{one.quantity} {one.instrument} at {one.mark}" for one in result.positions
        ),
    }  # fmt: skip
    rows = "".join(
        f"<tr><td>{escape(name)}</td><td>{escape(text)}</td></tr>" for name, text in facts.items()
    )
    return f"<section><h2>Settings</h2><table><tbody>{rows}</tbody></table></section>"
