"""Fetches one address over HTTP within limits on size and time. What the bytes mean is left to
adapters.artifacts.

The server is a stranger: redirects stay on its own scheme, host and port, nothing is decoded,
and an answer that drips is cut off. Plain HTTP is for loopback only, since the first fetch of a
version is what the lock then trusts.

httpx2 2.16: timeouts are per socket operation, so one deadline for all of it is kept here.
"""

import ipaddress
import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus

import httpx2

from wpstate import __version__
from wpstate.model.problem import Failed, Problem, Refused
from wpstate.model.secret import FilledHeader

_OPERATION_S = 10.0
_MOST_REDIRECTS = 5
_CHUNK_BYTES = 1 << 16
_GONE = (HTTPStatus.NOT_FOUND, HTTPStatus.GONE)
_ETAG = re.compile(r'(W/)?"[\x21\x23-\x7e]{1,200}"\Z', re.ASCII)
_HEADERS = {"User-Agent": f"wpstate/{__version__}", "Accept-Encoding": "identity"}


@dataclass(slots=True)
class Copy:
    """What is kept of an address, and whether the server says that it is still so (RFC 9110, 8.8.3
    and 13.1.2)."""

    etag: str | None
    """Its name for the copy that is kept; afterwards for what it sent."""
    is_current: bool = False
    """Nothing was sent: the kept copy is what it would send."""


def download(
    url: str,
    write: Callable[[bytes], object],
    *,
    at_most_bytes: int,
    within_s: float,
    auth: FilledHeader | None = None,
    even_if_gone: bool = False,
    copy: Copy | None = None,
) -> bool:
    """Give the answer's bytes to `write`, chunk by chunk; False where the server says 404 or 410,
    whose bytes come only `even_if_gone`.

    `auth` goes to this server alone, and into no error.
    Raises Failed (`artifact.unavailable`) and Refused (`artifact.source`, `artifact.too_large`).
    What was written before an error is worthless. Ends at most 10 s after `within_s`. May be
    repeated.
    """
    first = _address(url)
    ends_at_s = time.monotonic() + within_s
    headers = _HEADERS | ({auth.name: auth.value.reveal()} if auth else {})
    if copy and copy.etag:
        headers |= {"If-None-Match": copy.etag}
    with httpx2.Client(
        timeout=min(_OPERATION_S, within_s), headers=headers, trust_env=not _is_loopback(first)
    ) as client:
        # Closing the client ends every wait; the next use of it is a RuntimeError.
        alarm = threading.Timer(within_s, client.close)
        alarm.daemon = True
        alarm.start()
        try:
            return _follow(client, first, write, at_most_bytes, even_if_gone, copy)
        except (httpx2.HTTPError, OSError, RuntimeError) as why:
            raise _unavailable(first, _reason(why, ends_at_s)) from why
        finally:
            alarm.cancel()


def _follow(
    client: httpx2.Client,
    first: httpx2.URL,
    write: Callable[[bytes], object],
    at_most_bytes: int,
    even_if_gone: bool,
    copy: Copy | None,
) -> bool:
    url = first
    for _ in range(_MOST_REDIRECTS + 1):
        with client.stream("GET", url) as answer:
            if answer.status_code in _GONE:
                if even_if_gone:
                    _receive(answer, write, at_most_bytes)
                return False
            if copy and copy.etag and answer.status_code == HTTPStatus.NOT_MODIFIED:
                copy.is_current = True
                return True
            if not answer.has_redirect_location:
                if copy:
                    served = answer.headers.get("ETag", "")
                    copy.etag = served if _ETAG.match(served) else None
                _receive(answer, write, at_most_bytes)
                return True
            url = url.join(answer.headers["Location"])
        if (url.scheme, url.host, url.port) != (first.scheme, first.host, first.port):
            raise _unavailable(first, f"redirected to another server, {url.host!r}")
    raise _unavailable(first, f"more than {_MOST_REDIRECTS} redirects")


def _receive(answer: httpx2.Response, write: Callable[[bytes], object], at_most_bytes: int) -> None:
    if answer.status_code not in (HTTPStatus.OK, *_GONE):
        raise _unavailable(answer.url, f"HTTP {answer.status_code}")
    size_bytes = 0
    for chunk in answer.iter_raw(_CHUNK_BYTES):
        size_bytes += len(chunk)
        if size_bytes > at_most_bytes:
            what = "the answer is larger than anything expected there"
            found = f"{answer.url.host} sent more than {at_most_bytes} bytes"
            raise Refused((Problem("artifact.too_large", what, found=found),))
        write(chunk)


def _address(url: str) -> httpx2.URL:
    try:
        address = httpx2.URL(url)
    except httpx2.InvalidURL as why:
        raise _bad_source(url, str(why)) from why
    if address.scheme == "https" or (address.scheme == "http" and _is_loopback(address)):
        return address
    raise _bad_source(url, "anybody on the way could replace the first bytes that are locked")


def _is_loopback(address: httpx2.URL) -> bool:
    try:
        return ipaddress.ip_address(address.host).is_loopback
    except ValueError:
        return address.host == "localhost"


def _reason(why: Exception, ends_at_s: float) -> str:
    if time.monotonic() >= ends_at_s:
        return "took too long"
    return f"{type(why).__name__}: {why}"[:200]


def _unavailable(url: httpx2.URL, found: str) -> Failed:
    return Failed(
        (
            Problem(
                "artifact.unavailable",
                "a component or its file list could not be fetched",
                found=f"{url.host}{url.path}: {found}",
                mend="try again; if it stays, keep the zip in the fleet folder and name its path",
            ),
        )
    )


def _bad_source(url: str, why: str) -> Refused:
    what = "components are fetched over https only"
    return Refused((Problem("artifact.source", what, found=repr(url[:200]), why=why),))
