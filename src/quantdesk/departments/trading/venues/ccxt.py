"""Exchanges through ccxt (extra `quantdesk[ccxt]`), over their REST interface.

Numbers travel as text and are turned into units of 1e-8 exactly. A number off the exchange's grid
is refused here, because ccxt would cut it without a word. What may have happened is never called a
refusal: only errors that ccxt knows as a definite no are one; the rest are `OutcomeUnknown`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from decimal import Decimal, InvalidOperation
from functools import partial
from importlib import import_module
from typing import Any, Final, Protocol, TypeVar

from msgspec import Struct

from quantdesk.kernel import (
    Amount,
    CorruptData,
    InvalidInput,
    Misconfigured,
    NotFound,
    OutcomeUnknown,
    Seam,
)

from . import (
    ANSWER_MAX,
    Balance,
    Card,
    FillReport,
    OrderReport,
    Report,
    VenueOrder,
    VenueRejected,
    VenueState,
)
from ._ccxt_errors import is_not_found, meaning
from ._polling import Polling
from .config import VenueConfig, secret_of

T = TypeVar("T")
Data = dict[str, Any]
NS_PER_MS = 1_000_000
RECV_WINDOW_MS = 5_000
IDS_KEPT_MAX = 100_000
_EXTRA: Final = "quantdesk[ccxt]"
_STATES: Final[dict[str, VenueState]] = {
    "closed": "filled", "canceled": "cancelled", "expired": "expired", "rejected": "rejected",
}  # fmt: skip


class Exchange(Protocol):
    """What of a ccxt exchange is used here."""

    urls: Data
    markets: dict[str, Data]
    parse_json: Callable[[str], object]

    def set_sandbox_mode(self, enabled: bool, /) -> None: ...
    async def load_markets(self) -> object: ...
    async def create_order(  # noqa: PLR0917 - the library's own order of parameters
        self, symbol: str, kind: str, side: str, amount: str, price: str | None, params: Data, /
    ) -> Data: ...
    async def cancel_order(self, order_id: str, symbol: str, params: Data, /) -> Data: ...
    async def cancel_all_orders(self, symbol: str, /) -> object: ...
    async def fetch_order(self, order_id: str, symbol: str, params: Data, /) -> Data: ...
    async def fetch_open_orders(self, symbol: str, /) -> list[Data]: ...
    async def fetch_my_trades(self, symbol: str, since_ms: int, limit: int, /) -> list[Data]: ...
    async def fetch_balance(self) -> Data: ...
    async def close(self) -> None: ...


class Dialect(Struct, frozen=True, kw_only=True):
    """What we have to know of an exchange beyond ccxt, each shown by the conformance suite against
    a server that speaks its interface. An exchange that is not here is refused."""

    hosts: tuple[str, ...]
    path: str
    options: Data
    late_s: float


DIALECTS: Final[dict[str, Dialect]] = {
    "binance": Dialect(
        hosts=("public", "private"),
        path="/api/v3",
        options={
            "fetchMarkets": {"types": ["spot"]},
            "fetchMargins": False,
            "defaultType": "spot",
            "recvWindow": RECV_WINDOW_MS,
            "quoteOrderQty": False,
        },
        # The exchange refuses a request that is older than its window when it arrives; the rest is
        # for two clocks that differ.
        late_s=2 * RECV_WINDOW_MS / 1_000,
    ),
}


def open_exchange(name: str, config: VenueConfig) -> Exchange:
    """The exchange of ccxt, with our keys. Raises `Misconfigured` naming what is missing."""
    where = f"venues.{name}"
    dialect = DIALECTS.get(config.exchange)
    if dialect is None:
        raise Misconfigured(
            f"{config.exchange} has not been through the conformance suite",
            where=f"{where}.exchange", advice=f"Use one of {', '.join(sorted(DIALECTS))}.",
        )  # fmt: skip
    try:
        library = import_module("ccxt.async_support")
    except ImportError:
        raise Misconfigured(
            "exchanges need an optional part", where=where, advice=f"pip install '{_EXTRA}'"
        ) from None
    made: Exchange = getattr(library, config.exchange)({
        "apiKey": secret_of(config.key, f"{where}.key"),
        "secret": secret_of(config.secret, f"{where}.secret"),
        "number": str,
        "timeout": round(config.timeout_s * 1_000),
        "has": {"fetchCurrencies": False},
        "options": dialect.options,
    })  # fmt: skip
    made.parse_json = partial(_parsed, made.parse_json)
    if config.sandbox and config.url is None:
        made.set_sandbox_mode(True)
    if config.url is not None:
        for host in dialect.hosts:
            made.urls["api"][host] = config.url.rstrip("/") + dialect.path
    return made


class CcxtVenue:
    """`Venue` over one exchange and one account there."""

    def __init__(self, name: str, config: VenueConfig, seam: Seam) -> None:
        self.name = name
        self._config = config
        self._seam = seam
        self._exchange = open_exchange(name, config)
        self._dialect = DIALECTS[config.exchange]
        self._symbols = {i: "/".join(i.split("-")) for i in config.instruments}
        self._ids: dict[str, str] = {}
        """Venue order id → client order id: an exchange's fills name only the first."""
        self._sent: dict[str, None] = {}
        self._polling = Polling(self, seam, config.poll_s, config.instruments)

    @property
    def card(self) -> Card:
        return Card(
            order_types=("market", "limit"),
            times_in_force=("GTC", "IOC", "FOK"),
            post_only=True,
            reduce_only=False,
            iceberg=False,
            amend=False,
            mass_cancel=True,
            cancel_on_disconnect=False,
            client_ids="open",
            query_by_client_id=True,
            late_s=self._dialect.late_s,
            remembers=True,
            checks_funds=True,
            latency="network",
            reports="polled",
            open_orders_max=200,
        )

    async def submit(self, order: VenueOrder) -> OrderReport:
        symbol = await self._check(order)
        key = order.client_order_id
        if key in self._sent:
            # The exchange would take a second order under this id once the first has ended.
            known = await self.order(key, order.instrument)
            if known is not None:
                return known
        self._remember(self._sent, key, None)
        params: Data = {"clientOrderId": key}
        if order.type == "limit":
            params |= (
                {"postOnly": True} if order.post_only else {"timeInForce": order.time_in_force}
            )
        price = _text(order.price) if order.type == "limit" else None
        try:
            made = await self._exchange.create_order(
                symbol, order.type, order.side, _text(order.quantity), price, params
            )
        except Exception as error:  # noqa: BLE001 - whatever it was, it may have been sent
            said = meaning(error, f"order {key}", effect=True)
            if isinstance(said, VenueRejected) and "uplicate" in said.message:
                known = await self.order(key, order.instrument)
                if known is not None:
                    return known
            raise said from None
        report = self._answer(made, order.instrument, key)
        self._polling.watch(report)
        return report

    async def cancel(self, client_order_id: str, instrument: str) -> OrderReport:
        symbol = await self._symbol(instrument)
        try:
            done = await self._exchange.cancel_order("", symbol, {"clientOrderId": client_order_id})
        except Exception as error:  # noqa: BLE001 - as above
            if not is_not_found(error):
                raise meaning(error, f"cancel {client_order_id}", effect=True) from None
            known = await self.order(client_order_id, instrument)
            if known is None:
                raise NotFound(f"{self.name} has no order {client_order_id}") from None
            return known
        return self._answer(done, instrument, client_order_id)

    async def amend(
        self, client_order_id: str, instrument: str, *, quantity: int = 0, price: int = 0
    ) -> OrderReport:
        # It would be another order with another id, and between the two there is a gap.
        raise VenueRejected(
            f"{self.name} cannot amend {client_order_id} ({quantity=}, {price=}, {instrument})",
            advice="Cancel it and place a new order.",
        )

    async def cancel_all(self, instrument: str | None = None) -> None:
        for name in self._symbols if instrument is None else (instrument,):
            symbol = await self._symbol(name)
            try:
                await self._exchange.cancel_all_orders(symbol)
            except Exception as error:  # noqa: BLE001 - as above
                if not is_not_found(error):  # there was nothing to cancel
                    raise meaning(error, f"cancel all of {name}", effect=True) from None

    async def order(self, client_order_id: str, instrument: str) -> OrderReport | None:
        symbol = await self._symbol(instrument)
        try:
            found = await self._exchange.fetch_order("", symbol, {"clientOrderId": client_order_id})
        except Exception as error:  # noqa: BLE001 - reads are sorted too
            if is_not_found(error):
                return None
            raise meaning(error, f"order {client_order_id}", effect=False) from None
        return self._report(found, instrument, client_order_id)

    async def open_orders(self) -> tuple[OrderReport, ...]:
        found: list[OrderReport] = []
        for instrument in self._symbols:
            symbol = await self._symbol(instrument)
            rows = await self._read(self._exchange.fetch_open_orders(symbol), "open orders")
            found.extend(self._report(row, instrument, str(row["clientOrderId"])) for row in rows)
        return tuple(found)

    async def fills(self, instrument: str, since_ns: int = 0) -> tuple[FillReport, ...]:
        symbol = await self._symbol(instrument)
        rows = await self._read(
            self._exchange.fetch_my_trades(symbol, max(0, since_ns) // NS_PER_MS, ANSWER_MAX),
            "fills",
        )
        found = [await self._fill(row, instrument, symbol) for row in rows[:ANSWER_MAX]]
        return tuple(sorted(found, key=lambda fill: (fill.at_ns, fill.venue_fill_id)))

    async def balances(self) -> tuple[Balance, ...]:
        await self._ready()
        told = await self._read(self._exchange.fetch_balance(), "balances")
        free, held = told["free"], told["used"]
        made = (
            Balance(asset=a, free=_units(free[a]), held=_units(held.get(a))) for a in sorted(free)
        )
        return tuple(balance for balance in made if balance.free or balance.held)

    def reports(self) -> AsyncIterator[Report]:
        return self._polling.read()

    async def close(self) -> None:
        self._polling.close()
        await self._exchange.close()

    # What is exchanged

    async def _ready(self) -> None:
        await self._read(self._exchange.load_markets(), "its markets")

    async def _symbol(self, instrument: str) -> str:
        symbol = self._symbols.get(instrument)
        if symbol is None:
            raise VenueRejected(f"{instrument} is not traded at {self.name}")
        await self._ready()
        if symbol not in self._exchange.markets:
            raise VenueRejected(f"{self.name} has no market {symbol}")
        return symbol

    async def _read(self, call: Awaitable[T], what: str) -> T:
        try:
            return await call
        except Exception as error:  # noqa: BLE001 - every error of a library becomes one of ours
            raise meaning(error, f"{self.name}: {what}", effect=False) from None

    async def _check(self, order: VenueOrder) -> str:
        """The symbol of an order that fits the card and the grid; nothing has been sent."""
        symbol, card = await self._symbol(order.instrument), self.card
        wants = {
            order.type: order.type in card.order_types,
            order.time_in_force: order.time_in_force in card.times_in_force,
            "reduce-only": not order.reduce_only,
            "a shown quantity": not order.display,
            "a trigger": not (order.trigger or order.trail or order.offset or order.expire_ns),
        }
        for what, can in wants.items():
            if not can:
                raise VenueRejected(f"{self.name} does not take {what}")
        precision = self._exchange.markets[symbol]["precision"]
        for what, units in (("amount", order.quantity), ("price", order.price)):
            step = _units(precision[what])
            if units % step or (units <= 0 and (what == "amount" or order.type == "limit")):
                raise VenueRejected(f"{what} {_text(units)} is not on {self.name}'s grid")
        return symbol

    def _answer(self, row: Data, instrument: str, client_order_id: str) -> OrderReport:
        """The report that answers a request; one that cannot be read leaves open what happened."""
        try:
            return self._report(row, instrument, client_order_id)
        except CorruptData as error:
            raise OutcomeUnknown(f"{client_order_id}: {error.message}") from None

    def _report(self, row: Data, instrument: str, client_order_id: str) -> OrderReport:
        status = row["status"]
        if not row["id"] or status not in {"open", *_STATES} or row["side"] not in {"buy", "sell"}:
            raise CorruptData(f"{self.name}'s answer is not an order", where="venue")
        venue_order_id, filled = str(row["id"]), _units(row["filled"])
        self._remember(self._ids, venue_order_id, client_order_id)
        state: VenueState = "partially_filled" if filled else "accepted"
        return OrderReport(
            client_order_id=client_order_id, venue_order_id=venue_order_id, instrument=instrument,
            side=row["side"], state=_STATES.get(status, state), quantity=_units(row["amount"]),
            filled=filled, price=_units(row["price"]) if row["type"] == "limit" else 0,
            reason="" if status in {"open", "closed"} else f"{self.name}: {status}",
            at_ns=int(row["lastTradeTimestamp"] or row["timestamp"] or 0) * NS_PER_MS,
        )  # fmt: skip

    async def _fill(self, row: Data, instrument: str, symbol: str) -> FillReport:
        venue_order_id, fee = str(row["order"]), row["fee"] or {"cost": None, "currency": ""}
        client_order_id = self._ids.get(venue_order_id)
        if client_order_id is None:
            of = await self._read(
                self._exchange.fetch_order(venue_order_id, symbol, {}), "an order"
            )
            client_order_id = self._report(of, instrument, str(of["clientOrderId"])).client_order_id
        return FillReport(
            venue_fill_id=f"{instrument}/{row['id']}", client_order_id=client_order_id,
            venue_order_id=venue_order_id, instrument=instrument, side=row["side"],
            price=_units(row["price"]), quantity=_units(row["amount"]), fee=_units(fee["cost"]),
            fee_asset=str(fee["currency"] or ""), maker=row["takerOrMaker"] == "maker",
            at_ns=int(row["timestamp"]) * NS_PER_MS,
        )  # fmt: skip

    @staticmethod
    def _remember(kept: dict[str, T], key: str, value: T) -> None:
        while len(kept) >= IDS_KEPT_MAX:
            del kept[next(iter(kept))]
        kept[key] = value


def _parsed(parse: Callable[[str], object], text: str) -> object:
    """An answer as JSON. The library takes a page of HTML for an empty list."""
    found = parse(text)
    if found is None:
        raise CorruptData("the venue's answer is not JSON", where="venue")
    return found


def _text(units: int) -> str:
    return str(Amount.from_units(units))


def _units(value: object) -> int:
    """A number that ccxt gave, exactly; nothing is 0. Raises `CorruptData`."""
    if value is None:
        return 0
    try:
        return Amount.of(Decimal(str(value))).to_units()
    except (InvalidInput, InvalidOperation):
        raise CorruptData(
            f"the venue gave {str(value)[:40]!r} as a number", where="venue"
        ) from None
