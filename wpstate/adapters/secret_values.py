"""Secrets that stand by their names among what a host is told: filled in last of all.

Kinds hand on where a secret is kept (SecretReference); nothing but these two lines of ours knows
more. Fetching is left to adapters.secrets, who sees what to the two that send: the probe is told a
proof of the secret, which it compares with what the site holds, the playbook the secret itself.
"""

import hashlib
import hmac
import secrets
from collections.abc import Callable

from wpstate.model.problem import Problem, Refused
from wpstate.model.secret import Secret, SecretReference, references_in
from wpstate.model.state import Json
from wpstate.ports import Secrets

SHORTEST_CHARS = 6
"""A shorter one could not be blotted out of what a site says without blotting everything."""


def proven(question: Json, kept: Secrets) -> Json:
    """With a proof in the place of each reference: a salt, new each time, and the salted hash. None
    where the secret is not to be had here: what reads the answer says so, and a rollback on a
    machine without secrets goes on."""

    def proof(reference: SecretReference) -> Json:
        salt = secrets.token_hex(16)
        try:
            text = _revealed(reference, kept).reveal()
        except Refused:
            return {"name": str(reference), "salt": salt, "hmac": None}
        hashed = hmac.new(salt.encode(), text.encode(), hashlib.sha256).hexdigest()
        return {"name": str(reference), "salt": salt, "hmac": hashed}

    return _filled_map(question, proof) if any(references_in(question)) else question


def revealed(variables: Json, kept: Secrets) -> tuple[Json, tuple[Secret, ...]]:
    """With each secret itself in the place of its reference, and all of them.

    Raises Refused (`secret.*`).
    """
    names = tuple(dict.fromkeys(references_in(variables)))
    all_of_them = tuple(_revealed(name, kept) for name in names)
    filled = _filled_map(variables, lambda name: _revealed(name, kept).reveal())
    return filled, all_of_them


def _revealed(reference: SecretReference, kept: Secrets) -> Secret:
    secret = kept.reveal(reference)
    if len(secret.reveal()) < SHORTEST_CHARS:
        raise Refused(
            [
                Problem(
                    "secret.value",
                    "a secret is too short to be kept secret",
                    found=str(reference),
                    why=f"one of fewer than {SHORTEST_CHARS} characters is part of other words too",
                    mend="see docs/language.md",
                )
            ]
        )
    return secret


def _filled_map(data: Json, fill: Callable[[SecretReference], object]) -> Json:
    return {key: _filled(value, fill) for key, value in data.items()}


def _filled(value: object, fill: Callable[[SecretReference], object]) -> object:
    match value:
        case SecretReference():
            return fill(value)
        case dict():
            return _filled_map(value, fill)
        case list() | tuple():
            return [_filled(each, fill) for each in value]
        case _:
            return value
