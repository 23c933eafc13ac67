"""TLS 1.3, and no older: the context of the server, and a certificate to develop with."""

from __future__ import annotations

import ipaddress
import os
import ssl
import stat
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from quantdesk.kernel import Conflict, Misconfigured, Seam

if TYPE_CHECKING:
    from cryptography.x509 import GeneralName

NAMES_MAX = 64
DAYS = 90
_SERIAL_BYTES = 19  # RFC 5280 allows 20 with a leading zero bit
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def server_context(certificate: Path, key: Path) -> ssl.SSLContext:
    """A context that speaks TLS 1.3 only. Raises `Misconfigured` naming the file at fault; a key
    that others of the machine can read is one."""
    for path, setting in ((certificate, "http.certificate"), (key, "http.key")):
        if not path.is_file():
            raise Misconfigured(
                f"there is no file {path}", where=setting,
                advice="`quantdesk certificate` makes one to develop with.",
            )  # fmt: skip
    if os.name == "posix" and key.stat().st_mode & _OTHERS:
        raise Misconfigured(
            f"others can read {key}", where="http.key", advice=f"Run: chmod 600 {key}"
        )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.set_alpn_protocols(["http/1.1"])
    try:
        # No password: a question on the terminal would stop a desk that starts by itself.
        context.load_cert_chain(certificate, key, password=lambda: b"")
    except (ssl.SSLError, OSError) as error:
        raise Misconfigured(
            f"the certificate and the key cannot be used together: {error}",
            where=f"{certificate}, {key}",
            advice="Give a certificate chain in PEM and its own key, unencrypted.",
        ) from None
    return context


def write_certificate(
    folder: Path, names: Sequence[str], seam: Seam, *, names_max: int = NAMES_MAX
) -> tuple[Path, Path]:
    """Make a key (P-256, mode 0600) and a certificate signed by itself, good for `DAYS`.

    Clients must be told to trust it. Raises `Conflict` instead of overwriting, and
    `Misconfigured` for a name that cannot stand in a certificate.
    """
    if not 1 <= len(names) <= names_max:
        raise Misconfigured(f"a certificate has 1 to {names_max} names", where="--host")
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    certificate_pem, key_pem = _signed_by_itself(names, seam)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _write_new(key, key_pem, 0o600)
        _write_new(certificate, certificate_pem, 0o644)
    except FileExistsError as error:
        raise Conflict(
            "there is one already", where=str(error.filename),
            advice="Remove it, with its other half, if it is no longer needed.",
        ) from None  # fmt: skip
    except OSError as error:
        raise Misconfigured(
            f"it cannot be written: {error.strerror}", where=str(folder),
            advice="Name a folder that this user can write with --data-dir.",
        ) from None  # fmt: skip
    return certificate, key


def _write_new(path: Path, content: bytes, mode: int) -> None:
    # The mode is given when the file is made: there is no moment in which others can read it.
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(content)


def _signed_by_itself(names: Sequence[str], seam: Seam) -> tuple[bytes, bytes]:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name(
        [x509.NameAttribute(NameOID.COMMON_NAME, "QuantDesk development certificate")]
    )
    now = seam.now()
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(int.from_bytes(seam.token_bytes(_SERIAL_BYTES), "big") | 1)
        .not_valid_before(now - timedelta(minutes=5))  # a client's clock may be a little behind
        .not_valid_after(now + timedelta(days=DAYS))
        .add_extension(x509.SubjectAlternativeName([_general(name) for name in names]), False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False)
        .sign(key, hashes.SHA256())
    )
    key_pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return certificate.public_bytes(serialization.Encoding.PEM), key_pem


def _general(name: str) -> GeneralName:
    from cryptography import x509

    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        pass
    try:
        return x509.DNSName(name)
    except ValueError:
        raise Misconfigured(f"{name!r} is not a host name", where="--host") from None
