"""One HTTP request and its answer through httpx2: bounded, decoded, trouble as a word.

Redirects, proofs and deadlines are left to adapters.http.
"""

import re
import ssl
import zlib
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import httpx2

BODY_LIMIT_BYTES = 2 << 20
# Python knows codecs that are slow or no charsets at all; pages are written in these.
_CHARSET = re.compile(
    r"utf-?8|us-ascii|iso-?8859-?\d{1,2}|windows-125\d|koi8-[ru]|shift_jis|euc-(jp|kr)|gbk|gb2312"
    r"|gb18030|big5",
    re.IGNORECASE,
)
_NAMED_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w-]{1,20})", re.IGNORECASE)


class Exchange:
    """What one request has got so far; a deadline that cuts it leaves what had come."""

    def __init__(self) -> None:
        self.status: int | None = None
        self.headers: tuple[tuple[str, str], ...] = ()
        self.error: str | None = None
        """`refused`, `tls`, `timeout`, `truncated`, `redirect_loop`, `protocol`."""
        self._raw = bytearray()

    async def send(
        self,
        client: "httpx2.AsyncClient",
        method: str,
        url: str,
        headers: dict[str, str],
        body: bytes,
    ) -> None:
        """Send, and read at most 2 MiB of the answer; what the network does is in `error`."""
        import httpx2

        try:
            async with client.stream(method, url, headers=headers, content=body or None) as answer:
                self.status = answer.status_code
                self.headers = tuple((k.lower(), v) for k, v in answer.headers.multi_items())
                unpacked = _unpacking(self.header("content-encoding"))
                async for chunk in answer.aiter_raw():
                    self._raw += unpacked(chunk, BODY_LIMIT_BYTES - len(self._raw))
                    if len(self._raw) == BODY_LIMIT_BYTES:
                        break
        except httpx2.TimeoutException:
            self.error = "timeout"
        except httpx2.ConnectError as error:
            self.error = "tls" if _of_tls(error) else "refused"
        except (httpx2.HTTPError, httpx2.InvalidURL, httpx2.StreamError, ValueError, zlib.error):
            self.error = "truncated" if self.status is not None else "protocol"

    def header(self, name: str) -> str:
        """The first header of this lower-case name, empty where there is none."""
        return next((value for key, value in self.headers if key == name), "")

    def text(self, *, without: str | None) -> str:
        """The body, decoded as the header or the page says, `without` blotted out."""
        named = _NAMED_CHARSET.search(self.header("content-type")) or _NAMED_CHARSET.search(
            self._raw[:2048].decode("ascii", "replace")
        )
        charset = named[1] if named and _CHARSET.fullmatch(named[1]) else "utf-8"
        try:
            text = self._raw.decode(charset, "replace")
        except LookupError:
            text = self._raw.decode("utf-8", "replace")
        return text.replace(without, "[token]") if without else text


def open_client(tls: ssl.SSLContext, connect_to: str | None) -> "httpx2.AsyncClient":
    """A client without proxies, redirects or timeouts of its own; `connect_to` is an address to
    connect to in place of the URL's host."""
    import httpx2

    class ToFixedAddress(httpx2.AsyncHTTPTransport):
        """Host header and the name in the certificate stay those of the URL."""

        async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
            request.extensions = {**request.extensions, "sni_hostname": request.url.host}
            request.url = request.url.copy_with(host=connect_to)
            return await super().handle_async_request(request)

    return httpx2.AsyncClient(
        verify=tls,
        trust_env=False,
        timeout=None,
        headers={"Accept-Encoding": "gzip, deflate"},
        transport=ToFixedAddress(verify=tls, trust_env=False) if connect_to else None,
    )


def _unpacking(encoding: str) -> Callable[[bytes, int], bytes]:
    """What gives of each chunk at most so many bytes of the page: httpx2 would unpack a chunk
    whole, and a thousandfold of it fills memory. Raises ValueError for what was not asked for."""
    match encoding.strip().lower():
        case "" | "identity":
            return lambda chunk, most: chunk[:most]
        case "gzip" | "x-gzip":
            return zlib.decompressobj(zlib.MAX_WBITS | 16).decompress
        case "deflate":
            return zlib.decompressobj(zlib.MAX_WBITS).decompress
        case _:
            raise ValueError("an encoding that nobody asked for")


def _of_tls(error: BaseException) -> bool:
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, ssl.SSLError):
            return True
        seen = seen.__cause__ or seen.__context__
    return False
