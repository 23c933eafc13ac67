"""TLS 1.3 and no older, with a certificate that the desk makes."""

from __future__ import annotations

import asyncio
import ssl
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import httpx2
import pytest
from cryptography import x509

from quantdesk.config import load
from quantdesk.desk.edge import tls_of
from quantdesk.faces.http import HttpLimits, HttpNetwork, reserve, serve
from quantdesk.faces.http.tls import DAYS, NAMES_MAX, server_context, write_certificate
from quantdesk.kernel import Conflict, Misconfigured, Seam

from .shop import Counter

pytestmark = pytest.mark.spec("SEC-3")
NAMES = ("localhost", "127.0.0.1")


class Secure:
    def __init__(self, port: int, certificate: Path) -> None:
        self.port = port
        self.certificate = certificate

    def client(self, version: ssl.TLSVersion) -> ssl.SSLContext:
        """A client that trusts this certificate and speaks one version."""
        context = ssl.create_default_context(cafile=self.certificate)
        context.minimum_version = context.maximum_version = version
        return context

    async def handshake(self, context: ssl.SSLContext) -> str | None:
        _, writer = await asyncio.open_connection(
            "127.0.0.1", self.port, ssl=context, server_hostname="localhost"
        )
        found: ssl.SSLObject = writer.get_extra_info("ssl_object")
        version = found.version()
        writer.close()
        await writer.wait_closed()
        return version


@asynccontextmanager
async def secured(
    seam: Seam, folder: Path, limits: HttpLimits | None = None
) -> AsyncIterator[Secure]:
    certificate, key = write_certificate(folder, NAMES, Seam.live())
    counter = Counter(seam, network=HttpNetwork(secure=True), limits=limits)
    listener = reserve("127.0.0.1", 0)
    port = listener.getsockname()[1]
    stop = asyncio.Event()
    ready: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    serving = asyncio.create_task(
        serve(
            counter.core, listener, on_ready=ready.set_result, stop=stop,
            tls=server_context(certificate, key),
        )
    )  # fmt: skip
    assert await ready == f"https://127.0.0.1:{port}"
    yield Secure(port, certificate)
    stop.set()
    await serving


@pytest.fixture
async def secure(seam: Seam, tmp_path: Path) -> AsyncIterator[Secure]:
    async with secured(seam, tmp_path) as found:
        yield found


async def test_a_handshake_that_does_not_come_is_not_waited_for(seam: Seam, tmp_path: Path) -> None:
    async with secured(seam, tmp_path, HttpLimits(head_s_max=0.2)) as secure:
        reader, writer = await asyncio.open_connection("127.0.0.1", secure.port)
        async with asyncio.timeout(10):
            assert await reader.read() == b""
        writer.close()


async def test_a_handshake_of_tls_1_3_succeeds_and_of_1_2_fails(secure: Secure) -> None:
    assert await secure.handshake(secure.client(ssl.TLSVersion.TLSv1_3)) == "TLSv1.3"
    # The server hangs up; whether its alert arrives before is the transport's.
    with pytest.raises((ssl.SSLError, ConnectionResetError)):
        await secure.handshake(secure.client(ssl.TLSVersion.TLSv1_2))


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_the_version_is_why_a_handshake_fails(
    tmp_path: Path, seam: Seam, version: ssl.TLSVersion
) -> None:
    certificate, key = write_certificate(tmp_path, NAMES, seam)
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = context.maximum_version = version
    context.load_verify_locations(certificate)
    client = context.wrap_bio(to_client, to_server, server_hostname="localhost")
    server = server_context(certificate, key).wrap_bio(to_server, to_client, server_side=True)
    with pytest.raises(ssl.SSLWantReadError):
        client.do_handshake()
    with pytest.raises(ssl.SSLError) as outcome:
        server.do_handshake()
    refused = version == ssl.TLSVersion.TLSv1_2
    assert (outcome.value.reason == "UNSUPPORTED_PROTOCOL") is refused
    assert isinstance(outcome.value, ssl.SSLWantReadError) is not refused


async def test_answers_come_by_tls_and_ask_browsers_to_keep_to_it(secure: Secure) -> None:
    context = secure.client(ssl.TLSVersion.TLSv1_3)
    async with httpx2.AsyncClient(verify=context, trust_env=False, timeout=10) as client:
        for path in ("/livez", "/v1/shop/ping", "/nothing"):
            answer = await client.get(f"https://localhost:{secure.port}{path}")
            assert answer.headers["strict-transport-security"] == "max-age=31536000"
        with pytest.raises(httpx2.TransportError):
            await client.get(f"http://localhost:{secure.port}/livez")


async def test_a_client_that_does_not_trust_the_certificate_goes_no_further(secure: Secure) -> None:
    with pytest.raises(ssl.SSLCertVerificationError):
        await secure.handshake(ssl.create_default_context())


def test_the_certificate_is_for_its_names_and_for_a_while(tmp_path: Path, seam: Seam) -> None:
    made, key = write_certificate(tmp_path / "new", (*NAMES, "::1"), seam)
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    found = x509.load_pem_x509_certificate(made.read_bytes())
    names = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert [str(name.value) for name in names] == [*NAMES, "::1"]
    assert found.not_valid_after_utc - seam.now() == timedelta(days=DAYS)
    assert not found.extensions.get_extension_for_class(x509.BasicConstraints).value.ca


def test_nothing_is_overwritten(tmp_path: Path, seam: Seam) -> None:
    certificate, key = write_certificate(tmp_path, NAMES, seam)
    before = certificate.read_bytes(), key.read_bytes()
    with pytest.raises(Conflict):
        write_certificate(tmp_path, NAMES, seam)
    assert (certificate.read_bytes(), key.read_bytes()) == before


def test_names_are_bounded_and_checked(tmp_path: Path, seam: Seam) -> None:
    names = [f"h{n}.example" for n in range(NAMES_MAX)]
    write_certificate(tmp_path / "most", names, seam)
    for wrong in ([*names, "one.more"], [], ["bücher.example"]):
        with pytest.raises(Misconfigured):
            write_certificate(tmp_path / "wrong", wrong, seam)
    assert not (tmp_path / "wrong").exists()


def test_files_that_cannot_serve_are_named(tmp_path: Path, seam: Seam) -> None:
    certificate, key = write_certificate(tmp_path / "one", NAMES, seam)
    _, other = write_certificate(tmp_path / "two", NAMES, seam)
    with pytest.raises(Misconfigured, match="no file"):
        server_context(tmp_path / "absent.pem", key)
    with pytest.raises(Misconfigured, match="together"):
        server_context(certificate, other)
    key.chmod(0o640)
    with pytest.raises(Misconfigured, match="others can read"):
        server_context(certificate, key)


def test_a_host_beyond_loopback_needs_both_halves(tmp_path: Path, seam: Seam) -> None:
    certificate, key = write_certificate(tmp_path, NAMES, seam)
    both = {"http.certificate": f"file:{certificate}", "http.key": f"file:{key}"}
    config = load(None, {}, {"http.host": "10.0.0.1", **both})
    context = tls_of(config.http)
    assert context is not None
    assert context.minimum_version == ssl.TLSVersion.TLSv1_3
    for flags in ({}, {"http.key": both["http.key"]}, {"http.certificate": "file:x"}):
        with pytest.raises(Misconfigured):
            load(None, {}, {"http.host": "10.0.0.1", **flags})
    assert tls_of(load(None, {}).http) is None


def test_a_key_in_the_settings_is_refused_without_repeating_it() -> None:
    secret = "-----BEGIN PRIVATE KEY-----"
    config = load(None, {}, {"http.certificate": "file:c.pem", "http.key": secret})
    with pytest.raises(Misconfigured) as refusal:
        tls_of(config.http)
    assert secret not in str(refusal.value)
