"""An oracle department on a real chain and database, real updates, and signers for the tests."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from coincurve import PrivateKey
from solders.pubkey import Pubkey

from quantdesk.departments.chain import chain
from quantdesk.departments.chain.department import ChainDepartment
from quantdesk.departments.oracle import (
    Emitter,
    Observation,
    Observe,
    Observed,
    Oracle,
    OracleConfig,
    SignerSet,
    SubmitUpdate,
    UpdateAccepted,
    oracle,
)
from quantdesk.departments.oracle._keccak import keccak256, merkle_tree, signer_address
from quantdesk.departments.oracle._pyth import (
    PriceMessage,
    encode_body,
    encode_price,
    encode_update,
)
from quantdesk.departments.oracle.department import OracleDepartment
from quantdesk.kernel import ManualClock, Seam, department
from quantdesk.services.database.sqlite import SqliteDatabase

U = 10**8
NS = 10**9
CALLER = department("tests", "oracle.read", "oracle.publish", "oracle.observe")
POSTER = department("oracle", "chain.post_price", "chain.read")
PYTHNET = Emitter(
    chain=26, address="e101faedac5851e32b9b23b5f9411a8c2bac4aae3ed4dd7b811dd1a72ea4aa71"
)
UNIT_TESTS = Emitter(
    chain=1, address="71f8dcb863d176e2c420ad6610cf687359612b6fb392e0642b0ca6b1f186aa3b"
)
SOL_USD = "ef0d8b6fda2ceba41da15d4095d1da392a0d2f8ed0c6c7bc0f4cfac8c280b56d"


@dataclass
class Desk:
    """A running oracle with its chain."""

    seam: Seam
    database: SqliteDatabase
    chain: ChainDepartment
    department: OracleDepartment

    @property
    def door(self) -> Oracle:
        return oracle.open(self.department, CALLER)

    def tick(self, seconds: float) -> None:
        clock = self.seam.clock
        assert isinstance(clock, ManualClock)
        clock.advance_to(clock.now_ns() + int(seconds * NS))

    async def observe(self, *seen: tuple[str, str, float], half_spread: int = U // 100) -> Observed:
        """(symbol, venue, mid) as of now."""
        now_ns = self.seam.now_ns()
        return await self.door.observe(
            Observe(
                observations=tuple(
                    Observation(
                        symbol=symbol, venue=venue, mid=round(mid * U), half_spread=half_spread,
                        observed_ns=now_ns,
                    )
                    for symbol, venue, mid in seen
                )
            )
        )  # fmt: skip

    def posted(self, symbol: str) -> bytes:
        """The data of a symbol's account on chain."""
        machine = self.chain._machine
        account = machine.vm.account(Pubkey.from_string(machine.prices.find(symbol).address))
        assert account is not None
        return account.data

    async def submit(self, update: bytes) -> UpdateAccepted:
        text = base64.b64encode(update).decode()
        return await self.door.submit_update(SubmitUpdate(update_base64=text))


async def open_desk(
    path: Path, seam: Seam, *, config: OracleConfig | None = None, local: bool = False
) -> Desk:
    database = SqliteDatabase(path, seam)
    await database.start()
    ledger = ChainDepartment(database, seam)
    await ledger.start()
    made = OracleDepartment(
        chain.open(ledger, POSTER),
        database,
        seam,
        config=config or OracleConfig(),
        local_publisher=local,
    )
    await made.start()
    return Desk(seam, database, ledger, made)


def recorded_updates(recordings: Path) -> list[dict[str, Any]]:
    found = json.loads((recordings / "pyth" / "accumulator_updates.json").read_text("utf-8"))
    for entry in found:
        entry["bytes"] = base64.b64decode(entry["update_base64"])
    return found


def recorded_sets(recordings: Path) -> tuple[SignerSet, ...]:
    """The guardian sets whose signatures the recorded updates carry."""
    sets = json.loads((recordings / "pyth" / "guardian_sets.json").read_text("utf-8"))
    return tuple(
        SignerSet(
            label=f"guardians-{index}",
            index=int(index),
            signers=signers,
            size=1 if index == "0" else 19,
            emitters=(UNIT_TESTS if index == "0" else PYTHNET,),
        )
        for index, signers in sets.items()
    )


class Signers:
    """A signer set of the tests' own, for updates that go wrong in one chosen way."""

    def __init__(self, size: int, *, index: int = 7, quorum: int | None = None) -> None:
        self.keys = [PrivateKey(bytes([1 + i] * 32)) for i in range(size)]
        addresses = {str(i): signer_address(k.public_key).hex() for i, k in enumerate(self.keys)}
        self.config = SignerSet(
            label="tests", index=index, signers=addresses, emitters=(PYTHNET,), quorum=quorum
        )

    def update(
        self,
        messages: Sequence[PriceMessage],
        signers: Sequence[int],
        *,
        emitter: Emitter = PYTHNET,
        index: int | None = None,
    ) -> bytes:
        raws = [encode_price(message) for message in messages]
        root, paths = merkle_tree(raws)
        body = encode_body(
            time_s=messages[0].publish_time_s, chain=emitter.chain,
            emitter=bytes.fromhex(emitter.address), sequence=1, slot=2, root=root,
        )  # fmt: skip
        digest = keccak256(keccak256(body))
        signed = [(i, self.keys[i].sign_recoverable(digest, hasher=None)) for i in signers]
        chosen = self.config.index if index is None else index
        return encode_update(chosen, signed, body, list(zip(raws, paths, strict=True)))


def message(
    price: int = 150 * U, *, at_s: int, feed: str = SOL_USD, **changes: int
) -> PriceMessage:
    fields: dict[str, Any] = {
        "feed_id": bytes.fromhex(feed), "price": price, "confidence": price // 5_000,
        "exponent": -8, "publish_time_s": at_s, "previous_publish_time_s": at_s - 1,
        "ema_price": price, "ema_confidence": price // 5_000,
    }  # fmt: skip
    return PriceMessage(**fields | changes)
