"""Feeds out of fleet.yml, and what to do about vulnerabilities out of merged layers. The schema has
checked every form."""

from collections.abc import Iterator

from wpstate.desired.layers import Layer
from wpstate.desired.secrets import reference_of
from wpstate.model.facts import Answer, FactSource, Response
from wpstate.model.node import Map, Text
from wpstate.model.secret import SecretHeader
from wpstate.resources.feeds.registry import FEEDS


def read_sources(root: Map) -> tuple[FactSource, ...]:
    """In the order in which fleet.yml names them."""
    named = root.get("facts")
    return tuple(_sources(named)) if isinstance(named, Map) else ()


def _sources(named: Map) -> Iterator[FactSource]:
    for name, source in named.entries:
        if not isinstance(source, Map):
            continue
        file, url, key = source.text("file"), source.text("url"), source.get("key")
        words = FEEDS[name.text].key_words
        carried = SecretHeader("Authorization", reference_of(key), words=words) if key else None
        if file is not None:
            yield FactSource(name.text, file.text, is_file=True)
        elif url is not None:
            yield FactSource(name.text, url.text.rstrip("/"), is_file=False, key=carried)


def read_answers(merged: Layer) -> tuple[Answer, ...]:
    """Sorted by what each answers."""
    said = merged.below("vulnerabilities")
    return tuple(_answer(to, each.value) for to, each in sorted(said.items()))


def _answer(to: str, value: object) -> Answer:
    if not isinstance(value, Map):
        return Answer(to, Response.UPDATE)
    until, owner = value.text("until"), value.text("owner")
    for response in (Response.MITIGATE, Response.ACCEPT):
        why = value.get(response.value)
        if isinstance(why, Text):
            return Answer(
                to,
                response,
                until.text if until else None,
                owner.text if owner else None,
                why.text,
            )
    return Answer(to, Response.UPDATE)
