"""How each plugin migrates its data: the shipped rows (migrations.toml) and those of fleet files.

What is pending on a site is left to the kind, driving it to roles/migrations.
"""

import json
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Final

from wpstate.model.node import Items, Map, Node, Text
from wpstate.model.state import Json

CORE: Final = "core"
_WANTED: Final = ("constant", "variable", "header", "keys", "option")


@dataclass(frozen=True, slots=True)
class Row:
    """How one plugin migrates its data."""

    data: str
    """What is migrated, in words."""
    option: str
    """Holds the version of the data."""
    by: str
    """What says which version the code asks for: `constant`, `variable`, `header`, `keys` or
    `option`."""
    want: str
    """The name of that."""
    file: str
    """Where it stands, below the plugin's folder."""
    call: str = ""
    """A function or Class::method that begins, or does, the migration."""
    hook: str = ""
    """An action that works on what was put off."""
    queue: str = ""
    """The group of Action Scheduler that holds what was put off."""
    batches: str = ""
    """The prefix of options that hold what was put off."""
    expected_s: int = 20
    reversible: bool = False
    background: bool = False
    """What is not done in the expected time may go on while visitors have their site."""
    tables: tuple[str, ...] = ()
    """Patterns of tables that it may write, without their prefix."""

    @property
    def told(self) -> str:
        """`migration: WooCommerce's tables, expected 20 s, one-way`, and how it may go on."""
        way = "can be undone" if self.reversible else "one-way"
        told = f"migration: {self.data}, expected {self.expected_s} s, {way}"
        return f"{told}; what is left then goes on in background" if self.background else told

    @property
    def told_hosts(self) -> Json:
        """What the probe and the start of WordPress are told."""
        names = ("option", "by", "want", "file", "call", "hook", "queue", "batches")
        told: Json = {name: getattr(self, name) for name in names}
        return {**told, "background": self.background, "expected_s": self.expected_s}

    @property
    def written(self) -> str:
        """As one text, from which `read` makes it again."""
        return json.dumps(asdict(self), sort_keys=True)


@lru_cache(maxsize=1 << 10)
def read(written: str) -> Row:
    values = json.loads(written)
    return Row(**{**values, "tables": tuple(values["tables"])})


@cache
def shipped_rows() -> Mapping[str, Row]:
    """By the name of a plugin's folder, and WordPress's own as `core`."""
    text = Path(__file__).with_name("migrations.toml").read_text("utf-8")
    rows: dict[str, Row] = {}
    for name, table in tomllib.loads(text).items():
        plugins = table.pop("plugins")
        rows |= {slug: _row(slug, table) for slug in plugins or (name,)}
    return rows


def own_row(slug: str, node: Map) -> Row:
    """What a fleet file says of a plugin; schemas/kinds/migrations.schema.json has passed it."""
    return _row(slug, {key.text: _plain(value) for key, value in node.entries})


def _row(slug: str, said: Mapping[str, Any]) -> Row:
    wanted, run = said["wanted"], said.get("run", {})
    by = next(key for key in _WANTED if key in wanted)
    return Row(
        data=said.get("data", f"data of {slug}"),
        option=said["option"],
        by=by,
        want=wanted[by],
        file=wanted.get("file", f"{slug}.php"),
        **run,
        expected_s=int(said["expected"].removesuffix("s")),
        reversible=said.get("reversible", False) in (True, "true"),
        background=said.get("background", False) in (True, "true"),
        tables=tuple(said.get("tables", ())),
    )


def _plain(node: Node) -> Any:
    match node:
        case Map():
            return {key.text: _plain(value) for key, value in node.entries}
        case Items():
            return [_plain(item) for item in node.items]
        case Text():
            return node.text
