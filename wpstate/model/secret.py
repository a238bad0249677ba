"""Secrets: where one is kept, and one that was fetched, which shows itself to nobody.

Fetching is left to adapters.secrets, what may be secret to desired.secrets.
"""

import json
from base64 import b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NoReturn, final

SHOWN = "***"


@final
class Secret:
    """A text that is printed as `***`, and is neither copied nor written anywhere by accident."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The text itself: for the one line that sends it."""
        return self._text

    def blotted(self, text: str) -> str:
        """`text` without this secret, should somebody have sent it back: as it is, or as JSON
        writes it, here and in PHP."""
        if not self._text:
            return text
        quoted = json.dumps(self._text)[1:-1]
        for form in dict.fromkeys((self._text, quoted, quoted.replace("/", "\\/"))):
            text = text.replace(form, SHOWN)
        return text

    def __repr__(self) -> str:
        return SHOWN

    __str__ = __repr__

    def __format__(self, how: str) -> str:
        return format(SHOWN, how)

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("a secret is not to be written down")


@dataclass(frozen=True, slots=True)
class SecretReference:
    """Where a secret is kept, as the fleet names it."""

    source: str
    """`env`, `file`, `command` or `vault`."""
    name: str

    def __str__(self) -> str:
        return f"{self.source} {self.name}"


def references_in(data: object) -> Iterator[SecretReference]:
    """Those that stand somewhere in lists and maps, in their order."""
    match data:
        case SecretReference():
            yield data
        case Mapping():
            for value in data.values():
                yield from references_in(value)
        case list() | tuple():
            for value in data:
                yield from references_in(value)


@dataclass(frozen=True, slots=True)
class SecretHeader:
    """A header of a request that holds a secret."""

    name: str
    secret: SecretReference
    user: str | None = None
    """The secret is this user's password (Basic, RFC 7617)."""
    bearer: bool = False
    """The secret is a token (Bearer, RFC 6750)."""
    words: str = ""
    """What stands before the secret, where a server wants words of its own."""

    def filled(self, secret: Secret) -> "FilledHeader":
        text = secret.reveal()
        if self.user is not None:
            text = "Basic " + b64encode(f"{self.user}:{text}".encode()).decode()
        elif self.bearer:
            text = f"Bearer {text}"
        return FilledHeader(self.name, Secret(self.words + text), secret)


@dataclass(frozen=True, slots=True)
class FilledHeader:
    """A header ready to be sent."""

    name: str
    value: Secret
    secret: Secret
    """What the value was made of."""

    def blotted(self, text: str) -> str:
        """`text` with neither the secret nor what was made of it."""
        coded = Secret(self.value.reveal().rpartition(" ")[2])
        return self.secret.blotted(coded.blotted(text))
