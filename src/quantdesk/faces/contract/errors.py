"""Errors that only a face can meet, beside the kernel's catalogue.

InvalidInput
├── RequestTimeout        408  the request did not arrive in time
├── MethodNotAllowed      405  the resource has no such method
├── BodyTooLarge          413
├── UriTooLong            414
├── UnsupportedMediaType  415  a body is JSON, or there is none
├── Misdirected           421  the request names another host
├── UpgradeRequired       426  a WebSocket, asked for as if it were a page
└── HeadersTooLarge       431
"""

from __future__ import annotations

from quantdesk.kernel import CATALOGUE, DeskError, InvalidInput


class MethodNotAllowed(InvalidInput):
    code = "method_not_allowed"
    status = 405
    advice = "The Allow header lists the methods of this resource."

    def __init__(self, message: str, *, allow: str) -> None:
        super().__init__(message, detail={"allow": allow})
        self.allow = allow


class RequestTimeout(InvalidInput):
    code = "request_timeout"
    status = 408
    advice = "Send the whole request at once."


class BodyTooLarge(InvalidInput):
    code = "body_too_large"
    status = 413
    advice = "Send less at once."


class UriTooLong(InvalidInput):
    code = "uri_too_long"
    status = 414
    advice = "Shorten the path or the query."


class UnsupportedMediaType(InvalidInput):
    code = "unsupported_media_type"
    status = 415
    advice = "Send JSON, uncompressed, with Content-Type: application/json."


class Misdirected(InvalidInput):
    code = "misdirected"
    status = 421
    advice = "Use the desk's own name, or list this one in http.hosts."


class UpgradeRequired(InvalidInput):
    code = "upgrade_required"
    status = 426
    advice = "Connect with a WebSocket client."


class HeadersTooLarge(InvalidInput):
    code = "headers_too_large"
    status = 431
    advice = "Send fewer or smaller headers."


HTTP_ERRORS: dict[str, type[DeskError]] = {
    error.code: error
    for error in (
        MethodNotAllowed, RequestTimeout, BodyTooLarge, UriTooLong, UnsupportedMediaType,
        HeadersTooLarge, Misdirected, UpgradeRequired,
    )
}  # fmt: skip
ALL_ERRORS: dict[str, type[DeskError]] = CATALOGUE | HTTP_ERRORS
"""Code → class, for every code that a problem can have."""
