"""Sends the requests that empty caches in front of a site (ports.CacheSender). Whether they did is
left to a look."""

import asyncio
import ipaddress
import ssl
from collections.abc import Sequence
from urllib.parse import urlsplit

from wpstate.adapters.http_exchange import Exchange, open_client
from wpstate.model.cache import CacheRequest
from wpstate.model.secret import FilledHeader

_NOT_KEPT = frozenset({404, 412})
"""What nginx's modules answer for a page that they do not keep."""


class HttpCacheSender:
    """One after the other; certificates are always verified, proxies of the environment not used.
    A secret goes to the address that the fleet names for it alone, and over plain HTTP to loopback
    alone."""

    def send(
        self,
        requests: Sequence[tuple[str, CacheRequest]],
        *,
        auth: FilledHeader | None,
        timeout_s: float,
    ) -> tuple[str | None, ...]:
        """`timeout_s` bounds them all."""
        if auth is not None and not all(_is_private(url) for url, _ in requests):
            return tuple("its secret is not sent over plain HTTP" for _ in requests)
        return asyncio.run(_send(requests, auth, timeout_s))


async def _send(
    requests: Sequence[tuple[str, CacheRequest]], auth: FilledHeader | None, timeout_s: float
) -> tuple[str | None, ...]:
    troubles: list[str | None] = []
    carried = {auth.name: auth.value.reveal()} if auth else {}
    try:
        async with (
            asyncio.timeout(timeout_s),
            open_client(ssl.create_default_context(), None) as client,
        ):
            for url, request in requests:
                exchange, headers = Exchange(), dict(request.headers) | carried
                await exchange.send(client, request.method, url, headers, request.body.encode())
                troubles.append(_trouble(exchange))
    except TimeoutError:
        pass
    return (*troubles, *("timeout" for _ in requests[len(troubles) :]))


def _trouble(exchange: Exchange) -> str | None:
    if exchange.error is not None:
        return exchange.error
    assert exchange.status is not None
    if exchange.status < 300 or exchange.status in _NOT_KEPT:
        return None
    return f"status {exchange.status}"


def _is_private(url: str) -> bool:
    address = urlsplit(url)
    if address.scheme == "https":
        return True
    try:
        return ipaddress.ip_address(address.hostname or "").is_loopback
    except ValueError:
        return address.hostname == "localhost"
