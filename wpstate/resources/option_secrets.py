"""Options whose value is a secret: asked for by where it is kept, compared by a proof of it.

Files, plans and records hold where it is kept and nothing more. The probe is told a salted hash,
new each time, and answers whether the site holds the same; what the site holds stays there. Of each
that the role sets the host keeps a salted hash, so that one whose secret was changed since is known
for ours. To fill in hash and secret is left to adapters.secret_values.
"""

from typing import Final

from wpstate.model.desired import Managed
from wpstate.model.node import Map, Text
from wpstate.model.problem import Problem
from wpstate.model.secret import SecretReference
from wpstate.model.state import Address, Json
from wpstate.resources.said import Said

SECRET: Final = "secret"  # noqa: S105 - a word
"""As a plan holds how it was asked for, and the probe's answer what was compared."""
ANOTHER: Final = "another value"
UNKNOWN: Final = "not compared"
EARLIER: Final = "an earlier secret of ours"
MEND: Final = "write `{secret: {env: WPSTATE_SECRET_NAME}}`, or set it on the site itself"


def reference(said: Said) -> SecretReference | None:
    """Of `{secret: {env: NAME}}`. The schema has checked the form."""
    kept = said.value.get(SECRET) if isinstance(said.value, Map) else None
    if not isinstance(kept, Map):
        return None
    ((source, name),) = kept.entries
    assert isinstance(name, Text)
    return SecretReference(source.text, name.text)


def shown(kept: SecretReference) -> str:
    """A State's value: `secret env WPSTATE_SECRET_KEY`."""
    return f"{SECRET} {kept}"


def read(value: str) -> SecretReference:
    """What `shown` made."""
    _, source, name = value.split(" ", 2)
    return SecretReference(source, name)


def is_one(label: str) -> bool:
    return SECRET in label.split()


def seen(leaf: Json) -> str | None:
    """A State's value of what the probe compared; None where nothing is there."""
    if leaf["same"] is None:
        return UNKNOWN
    if leaf["type"] in ("missing_option", "missing_leaf", "blocked", "damaged"):
        return None
    if leaf["same"]:
        return f"{SECRET} {leaf[SECRET]}"
    return EARLIER if leaf["ours"] else ANOTHER


def missing(managed: Managed) -> Problem:
    return Problem(
        "secret.missing",
        "a secret is not to be had here, so nobody can tell whether the site holds it",
        managed.span,
        managed.address,
        found=str(read(str(managed.want.value))),
        why="it is not where the fleet says, or no line of 6 characters or more",
        mend="see docs/language.md",
    )


def beside(address: Address, said: Said) -> Problem:
    return Problem(
        "desired.contradiction",
        "an option is a secret and something else too",
        said.value.span,
        address,
        overrides=said.overrides[0] if said.overrides else None,
        found="secret beside value, state or type",
        why="a secret is one line of text, and is the option's value",
        mend="keep one of them",
    )
