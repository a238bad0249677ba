"""Secrets in fleet files: references where one may stand, refused anywhere else, and what looks
like one hidden in problems. Fetching them is left to adapters.secrets."""

import re
from collections.abc import Iterator, Mapping

from wpstate.model.node import Items, Map, Node, Text
from wpstate.model.problem import Problem
from wpstate.model.secret import SecretHeader, SecretReference
from wpstate.resources.said import Said

_IN_ADDRESS = re.compile(r"://[^/\s@]*@")
_NAMED = re.compile(r"(?i)([\w-]*(?:pass|secret|token)[\w-]*[\"']?\s*[:=]\s*)[^,}\]\n]+")
_SOURCES = frozenset({"env", "file", "command", "vault"})
_PLACES = re.compile(
    r"(look|wordpress_org|vault|caches\.[a-z]+)\.auth\.(password|bearer)|look\.headers\.[^.]+"
    r"|facts\.[a-z_]+\.key|tell\.(to\.[^.]+|heartbeat)|options\..+"
    r"|users\.[^.]+\.email|repositories\.[^.]+\.(password|key)"
)


def without_secrets(text: str) -> str:
    """`https://me:word@host` → `https://…@host`; `db_password: word` → `db_password: …`."""
    return _NAMED.sub(r"\1…", _IN_ADDRESS.sub("://…@", text))


def look_headers(look: Mapping[str, Said]) -> tuple[SecretHeader, ...]:
    """What `look: {auth: …, headers: …}` adds to each look. The schema has checked the forms."""
    auth = look["auth"].value if "auth" in look else None
    headers = look["headers"].value if "headers" in look else None
    entries = headers.entries if isinstance(headers, Map) else ()
    found = (SecretHeader(name.text, reference_of(value)) for name, value in entries)
    own = (authorization(auth),) if isinstance(auth, Map) else ()
    return (*own, *found)


def authorization(auth: Map) -> SecretHeader:
    """`{user: U, password: {secret: …}}` or `{bearer: {secret: …}}`."""
    user, bearer = auth.text("user"), auth.get("bearer")
    if bearer is not None:
        return SecretHeader("Authorization", reference_of(bearer), bearer=True)
    assert user is not None
    return SecretHeader("Authorization", reference_of(auth.get("password")), user=user.text)


def misplaced(root: Node) -> Iterator[Problem]:
    """References to secrets where none may stand."""
    for key, node in _maps("", root):
        kept = node.get("secret")
        names = {name.text for name, _ in kept.entries} if isinstance(kept, Map) else set()
        if names & _SOURCES and not _PLACES.fullmatch(key):
            yield Problem(
                "secret.place",
                "a secret stands where none belongs",
                node.span,
                key or None,
                why="what is written here is shown in plans and records",
                mend="secrets belong to look.auth, look.headers, wordpress_org.auth, vault.auth, "
                "the auth of a cache, the key of a feed, tell.to, tell.heartbeat, "
                "the password and key of a repository, the email of an account, and options alone",
            )


def _maps(key: str, node: Node) -> Iterator[tuple[str, Map]]:
    match node:
        case Map():
            yield key, node
            for name, value in node.entries:
                yield from _maps(f"{key}.{name.text}" if key else name.text, value)
        case Items():
            for item in node.items:
                yield from _maps(f"{key}[]", item)
        case Text():
            pass


def reference_of(value: Node | None) -> SecretReference:
    """`{secret: {env: NAME}}`. The schema has checked the form."""
    assert isinstance(value, Map)
    kept = value.get("secret")
    assert isinstance(kept, Map)
    ((source, name),) = kept.entries
    assert isinstance(name, Text)
    return SecretReference(source.text, name.text)
