"""What is drawn for one site: lines of its file, and what was seen there."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

from wpstate.model.state import State

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Words:
    text: str
    """Below the site's address."""
    said: Json
    """By the probe, beside what it says of the agency's usual site."""
    states: Mapping[str, State] = field(default_factory=dict)
    """What a visitor was told besides."""


def lines(**keys: object) -> str:
    """Keys of a site's file, as flow YAML; empty ones are left out."""
    written = (f"{key}: {json.dumps(value)}\n" for key, value in keys.items() if value)
    return "".join(written)


def some(names: Iterable[str], words: st.SearchStrategy[Any]) -> st.SearchStrategy[Json]:
    """A map of some of these names, at least one."""
    return st.dictionaries(st.sampled_from(tuple(names)), words, min_size=1)


def kind(name: str, answer: object) -> Json:
    """What the probe says, where it answers this kind."""
    return {"kinds": {name: answer}}


def maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | strategy


TEXTS = st.sampled_from(
    ["", "on", "off", "10", "true", "null", "a b", '"q"', "two\nlines", "a##b", "é✓", "{{ 7*7 }}",
     "\x1b[2J", "x" * 5000]
)  # fmt: skip
"""As a stranger may write them."""
