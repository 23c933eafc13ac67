"""The story of one order, from the ticks behind the decision to the lesson that came of it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime

from msgspec.structs import replace

from quantdesk.departments.ai import GetRecommendation, Lesson, LessonsQuery, Recommendation
from quantdesk.departments.chain import Transaction, TransactionQuery
from quantdesk.departments.ingestion import (
    INSTRUMENT_NAMES,
    VENUE_NAMES,
    MarketBatch,
    decode_batch,
)
from quantdesk.departments.trading import GetOrder, OrderStory, ParentExecution
from quantdesk.kernel import Amount, Caller, DeskError, NotFound, current_caller, utc
from quantdesk.services.stream import Read

from . import Story, StoryQuery, StorySection
from ._market import TOPIC
from .doors import Doors

TICKS_MAX = 5
Facts = list[tuple[str, str]]


class OrderStories:
    """Puts a story together from what each department knows of the order.

    `asking` gives the doors of whoever asks: whether they may see the order is for trading to
    say. Once it has, the rest is read on behalf of the order's account by `reading`.
    """

    def __init__(self, asking: Callable[[Caller], Doors], reading: Callable[[str], Doors]) -> None:
        self._asking = asking
        self._reading = reading

    async def tell(self, request: StoryQuery) -> Story:
        """All chapters that exist. `NotFound` for an unknown order."""
        # Where the caller came from was checked at the door that led here.
        asking = replace(current_caller(), networks=())
        trading = await self._asking(asking).trading.get_order_story(
            GetOrder(order_id=request.order_id)
        )
        chapters = _Chapters(self._reading(trading.order.account), trading)
        return Story(order_id=request.order_id, sections=await chapters.write())


class _Chapters:
    """The chapters of one order."""

    def __init__(self, doors: Doors, trading: OrderStory) -> None:
        self._doors = doors
        self._trading = trading

    async def write(self) -> list[StorySection]:
        trading = self._trading
        sections: list[tuple[str, Facts]] = []
        proposal = await self._proposal()
        if proposal is not None:
            sections.append(("Ticks", await self._ticks(proposal)))
            sections.append(("Features", [(k, f"{v:.6g}") for k, v in proposal.features.items()]))
            sections.append(("Proposal", _proposal_facts(proposal)))
        sections.append(("Order", _order_facts(trading, proposal)))
        if trading.parent is not None:
            sections.append(("Execution", _parent_facts(trading.parent)))
        sections.append(("Risk checks", _check_facts(trading)))
        sections.append(("Route", list(trading.route.items())))
        sections.append(("Fills", _fill_facts(trading)))
        sections.append(("Ledger", _ledger_facts(trading)))
        sections.extend(await self._settlements())
        lesson = await self._lesson()
        if lesson is not None:
            sections.append(("Lesson", _lesson_facts(lesson)))
        return [StorySection(title=title, facts=facts) for title, facts in sections]

    async def _proposal(self) -> Recommendation | None:
        recommendation_id = self._trading.order.recommendation_id
        if recommendation_id is None:
            return None
        with suppress(NotFound):
            return await self._doors.ai.get_recommendation(
                GetRecommendation(recommendation_id=recommendation_id)
            )
        return None

    async def _ticks(self, proposal: Recommendation) -> Facts:
        facts: Facts = []
        for source, offset in proposal.evidence.items():
            try:
                records = await self._doors.stream.read(
                    Read(topic=TOPIC, offset=offset, records_max=1)
                )
                payload = records.records[0].payload
            except (DeskError, IndexError):
                facts.append((source, f"offset {offset}: no longer in the stream"))
                continue
            facts.append((source, f"stream {TOPIC} offset {offset}"))
            batch = decode_batch(payload, offset=offset)
            facts.extend(_tick_facts(batch, proposal.instrument))
        return facts

    async def _settlements(self) -> list[tuple[str, Facts]]:
        chapters: list[tuple[str, Facts]] = []
        for settlement in self._trading.order.settlements:
            facts: Facts = [("state", settlement.state)]
            if settlement.reason:
                facts.append(("reason", settlement.reason))
            if settlement.oracle_price is not None:
                facts.append(("oracle price", str(settlement.oracle_price)))
            if settlement.signature is not None:
                transaction = await self._doors.chain.get_transaction(
                    TransactionQuery(signature=settlement.signature)
                )
                facts.extend(_transaction_facts(transaction))
            chapters.append(("Settlement", facts))
        return chapters

    async def _lesson(self) -> Lesson | None:
        lessons = await self._doors.ai.list_lessons(
            LessonsQuery(order_id=self._trading.order.order_id, limit=1)
        )
        return lessons.lessons[0] if lessons.lessons else None


def _at(moment: datetime) -> str:
    """ISO 8601 in UTC, as every face writes it."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _tick_facts(batch: MarketBatch, instrument: str) -> Facts:
    index = INSTRUMENT_NAMES.index(instrument)
    quotes = batch.quotes[batch.quotes["instrument"] == index][-TICKS_MAX:]
    return [
        (
            f"{utc(int(row['received_ns'])):%H:%M:%S.%f} {VENUE_NAMES[int(row['venue'])]}",
            f"bid {Amount.from_units(int(row['bid']))} × {Amount.from_units(int(row['bid_size']))}"
            f"  ask {Amount.from_units(int(row['ask']))} × "
            f"{Amount.from_units(int(row['ask_size']))}",
        )
        for row in quotes
    ]


def _proposal_facts(proposal: Recommendation) -> Facts:
    facts: Facts = [
        ("proposed", f"{proposal.action} {proposal.quantity} at about {proposal.reference_price}"),
        ("by", f"MIKEY with {proposal.model} version {proposal.model_version}"),
        ("as of", _at(proposal.as_of)),
        ("score", f"{proposal.score:+.4f}"),
        ("expected edge", f"{proposal.expected_edge_bps:+.3f} bps"),
        ("weights version", str(proposal.weights_version)),
    ]
    facts.extend(
        (f"because {reason.signal}", f"{reason.words} ({reason.contribution:+.4f})")
        for reason in proposal.reasons
    )
    facts.append(("approved by", proposal.approved_by or "nobody"))
    return facts


def _order_facts(trading: OrderStory, proposal: Recommendation | None) -> Facts:
    order = trading.order
    facts: Facts = [
        ("order", f"{order.side} {order.quantity} {order.instrument} {order.type}"),
        ("state", order.state),
        ("placed by", order.placed_by),
        ("account", order.account),
        ("arrival price", str(order.arrival_price) if order.arrival_price else "none"),
        ("average price", str(order.average_price) if order.average_price else "none"),
        ("fees", str(order.fees)),
        ("created", _at(order.created_at)),
    ]
    if proposal is None:
        facts.insert(3, ("approved by", f"{order.placed_by}, by placing it"))
    if order.reason:
        facts.append(("reason", order.reason))
    return facts


def _parent_facts(parent: ParentExecution) -> Facts:
    return [
        ("execution", str(parent.execution_id)),
        ("algorithm", f"{parent.algorithm} of {parent.quantity}"),
        ("slice", f"{parent.slice}, attempt {parent.attempt}"),
    ]


def _check_facts(trading: OrderStory) -> Facts:
    return [
        (
            check.check,
            f"{'pass' if check.passed else 'FAIL'}: {check.value} {check.unit}".rstrip()
            + f" (limit {check.limit})",
        )
        for check in trading.checks
    ]


def _fill_facts(trading: OrderStory) -> Facts:
    return [
        (
            _at(fill.filled_at),
            f"{fill.quantity} at {fill.price} on {fill.venue} ({fill.liquidity}),"
            f" fee {fill.fee} {fill.fee_asset}",
        )
        for fill in trading.fills
    ]


def _ledger_facts(trading: OrderStory) -> Facts:
    return [
        (f"#{entry.entry_id} {entry.account}", f"{entry.amount} {entry.asset} ({entry.reason})")
        for entry in trading.ledger
    ]


def _transaction_facts(transaction: Transaction) -> Facts:
    return [
        ("signature", transaction.signature),
        ("slot", str(transaction.slot)),
        ("status", transaction.status),
        ("fee", f"{transaction.fee_lamports} lamports"),
        ("compute units", str(transaction.compute_units)),
        ("memo", transaction.memo or "none"),
    ]


def _lesson_facts(lesson: Lesson) -> Facts:
    facts: Facts = [
        ("return", f"{lesson.return_bps:+.4f} bps after fees"),
        ("reward", f"{lesson.reward:+.4f}"),
        ("weights version", str(lesson.weights_version)),
    ]
    facts.extend(
        (f"weight of {name}", f"{lesson.weights_before[name]:.6f} → {after:.6f}")
        for name, after in lesson.weights_after.items()
    )
    return facts
