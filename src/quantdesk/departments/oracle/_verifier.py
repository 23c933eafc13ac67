"""Who signed an update, and whether that is enough."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

from coincurve import PublicKey
from msgspec import Struct

from quantdesk.kernel import Misconfigured, OracleRefused

from ._keccak import merkle_root, signer_address
from ._pyth import Message, Update, Vaa, parse_update
from .config import SignerSet


class Trusted(Struct, frozen=True, kw_only=True):
    """A signer set made ready. `local` marks the desk's own."""

    label: str
    index: int
    signers: dict[int, bytes]
    emitters: frozenset[tuple[int, bytes]]
    size: int
    quorum: int
    local: bool = False


class Verified(Struct, frozen=True, kw_only=True):
    """What an update proves."""

    signer_set: Trusted
    signatures: int
    slot: int
    sequence: int
    messages: tuple[Message, ...]

    @property
    def provenance(self) -> str:
        chosen = self.signer_set
        return (
            f"signer set {chosen.label}: {self.signatures} of {chosen.size} signatures"
            f" (quorum {chosen.quorum}), slot {self.slot}, sequence {self.sequence}"
        )


def quorum_of(size: int) -> int:
    """More than two thirds."""
    return size * 2 // 3 + 1


def trust(config: SignerSet) -> Trusted:
    """Check a configured set. Raises `Misconfigured` where it contradicts itself."""
    where = f"oracle.signer_sets.{config.label}"
    try:
        signers = {int(i): bytes.fromhex(address) for i, address in config.signers.items()}
    except ValueError as error:
        raise Misconfigured(f"a signer is not index = address: {error}", where=where) from None
    if not signers or min(signers) < 0 or max(signers) > 255:
        raise Misconfigured("signers have indexes from 0 to 255", where=where)
    if len(set(signers.values())) != len(signers):
        raise Misconfigured("a signer stands twice in the set", where=where)
    size = config.size or max(signers) + 1
    quorum = config.quorum or quorum_of(size)
    if size <= max(signers) or quorum > len(signers):
        raise Misconfigured(
            f"size {size} and quorum {quorum} do not fit {len(signers)} known signers", where=where
        )
    return Trusted(
        label=config.label,
        index=config.index,
        signers=signers,
        emitters=frozenset((e.chain, bytes.fromhex(e.address)) for e in config.emitters),
        size=size,
        quorum=quorum,
    )


class Verifier:
    """Verifies updates against the signer sets that it was given, and no others."""

    def __init__(self, sets: Iterable[Trusted]) -> None:
        self._sets: dict[int, Trusted] = {}
        for trusted in sets:
            if trusted.index in self._sets:
                raise Misconfigured(
                    f"two signer sets have the index {trusted.index}", where="oracle.signer_sets"
                )
            self._sets[trusted.index] = trusted

    def verify(self, data: bytes) -> Verified:
        """All that the update proves, or nothing of it.

        Raises `InvalidInput` for malformed bytes and `OracleRefused` for an unknown signer set or
        emitter, a wrong or missing signature, or a message that the signed root does not cover.
        """
        update = parse_update(data)
        trusted = self._set_of(update.vaa)
        _check_signatures(update.vaa, trusted)
        _check_proofs(update)
        return Verified(
            signer_set=trusted,
            signatures=len(update.vaa.signatures),
            slot=update.vaa.slot,
            sequence=update.vaa.sequence,
            messages=tuple(proved.message for proved in update.messages),
        )

    def _set_of(self, vaa: Vaa) -> Trusted:
        trusted = self._sets.get(vaa.signer_set)
        if trusted is None:
            raise _unverified(
                f"signer set {vaa.signer_set} is not one that this desk trusts",
                advice="Name the set in the configuration, from its publisher's own source.",
            )
        if (vaa.chain, vaa.emitter) not in trusted.emitters:
            raise _unverified(
                f"set {trusted.label} is not believed about emitter"
                f" {vaa.emitter.hex()} of chain {vaa.chain}"
            )
        return trusted


def _check_signatures(vaa: Vaa, trusted: Trusted) -> None:
    indexes = [index for index, _ in vaa.signatures]
    if any(later <= earlier for earlier, later in pairwise(indexes)):
        raise _unverified("the signers are not in ascending order, each once")
    if len(indexes) < trusted.quorum:
        raise _unverified(
            f"{len(indexes)} signatures are below the quorum of {trusted.quorum}",
            signatures=len(indexes),
            quorum=trusted.quorum,
        )
    for index, signature in vaa.signatures:
        expected = trusted.signers.get(index)
        if expected is None:
            raise _unverified(f"signer {index} of set {trusted.label} is not known", signer=index)
        if _recover(signature, vaa.digest) != expected:
            raise _unverified(f"signature {index} is not that of its signer", signer=index)


def _recover(signature: bytes, digest: bytes) -> bytes | None:
    """The address of the key that made a recoverable signature, or None if none can have."""
    try:
        key = PublicKey.from_signature_and_message(signature, digest, hasher=None)
    except Exception:  # noqa: BLE001 - the library raises plain Exception for a bad signature
        return None
    return signer_address(key)


def _check_proofs(update: Update) -> None:
    for index, proved in enumerate(update.messages):
        if merkle_root(proved.raw, proved.path) != update.vaa.root:
            raise _unverified(
                f"the proof of message {index} does not lead to the signed root", message=index
            )


def _unverified(reason: str, advice: str | None = None, **numbers: int) -> OracleRefused:
    return OracleRefused(
        f"the update is not verified: {reason}",
        where="/update_base64",
        advice=advice or "Nothing of it was taken. Fetch the update again from its publisher.",
        detail={name: str(number) for name, number in numbers.items()},
    )
