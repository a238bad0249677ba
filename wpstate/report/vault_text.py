"""What was filed in the vault, and the lines to paste into catalog.yml."""

import json
from collections.abc import Iterable
from dataclasses import fields

from wpstate.model.artifact import ArtifactFacts
from wpstate.model.identity import Identity
from wpstate.report.lines import Line, Tone, line


def filed_lines(
    kind: str, slug: str, facts: ArtifactFacts, place: str, *, is_new: bool
) -> Iterable[Line]:
    done = "Filed" if is_new else "Filed already:"
    yield line(f"{done} {slug} {facts.version}  sha256 {facts.sha256}", Tone.GOOD)
    yield line(f"  {place}", Tone.FAINT)
    yield line(f"Paste into catalog.yml, below {kind}:, then run: wpstate lock")
    yield line()
    yield line(f"  {slug}:")
    yield line(f"    approved: {facts.version}")
    yield line("    source: vault")
    headers = _headers(facts.identity)
    if headers:
        yield line(f"    identity: {json.dumps(headers, ensure_ascii=False)}")
    yield line()


def _headers(identity: Identity | None) -> dict[str, str]:
    if identity is None:
        return {}
    headers = {field.name: getattr(identity, field.name) for field in fields(Identity)}
    return {name: text for name, text in headers.items() if text}
