"""Where an instance listens: `unix:PATH`, `tcp://LOOPBACK:PORT` or `tls://HOST:PORT`."""

from __future__ import annotations

import errno
import ipaddress
import os
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from msgspec import Struct

from quantdesk.kernel import Misconfigured

UNIX_PATH_BYTES_MAX = 100
_FORMS = "Write unix:PATH, tcp://127.0.0.1:PORT or tls://HOST:PORT."


class LinkAddress(Struct, frozen=True, kw_only=True):
    """One address. `path` for a Unix socket, else `host` and `port`."""

    scheme: Literal["unix", "tcp", "tls"]
    path: str = ""
    host: str = ""
    port: int = 0

    def __str__(self) -> str:
        if self.scheme == "unix":
            return f"unix:{self.path}"
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}"


def address_of(url: str) -> LinkAddress:
    """Raises `Misconfigured` for what is no address; plain TCP stays on loopback."""
    if url.startswith("unix:"):
        path = url.removeprefix("unix:")
        if path.startswith("//"):
            path = path.removeprefix("//")
        if not path:
            raise Misconfigured("no path in the address", where=url, advice=_FORMS)
        return LinkAddress(scheme="unix", path=path)
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        host = port = None
    if host is None or port is None or parts.path or parts.query or parts.username:
        raise Misconfigured("not the address of an instance", where=url, advice=_FORMS)
    if parts.scheme == "tls":
        return LinkAddress(scheme="tls", host=host, port=port)
    if parts.scheme != "tcp":
        raise Misconfigured("not the address of an instance", where=url, advice=_FORMS)
    if not _is_loopback(host):
        raise Misconfigured(
            "a link without TLS stays on this machine", where=url,
            advice="Use tls://HOST:PORT, or a loopback address.",
        )  # fmt: skip
    return LinkAddress(scheme="tcp", host=host, port=port)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@contextmanager
def unix_name(path: str) -> Iterator[str]:
    """A name of this path that fits into a socket address, however deep the folder is."""
    if len(os.fsencode(path)) <= UNIX_PATH_BYTES_MAX:
        yield path
        return
    folder = os.open(Path(path).parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/{Path(path).name}"
    finally:
        os.close(folder)


def listen_unix(path: str) -> socket.socket:
    """A listening socket for this user only. One that a dead process left behind is replaced."""
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        with unix_name(path) as name:
            if Path(path).is_socket():
                _remove_if_dead(path, name)
            mask = os.umask(0o177)
            try:
                listener.bind(name)
            finally:
                os.umask(mask)
        listener.listen(64)
    except OSError as error:
        listener.close()
        taken = error.errno == errno.EADDRINUSE
        raise Misconfigured(
            "another instance listens here" if taken else f"cannot listen here: {error.strerror}",
            where=f"unix:{path}", advice="Stop it, or choose another path.",
        ) from None  # fmt: skip
    listener.setblocking(False)
    return listener


def _remove_if_dead(path: str, name: str) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        try:
            probe.connect(name)
        except ConnectionRefusedError:
            Path(path).unlink(missing_ok=True)
        except OSError:
            return


def calling_context(authority: str | None) -> ssl.SSLContext:
    """TLS 1.3 and nothing older; `authority` is a PEM file of certificates to believe."""
    context = ssl.create_default_context(cafile=authority)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    return context
