"""The Visitor over httpx2: sends looks, follows redirects, checks proofs.

It stands outside the site as its readers do. One exchange's bytes are left to
adapters.http_exchange, which looks to send to planning.looks, what an answer means to
planning.verdict.
"""

import asyncio
import hashlib
import hmac
import json
import secrets
import ssl
import time
from collections.abc import Sequence
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

from wpstate.adapters.http_exchange import Exchange, open_client
from wpstate.model.look import Eyes, LookRequest, LookSeen
from wpstate.model.secret import FilledHeader
from wpstate.model.state import Json

_MOST_REDIRECTS = 5
_MOST_TIMEOUTS = 2
"""A request that hangs keeps a process of the site busy; the rollback's looks need one too."""
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_CACHE_BUSTER = "wpstate"
_BROWSER = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0"
_AGENTS = {
    Eyes.VISITOR: f"{_BROWSER} Safari/537.36 wpstate",
    Eyes.ADMIN: f"{_BROWSER} Safari/537.36 wpstate",
    Eyes.CRAWLER: "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
}


class HttpVisitor:
    """Looks at sites over HTTP and HTTPS. Certificates are always verified; proxies of the
    environment are not used. May be shared by threads.

    `connect_to` is an address to connect to in place of the URL's own host, for a site behind a
    CDN: URL, Host header and the name in the certificate stay those of the URL.
    """

    def __init__(
        self,
        *,
        at_once: int = 3,
        connect_to: str | None = None,
        carried: Sequence[FilledHeader] = (),
        tls: ssl.SSLContext | None = None,
    ) -> None:
        """`tls`: one that verifies, where somebody has made it already."""
        self._at_once = at_once
        self._connect_to = connect_to
        self._carried = tuple(carried)
        # Once, not for each look: to read the system's certificates takes 20 ms of a core.
        self._tls = tls or ssl.create_default_context()

    def carrying(self, headers: Sequence[FilledHeader]) -> "HttpVisitor":
        """The same visitor, sending these headers with each request to the site. What a site sends
        back of them is blotted out."""
        return HttpVisitor(
            at_once=self._at_once,
            connect_to=self._connect_to,
            carried=headers,
            tls=self._tls,
        )

    def look(
        self, requests: Sequence[LookRequest], *, token: str | None, timeout_s: float
    ) -> tuple[LookSeen, ...]:
        """Send all requests, several at a time; answers in the order of the requests.

        `timeout_s` bounds one look with its redirects. Redirects are followed within the same
        scheme, host and port, five at most; one that leaves is itself the answer, `final_url` being
        where it led. After two timeouts the rest is not sent. Nothing is repeated, nothing is
        raised: trouble is `LookSeen.error`.
        """
        return asyncio.run(self._look_at_all(requests, token, timeout_s))

    def ask(self, url: str, *, token: str, ask: str, timeout_s: float) -> Json | None:
        """Ask the beacon at `url`: `who` or `flush`. None unless it answers 200 with the right
        proof: HMAC-SHA256 of this request's nonce under the token."""
        return asyncio.run(self._ask(url, token, ask, timeout_s))

    async def _look_at_all(
        self, requests: Sequence[LookRequest], token: str | None, timeout_s: float
    ) -> tuple[LookSeen, ...]:
        places = asyncio.Semaphore(self._at_once)
        timeouts = 0

        async def in_turn(request: LookRequest) -> LookSeen:
            nonlocal timeouts
            async with places:
                if timeouts >= _MOST_TIMEOUTS:
                    return LookSeen(request, None, request.url, (), "", 0.0, error="not_sent")
                held = token if request.with_token else None
                seen = await self._look(request, held, timeout_s)
                timeouts += seen.error == "timeout"
                return seen

        return tuple(await asyncio.gather(*(in_turn(request) for request in requests)))

    async def _look(self, request: LookRequest, token: str | None, timeout_s: float) -> LookSeen:
        began = time.monotonic()
        url, method, body, redirects, proven = request.url, request.method, request.body, 0, False
        exchange = Exchange()
        try:
            # A client for each look: cookies live as long as a look, never from one to the next.
            async with (
                asyncio.timeout(timeout_s),
                open_client(self._tls, self._connect_to) as client,
            ):
                while True:
                    nonce = secrets.token_hex(16)
                    exchange = Exchange()
                    headers = self._with_carried(_headers(request, token, nonce))
                    sent = url if request.takes_kept else _busted(url, nonce)
                    await exchange.send(client, method, sent, headers, body)
                    proven = token is not None and _is_proven(exchange, token, nonce)
                    target = _target(exchange, url)
                    if target is None:
                        break
                    url = target
                    if _origin(target) != _origin(request.url):
                        break
                    if redirects == _MOST_REDIRECTS:
                        exchange.error = "redirect_loop"
                        break
                    redirects += 1
                    if exchange.status not in (307, 308):
                        method, body = "GET", b""
        except TimeoutError:
            exchange.error = "timeout"
        return LookSeen(
            request=request,
            status=exchange.status,
            final_url=self._blotted(url),
            headers=tuple((name, self._blotted(value)) for name, value in exchange.headers),
            body=self._blotted(exchange.text(without=token)),
            took_s=time.monotonic() - began,
            redirects=redirects,
            error=exchange.error,
            proven=proven and exchange.error is None,
        )

    async def _ask(self, url: str, token: str, ask: str, timeout_s: float) -> Json | None:
        nonce = secrets.token_hex(16)
        headers = _headers(LookRequest("beacon", url), token, nonce) | {"X-Wpstate-Ask": ask}
        headers = self._with_carried(headers)
        exchange = Exchange()
        try:
            async with (
                asyncio.timeout(timeout_s),
                open_client(self._tls, self._connect_to) as client,
            ):
                await exchange.send(client, "GET", _busted(url, nonce), headers, b"")
            answer = json.loads(exchange.text(without=None))
        except (TimeoutError, ValueError, RecursionError):
            return None
        if exchange.status != 200 or exchange.error or not isinstance(answer, dict):
            return None
        return answer if _equal(str(answer.get("proof")), _hmac(token, nonce)) else None

    def _with_carried(self, headers: dict[str, str]) -> dict[str, str]:
        return headers | {header.name: header.value.reveal() for header in self._carried}

    def _blotted(self, text: str) -> str:
        for header in self._carried:
            text = header.blotted(text)
        return text


def _headers(request: LookRequest, token: str | None, nonce: str) -> dict[str, str]:
    headers = {
        "User-Agent": _AGENTS[request.eyes],
        # A browser's: WordPress answers otherwise where JSON is accepted.
        "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    }
    if not request.takes_kept:
        headers |= {"Cache-Control": "no-cache", "Pragma": "no-cache"}
    if request.body:
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    if token is not None:
        headers |= {"X-Wpstate-Token": token, "X-Wpstate-Nonce": nonce}
        if request.eyes is Eyes.ADMIN:
            headers["X-Wpstate-Eyes"] = "admin"
    return headers


def _is_proven(exchange: Exchange, token: str, nonce: str) -> bool:
    """The holder of the run's `.maintenance` answered this nonce, and OPcache held no stale script
    (safetynet/maintenance.php)."""
    stale = exchange.header("x-wpstate-stale")
    proof = exchange.header("x-wpstate-proof")
    return _equal(proof, _hmac(token, f"{nonce}\n{stale}")) and stale == "0"


def _hmac(token: str, message: str) -> str:
    return hmac.new(token.encode(), message.encode(), hashlib.sha256).hexdigest()


def _equal(given: str, right: str) -> bool:
    return hmac.compare_digest(given.encode(errors="replace"), right.encode())


def _target(exchange: Exchange, url: str) -> str | None:
    """Where a redirect leads, without our own parameter; None for any other answer."""
    location = exchange.header("location")
    if exchange.error or exchange.status not in _REDIRECTS or not location:
        return None
    try:
        parts = urlsplit(urljoin(url, location))
        query = [(k, v) for k, v in parse_qsl(parts.query, True) if k != _CACHE_BUSTER]
    except ValueError:
        exchange.error = "protocol"
        return None
    return urlunsplit((parts.scheme, parts.netloc, parts.path, urlencode(query), ""))


def _origin(url: str) -> tuple[str, str | None, int | None]:
    try:
        parts = urlsplit(url)
        return parts.scheme, parts.hostname, parts.port or {"http": 80, "https": 443}[parts.scheme]
    except (ValueError, KeyError):
        return "", None, None


def _busted(url: str, nonce: str) -> str:
    """`url` as no cache has seen it yet."""
    parts = urlsplit(url)
    query = f"{parts.query}&" if parts.query else ""
    return urlunsplit(parts._replace(query=f"{query}{_CACHE_BUSTER}={nonce}", fragment=""))
