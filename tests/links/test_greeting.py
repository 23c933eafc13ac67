"""Who may link, and what strangers get."""

from __future__ import annotations

import asyncio
import socket
import ssl
import stat
from pathlib import Path

import pytest

from quantdesk.faces.http.tls import server_context, write_certificate
from quantdesk.faces.link import (
    ANY,
    Grant,
    LinkLimits,
    LinkServer,
    Pool,
    Route,
    address_of,
    calling_context,
    link_secret,
    remote,
)
from quantdesk.faces.link.addresses import listen_unix
from quantdesk.faces.link.codec import put
from quantdesk.faces.link.handshake import prove
from quantdesk.faces.link.messages import Ask, Challenge, Fail, Hello, Ping, Proof, Welcome
from quantdesk.kernel import Misconfigured, Seam, Unavailable

from .rooms import ADA, SECRET, SHOP, Nothing, Stranger, Waiting, address, linked

pytestmark = pytest.mark.spec("PRF-2", "TST-4")
OTHER = bytes(32)


async def test_who_knows_the_secret_is_welcome(tmp_path: Path) -> None:
    async with linked(tmp_path):
        guest = await Stranger.to(address(tmp_path))
        welcome = await guest.greet()
        assert isinstance(welcome, Welcome)
        assert "shop.put_item" in welcome.operations
        await guest.close()


@pytest.mark.parametrize(("secret", "name"), [(OTHER, ANY), (SECRET, "nobody"), (b"", ANY)])
async def test_who_does_not_is_told_so_and_nothing_else(
    tmp_path: Path, secret: bytes, name: str
) -> None:
    async with linked(tmp_path) as shop:
        thief = await Stranger.to(address(tmp_path))
        answer = await thief.greet(secret, name)
        assert isinstance(answer, Fail)
        assert answer.code == "unauthenticated"
        assert await thief.receive() is None
        assert shop.server.connections == 1
        await thief.close()


async def test_a_recorded_greeting_opens_nothing_a_second_time(tmp_path: Path) -> None:
    async with linked(tmp_path):
        guest = await Stranger.to(address(tmp_path))
        assert isinstance(await guest.greet(), Welcome)
        replaying = await Stranger.to(address(tmp_path))
        for data in guest.sent:
            replaying.raw(data)
        assert isinstance(await replaying.receive(), Challenge)
        refused = await replaying.receive()
        assert isinstance(refused, Fail)
        assert await replaying.receive() is None
        await guest.close()
        await replaying.close()


async def test_the_servers_own_proof_does_not_open_it(tmp_path: Path) -> None:
    async with linked(tmp_path):
        mirror = await Stranger.to(address(tmp_path))
        mirror.send(Hello(1, ANY, bytes(32)))
        challenge = await mirror.receive()
        assert isinstance(challenge, Challenge)
        mirror.send(Proof(challenge.proof))
        assert isinstance(await mirror.receive(), Fail)
        assert await mirror.receive() is None
        await mirror.close()


async def test_a_false_instance_is_not_believed(tmp_path: Path) -> None:
    met: list[int] = []

    async def pretend(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        met.append(len(await reader.read(4_096)))
        out = bytearray()
        put(Challenge(bytes(32), prove(OTHER, "server", ANY, bytes(32), bytes(32))), out)
        writer.write(out)
        # Were it believed, the proof for this connection would come now.
        met.append(len(await reader.read(4_096)))
        writer.close()

    server = await asyncio.start_unix_server(pretend, address(tmp_path).path)
    route = Route(name=ANY, secret=SECRET, address=address(tmp_path))
    async with Pool([route], Seam.live()) as pool:
        door = SHOP.open(remote(SHOP, pool), ADA)
        with pytest.raises(Unavailable):
            await pool.connected(0.2)
        with pytest.raises(Unavailable, match="no instance"):
            await door.ping(Nothing())
    server.close()
    assert met[1] == 0


@pytest.mark.parametrize(
    "first",
    [
        b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", b"\x00" * 64, b"\x00\x00\x10\x01" + b"x" * 64,
        b"\x00\x00\x00\x02\xc0\xc1", b"\xff\xff\xff\xff",
    ],
)  # fmt: skip
async def test_anything_else_ends_the_connection(tmp_path: Path, first: bytes) -> None:
    async with linked(tmp_path) as shop:
        noise = await Stranger.to(address(tmp_path))
        noise.raw(first)
        assert await noise.receive() is None
        assert shop.server.in_flight == 0
        await noise.close()


async def test_nothing_is_understood_before_the_greeting(tmp_path: Path) -> None:
    async with linked(tmp_path) as shop:
        hasty = await Stranger.to(address(tmp_path))
        hasty.send(Ask(1, 0, 0, 1_000, Nothing()))  # type: ignore[arg-type]
        assert await hasty.receive() is None
        pinging = await Stranger.to(address(tmp_path))
        pinging.send(Ping(1))
        assert await pinging.receive() is None
        assert shop.shelf.begun == 0
        for one in (hasty, pinging):
            await one.close()


async def test_who_does_not_greet_is_shown_the_door(tmp_path: Path) -> None:
    async with linked(tmp_path, limits=LinkLimits(greeting_s_max=0.05)):
        silent = await Stranger.to(address(tmp_path))
        assert await silent.receive() is None
        await silent.close()


async def test_links_have_a_largest_number(tmp_path: Path) -> None:
    async with linked(tmp_path, limits=LinkLimits(connections_max=3)) as shop:
        guests = [await Stranger.to(address(tmp_path)) for _ in range(2)]
        for guest in guests:
            assert isinstance(await guest.greet(), Welcome)
        late = await Stranger.to(address(tmp_path))
        late.send(Hello(1, ANY, bytes(32)))
        assert await late.receive() is None
        assert shop.server.connections == 3
        for one in (*guests, late):
            await one.close()


async def test_the_socket_and_the_secret_are_for_one_user_only(tmp_path: Path) -> None:
    async with linked(tmp_path):
        mode = stat.S_IMODE(Path(address(tmp_path).path).stat().st_mode)
        assert mode == 0o600
    path = tmp_path / "new" / "links.secret"
    made = link_secret(path, Seam.live(), make=True)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert link_secret(path, Seam.live(), make=True) == made
    path.chmod(0o640)
    with pytest.raises(Misconfigured, match="others can read"):
        link_secret(path, Seam.live(), make=False)
    path.chmod(0o600)
    path.write_bytes(b"short")
    with pytest.raises(Misconfigured, match="32 to"):
        link_secret(path, Seam.live(), make=False)
    with pytest.raises(Misconfigured, match="cannot be read"):
        link_secret(tmp_path / "none", Seam.live(), make=False)


async def test_a_dead_instances_socket_is_replaced_and_a_living_ones_is_not(
    tmp_path: Path,
) -> None:
    path = str(tmp_path / "x.sock")
    dead = socket.socket(socket.AF_UNIX)
    dead.bind(path)
    dead.close()
    living = listen_unix(path)
    with pytest.raises(Misconfigured, match="another instance"):
        listen_unix(path)
    living.close()


async def test_a_deep_folder_is_no_hindrance(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 100) / ("e" * 100)
    deep.mkdir(parents=True)
    async with linked(deep) as shop:
        await shop.door.ping(Nothing())


@pytest.mark.parametrize(
    "url",
    [
        "unix:", "tcp://0.0.0.0:9101", "tcp://example.com:9101", "tcp://127.0.0.1", "http://x:1",
        "tls://host", "tls://host:99999", "127.0.0.1:9101", "tls://user@host:1", "tls://host:1/x",
    ],
)  # fmt: skip
def test_addresses_that_cannot_be_meant(url: str) -> None:
    with pytest.raises(Misconfigured) as caught:
        address_of(url)
    assert caught.value.where == url


def test_addresses() -> None:
    for url in ("unix:/run/a.sock", "unix:a/b", "tcp://127.0.0.1:9101", "tls://h.example:9101"):
        assert str(address_of(url)) == url
    assert str(address_of("tcp://[::1]:7")) == "tcp://[::1]:7"
    assert address_of("unix:///run/a.sock").path == "/run/a.sock"


async def _over_tls(folder: Path, client: ssl.SSLContext) -> str:
    seam = Seam.live()
    names = folder / "certificates"
    certificate, key = names / "certificate.pem", names / "key.pem"
    server = LinkServer([SHOP.serve(Waiting())], {ANY: Grant(secret=SECRET)}, seam)
    where = await server.listen(address_of("tls://127.0.0.1:0"), server_context(certificate, key))
    route = Route(name=ANY, secret=SECRET, address=where, tls=client)
    try:
        async with Pool([route], seam) as pool:
            await pool.connected(2.0)
            door = SHOP.open(remote(SHOP, pool), ADA)
            return (await door.ping(Nothing())).caller
    finally:
        await server.close()


async def test_over_tls_1_3_and_nothing_older(tmp_path: Path) -> None:
    names = tmp_path / "certificates"
    certificate, _ = write_certificate(names, ("127.0.0.1", "localhost"), Seam.live())
    good = calling_context(str(certificate))
    certificate.rename(names / "certificate.pem")
    for key in names.glob("*key*"):
        key.rename(names / "key.pem")
    assert await _over_tls(tmp_path, good) == "ada"
    old = ssl.create_default_context(cafile=str(names / "certificate.pem"))
    old.maximum_version = ssl.TLSVersion.TLSv1_2
    with pytest.raises(Unavailable):
        await _over_tls(tmp_path, old)
    with pytest.raises(Unavailable):  # a certificate that nobody vouches for
        await _over_tls(tmp_path, calling_context(None))


async def test_tls_needs_a_certificate(tmp_path: Path) -> None:
    server = LinkServer([SHOP.serve(Waiting())], {ANY: Grant(secret=SECRET)}, Seam.live())
    with pytest.raises(Misconfigured, match="certificate"):
        await server.listen(address_of("tls://127.0.0.1:0"))
    await server.close()
