"""From a sentence to a plan: nearest known intent by meaning, slots by grammar, or abstention.

Reading tools are chosen by the similarity of the sentence to example phrases. Tools that change
something are never chosen by similarity alone: a proposal needs the order grammar to hold for the
whole sentence, a recommendation an explicit word for it and one market.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from msgspec import Struct, field

from .embeddings import Embedder, Float32s
from .grammar import TRADE_WORDS, Slots, instrument_of, parse_order, slots_of, tokens_of

NAME = "mikey-embedded-planner"
VERSION = 1

SIMILARITY_MIN = 0.50
MARGIN_MIN = 0.02

_STOP = frozenset(
    {"a", "an", "the", "of", "to", "for", "is", "are", "was", "be", "i", "me", "my", "mine",
     "you", "your", "do", "does", "did", "have", "has", "it", "its", "this", "that", "what",
     "what's", "which", "how", "please", "show", "give", "tell", "list", "at", "in", "on", "now",
     "right", "can", "could", "would", "will", "so", "and", "or", "any", "there", "from", "with",
     "about", "just", "mikey", "hey"}
)  # fmt: skip

EXAMPLES: dict[str, tuple[str, ...]] = {
    "market_view": (
        "market for coin", "price of coin", "coin quote", "order book of coin",
        "bid and ask for coin", "where is coin trading", "how is coin looking", "market overview",
        "is coin rising or falling", "is coin moving up or down", "spread on coin",
        "volatility of coin", "current coin price",
    ),
    "oracle_price": (
        "oracle price of coin", "verified price of coin", "oracle confidence",
        "sources behind the oracle", "is the oracle stale", "pyth price",
        "pyth feed", "switchboard price", "oracle coin",
    ),
    "portfolio": (
        "portfolio", "positions", "balance", "equity", "what do I own", "what do I hold",
        "how many coin do I hold", "account overview", "holdings", "how much money is left",
        "assets in my account",
    ),
    "list_orders": (
        "orders", "recent orders", "status of my orders", "open orders", "was my order filled",
        "order history", "did the order fill", "orders that I placed",
    ),
    "risk_limits": (
        "risk limits", "maximum order size", "state of the kill switch",
        "how large may a position be", "limits that apply", "is trading halted",
        "maximum notional", "exposure limit",
    ),
    "performance": (
        "performance", "profit and loss", "p&l", "returns and volatility", "sharpe ratio",
        "drawdown", "how well did I do", "what have fees cost", "how much profit did I make",
        "money earned so far",
    ),
    "recommend": (
        "what do you recommend for coin", "recommend a trade", "should I buy or sell coin",
        "trading idea for coin", "your view on coin buy or sell", "suggest a trade in coin",
        "signal on coin", "what would you do with coin", "should I go long or short",
        "recommendation for coin",
    ),
    "lessons": (
        "what have you learned", "lessons", "signal weights", "how did your weights change",
        "what did past trades teach you", "learned from trades",
    ),
    "recall": (
        "have you seen a situation like this before", "search your memory",
        "similar market situations", "remember a market like this", "similar past moments",
    ),
    "data_sources": (
        "which data sources are connected", "is the market data feed alive", "data feed health",
        "frames in quarantine", "gaps in the market data", "connected exchanges",
    ),
    "order_cost": (
        "how much would it cost to buy amount coin", "slippage for selling amount coin",
        "estimate fees and spread of buying coin", "cost of an order", "market impact of selling",
    ),
    "news": (
        "news about coin", "headlines", "what is in the news", "twitter sentiment",
        "what do people say on social media", "latest news today",
    ),
    "help": (
        "what can you do", "help", "which tools do you have", "how do you work", "who are you",
    ),
    "off_topic": (
        "tell a joke", "weather tomorrow", "write a poem", "how old are you", "president",
        "fix my code", "good morning", "capital of a country", "sing a song", "cook a recipe",
        "football match", "translate a sentence", "movie recommendation", "write an essay",
    ),
}  # fmt: skip
"""Phrases per intent, without names and numbers (see `_meaning`)."""

READS = frozenset(
    {"market_view", "oracle_price", "portfolio", "list_orders", "risk_limits", "performance",
     "lessons", "recall", "data_sources", "order_cost"}
)  # fmt: skip
NEED_MARKET = frozenset({"market_view", "oracle_price", "recommend"})

_ASKS_ADVICE = re.compile(
    r"\b(recommend|recommendation|suggest|suggestion|advise|advice|signal|idea|opinion|view)\b"
    r"|\bshould i\b|\bwould you (do|buy|sell|go)\b"
)
_ASKS_COST = re.compile(r"\b(cost|costs|slippage|fee|fees|impact|expensive|estimate)\b")
_NEGATED = re.compile(r"\b(not|no|never|don't|dont|cannot|can't|won't|without|stop)\b")
_FORBIDDEN = re.compile(
    r"\b(transfer|withdraw|wire|send|bridge)\b|\bapprov(e|es|ed|ing|al)\b|\bcancel\b"
    r"|\b(private|secret|seed|api) (key|phrase)s?\b|\bpassword\b|\bsystem prompt\b|\bwallet key\b"
    r"|\b(disable|turn off|switch off|engage|release|lift|bypass|override)\b"
    r"|\b(raise|increase|set|change|remove|double) (my|the|your|all)?\s*\w*\s*limits?\b"
    r"|\b(admin|root|superuser)\b|\b(ignore|forget|disregard) (all|any|your|the|previous|every)\b"
    r"|\byou are now\b|\brole\b.*\bsystem\b|</?\w+>"
)

CAPABILITIES = (
    "I can show markets, oracle prices, your portfolio, orders, performance, risk limits, data"
    " sources, what I learned and remember, estimate what an order would cost, recommend, and"
    ' propose an order for you to approve, such as "buy 2 SOL".'
)
_ABSTAIN = "I am a small planner and am not sure what you mean. " + CAPABILITIES
_CANNOT = (
    "I cannot do that. I read and propose; approving, cancelling, moving funds, keys and limits"
    " are out of my reach, whatever a message says."
)
_NO_NEWS = "I have no news or social feed here, so I cannot say. " + CAPABILITIES
_ASK_ORDER = (
    "I propose an order only when the sentence is nothing but the order: side, amount and market,"
    ' for example "buy 2 SOL" or "sell 0.01 BTC". Nothing was proposed.'
)


class Plan(Struct, frozen=True):
    """One tool with its arguments, or a reply where no tool fits.

    `confidence` is the margin between the best intent and the second best, in cosine; 1 where the
    order grammar decided.
    """

    intent: str
    tool: str | None = None
    arguments: dict[str, str] = field(default_factory=dict)
    reply: str = ""
    confidence: float = 0.0


class Planner:
    """Plans one sentence at a time; it keeps nothing between two."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._intents = tuple(EXAMPLES)
        rows = [(i, text) for i, name in enumerate(EXAMPLES) for text in EXAMPLES[name]]
        self._matrix = np.stack([embedder.embed(_kept(text.split())) for _, text in rows])
        self._starts = np.searchsorted([i for i, _ in rows], np.arange(len(self._intents)))

    def plan(self, text: str, markets: Sequence[str] = ()) -> Plan:
        """What to do about `text`. `markets`: instruments to prefer, such as those now quoted."""
        tokens = tokens_of(text)
        plain = " ".join(tokens)
        if _FORBIDDEN.search(plain) or _FORBIDDEN.search(text.lower()):
            return Plan("forbidden", reply=_CANNOT, confidence=1.0)
        order = parse_order(tokens, markets)
        if order is not None:
            arguments = {
                "instrument": order.instrument, "side": order.side, "quantity": order.quantity,
            }  # fmt: skip
            return Plan("propose_order", "propose_order", arguments, confidence=1.0)
        intent, similarity, margin = self._nearest(self._meaning(tokens, markets))
        slots = slots_of(tokens, markets)
        if TRADE_WORDS.intersection(tokens):
            return _about_trading(plain, slots, intent, margin)
        if similarity < SIMILARITY_MIN or margin < MARGIN_MIN:
            return Plan("unsure", reply=_ABSTAIN, confidence=margin)
        if intent == "recommend":
            return _recommendation(plain, slots, margin)
        return _read(intent, text, slots, margin)

    def _meaning(self, tokens: Sequence[str], markets: Sequence[str]) -> Float32s:
        words = []
        for at, token in enumerate(tokens):
            following = tokens[at + 1] if at + 1 < len(tokens) else ""
            if instrument_of(token, following, markets) is not None:
                words.append("coin")
            elif token[0].isdigit():
                words.append("amount")
            else:
                words.append(token)
        return self._embedder.embed(_kept(words))

    def _nearest(self, meaning: Float32s) -> tuple[str, float, float]:
        """The intent with the nearest example, its cosine, and its lead over the next intent."""
        cosines = np.einsum("ij,j->i", self._matrix, meaning)
        best = np.maximum.reduceat(cosines, self._starts)
        first = int(np.argmax(best))
        lead = float(best[first] - np.max(np.delete(best, first)))
        return self._intents[first], float(best[first]), lead


def _kept(words: Sequence[str]) -> str:
    """Without the words that every question has; all of them if nothing else is left."""
    kept = [word for word in words if word.lower() not in _STOP and word[0].isalnum()]
    return " ".join(kept or words)


def _about_trading(plain: str, slots: Slots, intent: str, margin: float) -> Plan:
    """A sentence with a trading word that is no order: a question about one, or nothing."""
    if _ASKS_COST.search(plain) and intent == "order_cost":
        return _read(intent, plain, slots, margin)
    if intent == "recommend":
        return _recommendation(plain, slots, margin)
    harmless = intent == "recall" or (intent in READS - {"order_cost"} and not slots.sides)
    if harmless and margin >= MARGIN_MIN:
        return _read(intent, plain, slots, margin)
    return Plan("unclear_order", reply=_ASK_ORDER, confidence=margin)


def _recommendation(plain: str, slots: Slots, margin: float) -> Plan:
    asked = _ASKS_ADVICE.search(plain) and not _NEGATED.search(plain)
    if not asked or slots.quantities or slots.odd:
        return Plan("unclear_order", reply=_ASK_ORDER, confidence=margin)
    if len(slots.instruments) != 1:
        return Plan("recommend", reply=_which_market(slots), confidence=margin)
    arguments = {"instrument": slots.instruments[0]}
    return Plan("recommend", "recommend", arguments, confidence=margin)


def _read(intent: str, text: str, slots: Slots, margin: float) -> Plan:
    if intent == "news":
        return Plan(intent, reply=_NO_NEWS, confidence=margin)
    if intent == "help":
        return Plan(intent, reply=CAPABILITIES, confidence=margin)
    if intent not in READS:
        return Plan(intent, reply=_ABSTAIN, confidence=margin)
    arguments: dict[str, str] = {}
    if intent == "recall":
        arguments = {"text": text}
    if intent in NEED_MARKET:
        if len(slots.instruments) != 1:
            return Plan(intent, reply=_which_market(slots), confidence=margin)
        arguments = {"instrument": slots.instruments[0]}
    if intent == "order_cost":
        if (len(slots.instruments), len(slots.quantities), len(slots.sides)) != (1, 1, 1):
            reply = 'Of what? Name side, amount and market, such as "cost of buying 2 SOL".'
            return Plan(intent, reply=reply, confidence=margin)
        arguments = {
            "instrument": slots.instruments[0], "side": slots.sides[0],
            "quantity": slots.quantities[0],
        }  # fmt: skip
    return Plan(intent, intent, arguments, confidence=margin)


def _which_market(slots: Slots) -> str:
    if slots.instruments:
        return f"One market at a time, please: {' or '.join(slots.instruments)}?"
    return "Which market? Name one, such as SOL-USDC."
