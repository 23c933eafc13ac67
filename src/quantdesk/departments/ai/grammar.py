"""Slots and the order grammar: what a sentence says exactly, or nothing.

An order is recognised only if every word of the sentence has its place in the grammar. A
negation, a condition, a second amount, a limit price, a quotation or any other unknown word makes
it no order, so that no wording around an order can turn it into one.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Literal

from msgspec import Struct

from quantdesk.kernel import INSTRUMENTS

Side = Literal["buy", "sell"]

TOKENS_MAX = 200

_TOKEN = re.compile(r"[a-z0-9]+(?:[.'/-][a-z0-9]+)*|[^\s\w]")
_NUMBER = re.compile(r"[0-9]{1,9}(\.[0-9]{1,8})?")
_DIGITS = re.compile(r"[0-9]")

_ASSETS = {
    "sol": "SOL", "solana": "SOL", "btc": "BTC", "bitcoin": "BTC", "xbt": "BTC",
    "eth": "ETH", "ether": "ETH", "ethereum": "ETH",
}  # fmt: skip
_SYMBOLS = {
    form: name for name in INSTRUMENTS for form in (name.lower(), name.lower().replace("-", ""))
}
_PERPETUAL = frozenset({"perp", "perpetual", "perpetuals", "future", "futures"})

_VERBS: dict[tuple[str, ...], Side] = {
    ("buy",): "buy", ("purchase",): "buy", ("long",): "buy", ("go", "long"): "buy",
    ("sell",): "sell", ("short",): "sell", ("go", "short"): "sell",
}  # fmt: skip
_PREFIXES: tuple[tuple[str, ...], ...] = (
    ("mikey",), (",",), ("hey",), ("hi",), ("ok",), ("okay",), ("please",), ("now",),
    ("i", "want", "to"), ("i", "want", "you", "to"), ("i", "would", "like", "to"),
    ("i'd", "like", "to"), ("let's",), ("go", "ahead", "and"), ("propose", "to"),
    ("place", "an", "order", "to"), ("place", "a", "market", "order", "to"),
)  # fmt: skip
_POLITE: tuple[tuple[str, ...], ...] = (
    ("can", "you"), ("could", "you"), ("would", "you"), ("will", "you"),
)  # fmt: skip
_FILLERS = frozenset({"of", "at", "market", "for", "me", "please", "now", "the", "coins", ".", "!"})

_SIDE_WORDS: dict[str, Side] = {
    "buy": "buy", "buying": "buy", "purchase": "buy", "purchasing": "buy", "long": "buy",
    "sell": "sell", "selling": "sell", "short": "sell", "shorting": "sell",
}  # fmt: skip
TRADE_WORDS = frozenset({*_SIDE_WORDS, "bought", "sold", "dump", "trade", "unload", "liquidate"})


class Order(Struct, frozen=True):
    """A complete order in words: side, quantity in the base asset, market."""

    side: Side
    quantity: str
    instrument: str


class Slots(Struct, frozen=True):
    """What a sentence names: markets, plain amounts, sides. `odd`: an amount in another form."""

    instruments: tuple[str, ...]
    quantities: tuple[str, ...]
    sides: tuple[Side, ...]
    odd: bool


def tokens_of(text: str) -> list[str]:
    """Lower-case words, numbers and marks; letters in look-alike forms become plain ones."""
    plain = unicodedata.normalize("NFKC", text).replace("’", "'").lower()
    return _TOKEN.findall(plain)


def slots_of(tokens: Sequence[str], markets: Sequence[str]) -> Slots:
    """The slots of a sentence. `markets` are instruments in the order they are preferred."""
    instruments: dict[str, None] = {}
    quantities: list[str] = []
    sides: dict[Side, None] = {}
    odd = False
    for at, token in enumerate(tokens):
        following = tokens[at + 1] if at + 1 < len(tokens) else ""
        instrument = instrument_of(token, following, markets)
        if instrument is not None:
            instruments[instrument] = None
        elif _NUMBER.fullmatch(token):
            quantities.append(token)
        elif _DIGITS.search(token):
            odd = True
        if token in _SIDE_WORDS:
            sides[_SIDE_WORDS[token]] = None
    return Slots(tuple(instruments), tuple(quantities), tuple(sides), odd)


def instrument_of(token: str, following: str, markets: Sequence[str]) -> str | None:
    """The instrument that a word names: a symbol, or an asset on its preferred market."""
    symbol = _SYMBOLS.get(token.replace("/", "-"))
    if symbol is not None:
        return symbol
    asset = _ASSETS.get(token)
    if asset is None:
        return None
    perpetual = following in _PERPETUAL
    for name in (*markets, *INSTRUMENTS):
        spec = INSTRUMENTS[name]
        is_perpetual = spec.kind != "spot"
        if spec.tradable and is_perpetual == perpetual and name.startswith(f"{asset}-"):
            return name
    return None


def parse_order(tokens: Sequence[str], markets: Sequence[str]) -> Order | None:
    """The order that the whole sentence is, or None."""
    if len(tokens) > TOKENS_MAX:
        return None
    rest, polite = _without_prefixes(tokens)
    side, rest = _verb(rest)
    if side is None:
        return None
    if polite and rest and rest[-1] == "?":
        rest = rest[:-1]
    found = _operands(rest, markets)
    return None if found is None else Order(side, *found)


def _operands(tokens: Sequence[str], markets: Sequence[str]) -> tuple[str, str] | None:
    """Quantity and instrument, if each occurs once and nothing else does."""
    instruments: list[str] = []
    quantities: list[str] = []
    for at, token in enumerate(tokens):
        before = tokens[at - 1] if at else ""
        following = tokens[at + 1] if at + 1 < len(tokens) else ""
        instrument = instrument_of(token, following, markets)
        if instrument is not None:
            instruments.append(instrument)
        elif _NUMBER.fullmatch(token) and before not in {"at", "for"}:  # a price or a value
            quantities.append(token)
        elif token not in _FILLERS and not (token in _PERPETUAL and instruments):
            return None
    if len(instruments) != 1 or len(quantities) != 1 or not float(quantities[0]) > 0:
        return None
    return quantities[0], instruments[0]


def _without_prefixes(tokens: Sequence[str]) -> tuple[Sequence[str], bool]:
    polite = False
    while True:
        for phrase in (*_PREFIXES, *_POLITE):
            if tuple(tokens[: len(phrase)]) == phrase:
                tokens = tokens[len(phrase) :]
                polite = polite or phrase in _POLITE
                break
        else:
            return tokens, polite


def _verb(tokens: Sequence[str]) -> tuple[Side | None, Sequence[str]]:
    for length in (2, 1):
        side = _VERBS.get(tuple(tokens[:length]))
        if side is not None:
            return side, tokens[length:]
    return None, tokens
