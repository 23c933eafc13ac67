"""An exchange over our own engine that speaks Binance's spot REST interface, and can fail.

It checks signatures, receive windows and filters as the exchange documents them, matches with the
engine, and keeps its orders while clients come and go. A `Fault` says what goes wrong with the next
request that it fits.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import numpy as np

from quantdesk.departments.trading.engine import model as m
from quantdesk.departments.trading.engine.engine import Engine
from quantdesk.departments.trading.engine.setup import Market, Setup
from quantdesk.departments.trading.venues import (
    FillReport,
    OrderReport,
    VenueOrder,
    VenueRejected,
)
from quantdesk.departments.trading.venues.paper import EngineVenue
from quantdesk.kernel import Amount, NotFound, Seam, mul_units

KEY, SECRET = "test-key", "test-secret"
SYMBOLS = {"BTCUSDT": "BTC-USDT", "ETHUSDT": "ETH-USDT"}
TICK, LOT = 1_000_000, 1_000  # 0.01 and 0.00001
FUNDS = {"USDT": 1_000_000 * 10**8, "BTC": 10 * 10**8, "ETH": 100 * 10**8}
STATUS = {
    "accepted": "NEW", "partially_filled": "PARTIALLY_FILLED", "filled": "FILLED",
    "cancelled": "CANCELED", "expired": "EXPIRED", "rejected": "REJECTED",
}  # fmt: skip
HEAD_MAX = 64 * 1024


@dataclass
class Fault:
    """What goes wrong with one request.

    - `lose`: it is lost before it is read; `late`: it is carried out once `release` is set.
    - `drop`: its answer is lost; `slow`: it comes after `seconds`; `garbage`: it is no JSON.
    - `error`: it was carried out, and the answer is a 503; `refuse`: not, and `status` says so.
    - `twice`: the network delivers it two times, and the second answer arrives.
    """

    method: str
    path: str
    kind: str
    status: int = 500
    seconds: float = 0.0


class Problem(Exception):
    def __init__(self, code: int, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.body = {"code": code, "msg": message}
        self.status = status


@dataclass
class Listed:
    order_id: int
    client_id: str
    symbol: str
    kind: str
    time_in_force: str
    order: VenueOrder
    time_ms: int


@dataclass
class Exchange:
    """Prices are made by whoever owns it (`quote`, `trade`)."""

    orders: dict[int, Listed] = field(default_factory=dict)
    by_client: dict[tuple[str, str], int] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    seen: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    carried_out: int = 0
    numbered: int = 0
    port: int = 0

    def __post_init__(self) -> None:
        markets = tuple(
            Market(name=name, tick=TICK, lot=LOT, maker_fee=10_000, taker_fee=50_000)
            for name in SYMBOLS.values()
        )
        bounds = m.Bounds(orders_max=4_096, requests_max=4_096, levels_max=64, resting_max=1_024)
        self.engine = Engine(
            Setup(markets=markets, cash=(FUNDS["USDT"],), report_states=True, bounds=bounds)
        )
        self.venue = EngineVenue(self.engine, Seam.live())
        self.release = asyncio.Event()
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.Task[None]] = set()

    # The market

    def quote(self, bid: str, ask: str, size: str = "10", instrument: str = "BTC-USDT") -> None:
        row = self._event(m.QUOTE, instrument)
        row["price"], row["price2"] = _units(bid), _units(ask)
        row["size"] = row["size2"] = _units(size)
        self._feed(row)

    def trade(self, price: str, size: str, side: int, instrument: str = "BTC-USDT") -> None:
        row = self._event(m.TRADE, instrument)
        row["price"], row["size"], row["side"] = _units(price), _units(size), side
        self._feed(row)

    def _event(self, kind: int, instrument: str) -> np.ndarray:
        row = np.zeros(1, m.EVENT)
        row["ts"] = max(time.time_ns(), self.engine.now_ns)
        row["kind"], row["instrument"] = kind, list(SYMBOLS.values()).index(instrument)
        return row

    def _feed(self, row: np.ndarray) -> None:
        self.engine.feed(row)
        self.venue.took_market()

    # What is asked of it

    async def answer(self, method: str, path: str, query: dict[str, str]) -> Any:
        handlers = {
            ("POST", "/order"): self._place,
            ("GET", "/order"): self._look_up,
            ("DELETE", "/order"): self._cancel,
            ("GET", "/openOrders"): self._list_open,
            ("DELETE", "/openOrders"): self._cancel_open,
            ("GET", "/myTrades"): self._trades,
            ("GET", "/account"): self._account,
        }
        if (method, path) == ("GET", "/exchangeInfo"):
            return {"timezone": "UTC", "symbols": [_symbol(name) for name in SYMBOLS]}
        handler = handlers.get((method, path))
        if handler is None:
            raise Problem(-1016, f"no such endpoint {method} {path}", 404)
        self.carried_out += 1
        return await handler(query)

    async def _place(self, q: dict[str, str]) -> Any:
        instrument, client_id = _instrument(q), q["newClientOrderId"]
        if not 0 < len(client_id) <= 36:
            raise Problem(-1100, "Illegal characters found in parameter 'newClientOrderId'")
        known = self.by_client.get((q["symbol"], client_id))
        if known is not None and not (await self._report(known)).final:
            raise Problem(-2010, "Duplicate order sent.")
        quantity, price = _units(q["quantity"]), _units(q.get("price", "0"))
        if quantity <= 0 or quantity % LOT:
            raise Problem(-1013, "Filter failure: LOT_SIZE")
        if price % TICK:
            raise Problem(-1013, "Filter failure: PRICE_FILTER")
        await self._check_funds(q["side"], instrument, quantity, price)
        self.numbered += 1
        order_id = self.numbered
        order = VenueOrder(
            client_order_id=str(order_id), instrument=instrument, side=q["side"].lower(),
            quantity=quantity, type="market" if q["type"] == "MARKET" else "limit", price=price,
            time_in_force=q.get("timeInForce", "IOC" if q["type"] == "MARKET" else "GTC"),
            post_only=q["type"] == "LIMIT_MAKER",
        )  # fmt: skip
        try:
            await self.venue.submit(order)
        except VenueRejected:
            raise Problem(-2010, "Order would immediately match and take.") from None
        self.orders[order_id] = Listed(
            order_id,
            client_id,
            q["symbol"],
            q["type"],
            q.get("timeInForce", "GTC"),
            order,
            _now_ms(),
        )
        self.by_client[q["symbol"], client_id] = order_id
        fills = [f for f in self._all_fills() if f.client_order_id == str(order_id)]
        return (await self._row(order_id)) | {
            "transactTime": _now_ms(),
            "fills": [
                {"price": _text(f.price), "qty": _text(f.quantity), "commission": _text(f.fee),
                 "commissionAsset": f.fee_asset, "tradeId": _trade_id(f)}
                for f in fills
            ],
        }  # fmt: skip

    async def _look_up(self, q: dict[str, str]) -> Any:
        return await self._row(self._find(q, -2013, "Order does not exist."))

    async def _cancel(self, q: dict[str, str]) -> Any:
        order_id = self._find(q, -2011, "Unknown order sent.")
        if (await self._report(order_id)).final:
            raise Problem(-2011, "Unknown order sent.")
        listed = self.orders[order_id]
        await self.venue.cancel(str(order_id), listed.order.instrument)
        # The exchange answers with an id of the cancellation, and the order's beside it.
        row = await self._row(order_id)
        return row | {"origClientOrderId": listed.client_id, "clientOrderId": f"c{order_id}"}

    async def _list_open(self, q: dict[str, str]) -> Any:
        rows = []
        for order_id, listed in self.orders.items():
            if listed.symbol == q["symbol"] and not (await self._report(order_id)).final:
                rows.append(await self._row(order_id))
        return rows

    async def _cancel_open(self, q: dict[str, str]) -> Any:
        rows = await self._list_open(q)
        if not rows:
            raise Problem(-2011, "Unknown order sent.")
        return [
            await self._cancel({"symbol": q["symbol"], "orderId": str(r["orderId"])}) for r in rows
        ]

    async def _trades(self, q: dict[str, str]) -> Any:
        since_ns = int(q.get("startTime", "0")) * 1_000_000
        rows = [
            {"symbol": q["symbol"], "id": _trade_id(f), "orderId": int(f.client_order_id),
             "orderListId": -1, "price": _text(f.price), "qty": _text(f.quantity),
             "quoteQty": _text(mul_units(f.price, f.quantity)), "commission": _text(f.fee),
             "commissionAsset": f.fee_asset, "time": f.at_ns // 1_000_000,
             "isBuyer": f.side == "buy", "isMaker": f.maker, "isBestMatch": True}
            for f in self._all_fills()
            if f.instrument == _instrument(q) and f.at_ns // 1_000_000 * 1_000_000 >= since_ns
        ]  # fmt: skip
        return rows[: int(q.get("limit", "500"))]

    async def _account(self, q: dict[str, str]) -> Any:
        free, held = await self._funds()
        return {"balances": [
            {"asset": a, "free": _text(free[a] - held[a]), "locked": _text(held[a])} for a in free
        ]}  # fmt: skip

    async def _funds(self) -> tuple[dict[str, int], dict[str, int]]:
        free, held = dict(FUNDS), dict.fromkeys(FUNDS, 0)
        free["USDT"] = self.engine.cash(0)
        for at, name in enumerate(SYMBOLS.values()):
            free[name.split("-")[0]] += self.engine.position(at, 0)
        for order in await self.venue.open_orders():
            base, quote = order.instrument.split("-")
            left = order.quantity - order.filled
            if order.side == "buy":
                held[quote] += mul_units(order.price, left)
            else:
                held[base] += left
        return free, held

    async def _check_funds(self, side: str, instrument: str, quantity: int, price: int) -> None:
        free, held = await self._funds()
        base, quote = instrument.split("-")
        asset, need = (quote, mul_units(price, quantity)) if side == "BUY" else (base, quantity)
        if need > free[asset] - held[asset]:
            raise Problem(-2010, "Account has insufficient balance for requested action.")

    def _find(self, q: dict[str, str], code: int, message: str) -> int:
        _instrument(q)
        found = self.by_client.get((q["symbol"], q.get("origClientOrderId", "")))
        if "origClientOrderId" not in q:
            found = int(q["orderId"]) if int(q["orderId"]) in self.orders else None
        if found is None:
            raise Problem(code, message)
        return found

    async def _report(self, order_id: int) -> OrderReport:
        report = await self.venue.order(str(order_id), self.orders[order_id].order.instrument)
        assert report is not None
        return report

    async def _row(self, order_id: int) -> dict[str, Any]:
        listed, report = self.orders[order_id], await self._report(order_id)
        paid = sum(
            mul_units(f.price, f.quantity)
            for f in self._all_fills()
            if f.client_order_id == str(order_id)
        )
        return {
            "symbol": listed.symbol, "orderId": order_id, "orderListId": -1,
            "clientOrderId": listed.client_id, "price": _text(listed.order.price),
            "origQty": _text(report.quantity), "executedQty": _text(report.filled),
            "cummulativeQuoteQty": _text(paid), "status": STATUS[report.state],
            "timeInForce": listed.time_in_force, "type": listed.kind,
            "side": listed.order.side.upper(), "time": listed.time_ms,
            "updateTime": report.at_ns // 1_000_000, "isWorking": True,
            "workingTime": listed.time_ms, "selfTradePreventionMode": "NONE",
        }  # fmt: skip

    def _all_fills(self) -> list[FillReport]:
        return self.venue._fills

    # How it is reached

    async def start(self, port: int = 0) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", port, limit=HEAD_MAX)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
            for task in list(self._open):
                task.cancel()
            await asyncio.gather(*self._open, return_exceptions=True)
            await self._server.wait_closed()
            self._server = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._open.add(task)
        try:
            while await self._exchange(reader, writer):
                pass
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            self._open.discard(task)
            writer.close()

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """One request and its answer; False once the connection is over."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        method, target, _ = head[0].split(" ")
        headers = {
            name.lower(): value.strip()
            for name, _, value in (h.partition(":") for h in head[1:] if h)
        }
        body = (await reader.readexactly(int(headers.get("content-length", "0")))).decode()
        url = urlsplit(target)
        path = url.path.removeprefix("/api/v3")
        fault = self._fault(method, path)
        if fault is not None and fault.kind == "lose":
            return False
        if fault is not None and fault.kind == "refuse":
            await _send(writer, fault.status, {"code": -1003, "msg": "Too many requests."})
            return True
        if fault is not None and fault.kind == "late":
            await self.release.wait()
        text = url.query or body
        status, answer = await self._carry_out(method, path, text, headers)
        if fault is not None and fault.kind == "twice":
            status, answer = await self._carry_out(method, path, text, headers)
        if fault is not None and fault.kind == "drop":
            return False
        if fault is not None and fault.kind == "slow":
            await asyncio.sleep(fault.seconds)
        if fault is not None and fault.kind == "error":
            status, answer = 503, {"code": -1006, "msg": "Execution status unknown."}
        if fault is not None and fault.kind == "garbage":
            answer = None
        await _send(writer, status, answer)
        return True

    def _fault(self, method: str, path: str) -> Fault | None:
        for fault in self.faults:
            if (fault.method, fault.path) == (method, path):
                self.faults.remove(fault)
                return fault
        return None

    async def _carry_out(
        self, method: str, path: str, text: str, headers: dict[str, str]
    ) -> tuple[int, Any]:
        query = dict(parse_qsl(text))
        self.seen.append((method, path, query))
        try:
            if path != "/exchangeInfo":
                _authenticate(text, query, headers)
            return 200, await self.answer(method, path, query)
        except Problem as problem:
            return problem.status, problem.body
        except NotFound:
            return 400, {"code": -2013, "msg": "Order does not exist."}


def _authenticate(text: str, query: dict[str, str], headers: dict[str, str]) -> None:
    if headers.get("x-mbx-apikey") != KEY:
        raise Problem(-2014, "API-key format invalid.", 401)
    signed, _, signature = text.rpartition("&signature=")
    proof = hmac.new(SECRET.encode(), signed.encode(), hashlib.sha256).hexdigest()
    if not hmac.compare_digest(proof, signature):
        raise Problem(-1022, "Signature for this request is not valid.")
    sent_ms, window_ms = int(query["timestamp"]), int(query.get("recvWindow", "5000"))
    if not _now_ms() - window_ms <= sent_ms < _now_ms() + 1_000:
        raise Problem(-1021, "Timestamp for this request is outside of the recvWindow.")


async def _send(writer: asyncio.StreamWriter, status: int, answer: Any) -> None:
    body = b"<html>" if answer is None else json.dumps(answer).encode()
    writer.write(
        f"HTTP/1.1 {status} X\r\ncontent-type: application/json\r\n"
        f"content-length: {len(body)}\r\n\r\n".encode()
        + body
    )
    await writer.drain()


def _instrument(q: dict[str, str]) -> str:
    if q.get("symbol") not in SYMBOLS:
        raise Problem(-1121, "Invalid symbol.")
    return SYMBOLS[q["symbol"]]


def _symbol(name: str) -> dict[str, Any]:
    base, quote = SYMBOLS[name].split("-")
    return {
        "symbol": name, "status": "TRADING", "baseAsset": base, "baseAssetPrecision": 8,
        "quoteAsset": quote, "quotePrecision": 8, "quoteAssetPrecision": 8,
        "orderTypes": ["LIMIT", "LIMIT_MAKER", "MARKET"], "icebergAllowed": False,
        "ocoAllowed": False, "quoteOrderQtyMarketOrderAllowed": False, "allowTrailingStop": False,
        "cancelReplaceAllowed": False, "isSpotTradingAllowed": True,
        "isMarginTradingAllowed": False, "permissions": [], "permissionSets": [["SPOT"]],
        "filters": [
            {"filterType": "PRICE_FILTER", "minPrice": "0.01", "maxPrice": "10000000",
             "tickSize": "0.01000000"},
            {"filterType": "LOT_SIZE", "minQty": "0.00001", "maxQty": "9000",
             "stepSize": "0.00001000"},
        ],
    }  # fmt: skip


def _trade_id(fill: FillReport) -> int:
    return int(fill.venue_fill_id.rpartition("-")[2])


def _units(text: str) -> int:
    return Amount(text).to_units()


def _text(units: int) -> str:
    return f"{Amount.from_units(units):.8f}"


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
