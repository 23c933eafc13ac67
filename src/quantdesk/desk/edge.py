"""The desk's edge, from the settings: names, proxies, origins, TLS."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import TYPE_CHECKING

from quantdesk.config import Config, HttpConfig
from quantdesk.faces.cli import CertificateMade, CertificateOptions
from quantdesk.kernel import Misconfigured, Seam

if TYPE_CHECKING:
    from quantdesk.faces.http import HttpNetwork

_FILE = "file:"
_LOCAL = ("localhost", "127.0.0.1", "::1")


def network_of(http: HttpConfig) -> HttpNetwork:
    """What the HTTP face knows of the network around it."""
    from quantdesk.faces.http import HttpNetwork

    return HttpNetwork(
        hosts=(http.host, *http.hosts),
        proxies=http.proxies,
        origins=http.origins,
        secure=http.certificate is not None,
    )


def tls_of(http: HttpConfig) -> ssl.SSLContext | None:
    """The context for TLS; None where none is configured, which `load` allows on loopback only."""
    from quantdesk.faces.http.tls import server_context

    if http.certificate is None or http.key is None:
        return None
    certificate = file_of(http.certificate, "http.certificate")
    return server_context(certificate, file_of(http.key, "http.key"))


def make_certificate(config: Config, options: CertificateOptions) -> CertificateMade:
    """Write a certificate to develop with into the desk's folder."""
    from quantdesk.faces.http.tls import write_certificate

    names = options.hosts or _LOCAL
    certificate, key = write_certificate(Path(config.data_dir), names, Seam.live())
    return CertificateMade(certificate=certificate, key=key, hosts=tuple(names))


def file_of(reference: str, setting: str) -> Path:
    """The file that a reference in the settings names."""
    if not reference.startswith(_FILE):
        raise Misconfigured(
            "not a reference to a file", where=setting,
            advice="Write file:PATH; secrets do not stand in the settings.",
        )  # fmt: skip
    return Path(reference.removeprefix(_FILE))
