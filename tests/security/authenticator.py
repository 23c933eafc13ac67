"""An authenticator in software: it makes keys and signs, as WebAuthn prescribes, byte for byte."""

from __future__ import annotations

import hashlib
import json
from base64 import urlsafe_b64encode

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.security.rooms import ORIGIN

from quantdesk.departments.identity import (
    PasskeyAssertion,
    PasskeyCreation,
    PasskeyRequest,
    RegisterPasskey,
)

PRESENT, VERIFIED, WITH_KEY = 0x01, 0x04, 0x40


def text(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


class Authenticator:
    """One key on one device, with a counter. `origin` and `rp_id` are what its browser is at."""

    def __init__(
        self,
        number: int = 1,
        *,
        curve: str = "P-256",
        origin: str = ORIGIN,
        rp_id: str = "desk.example",
        counts: bool = True,
    ) -> None:
        self.curve = curve
        self.origin = origin
        self.rp_id = rp_id
        self.counts = counts
        self.count = 0
        self.flags = PRESENT | VERIFIED
        self.extra: dict[str, object] = {}
        self.credential_id = bytes([number]) * 32
        self._p256 = ec.derive_private_key(number + 1, ec.SECP256R1())
        self._ed25519 = Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32)

    def create(self, options: PasskeyCreation, *, fmt: str = "none") -> RegisterPasskey:
        """The answer of `navigator.credentials.create()`."""
        data = self._data(
            self.flags | WITH_KEY,
            bytes(16)
            + len(self.credential_id).to_bytes(2, "big")
            + self.credential_id
            + self._public(),
        )
        attestation = {"fmt": fmt, "attStmt": {}, "authData": data}
        return RegisterPasskey(
            name="laptop",
            credential_id=text(self.credential_id),
            client_data_json=text(self._client("webauthn.create", options.challenge)),
            attestation_object=text(cbor2.dumps(attestation)),
        )

    def get(self, options: PasskeyRequest, *, kind: str = "webauthn.get") -> PasskeyAssertion:
        """The answer of `navigator.credentials.get()`."""
        client = self._client(kind, options.challenge)
        data = self._data(self.flags, b"")
        signed = data + hashlib.sha256(client).digest()
        return PasskeyAssertion(
            credential_id=text(self.credential_id),
            client_data_json=text(client),
            authenticator_data=text(data),
            signature=text(self._sign(signed)),
        )

    def _client(self, kind: str, challenge: str) -> bytes:
        told = {"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}
        return json.dumps(told | self.extra).encode()

    def _data(self, flags: int, rest: bytes) -> bytes:
        self.count += self.counts
        host = hashlib.sha256(self.rp_id.encode()).digest()
        return host + bytes([flags]) + self.count.to_bytes(4, "big") + rest

    def _public(self) -> bytes:
        if self.curve == "P-256":
            numbers = self._p256.public_key().public_numbers()
            x, y = numbers.x.to_bytes(32, "big"), numbers.y.to_bytes(32, "big")
            return cbor2.dumps({1: 2, 3: -7, -1: 1, -2: x, -3: y})
        raw = self._ed25519.public_key().public_bytes_raw()
        return cbor2.dumps({1: 1, 3: -8, -1: 6, -2: raw})

    def _sign(self, data: bytes) -> bytes:
        if self.curve == "P-256":
            return self._p256.sign(data, ec.ECDSA(hashes.SHA256()))
        return self._ed25519.sign(data)
