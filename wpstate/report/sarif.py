"""Findings as SARIF 2.1.0 (OASIS), which forges show at the line that decides them."""

import hashlib
import json
from collections.abc import Iterable
from urllib.parse import quote

from wpstate import __version__
from wpstate.report.told import Told

SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
MOST_RESULTS = 5_000
"""Of a run; GitHub shows no more and refuses five times as many."""


def sarif(several: Iterable[Told], *, prefix: str = "") -> str:
    """`prefix`: of the fleet folder in its repository, such as `clients/`."""
    kept = tuple(several)[:MOST_RESULTS]
    rules = {one.rule: one for one in reversed(kept)}
    places = {rule: place for place, rule in enumerate(rules)}
    document = {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "wpstate",
                        "semanticVersion": __version__,
                        "rules": [_rule(one) for one in rules.values()],
                    }
                },
                "results": [_result(one, places[one.rule], prefix) for one in kept],
            }
        ],
    }
    return json.dumps(document, ensure_ascii=False, indent=2)


def _rule(told: Told) -> dict[str, object]:
    rule: dict[str, object] = {"id": told.rule, "shortDescription": {"text": told.title}}
    if told.link:
        rule["helpUri"] = told.link
    if told.score is not None:
        rule["properties"] = {
            "security-severity": f"{told.score:.1f}",
            "tags": ["security", "vulnerability"],
        }
    return rule


def _result(told: Told, place: int, prefix: str) -> dict[str, object]:
    uri = quote(f"{prefix}{told.where.file}", safe="/")
    region = {"startLine": told.where.line, "startColumn": told.where.column}
    return {
        "ruleId": told.rule,
        "ruleIndex": place,
        "level": told.level.value,
        "message": {"text": told.shown},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": uri, "uriBaseId": "%SRCROOT%"},
                    "region": region,
                }
            }
        ],
        "partialFingerprints": {"wpstate/v1": _fingerprint(told)},
    }


def _fingerprint(told: Told) -> str:
    """The same as lines move and sites come and go."""
    return hashlib.sha256("\0".join((told.rule, told.where.file, told.key)).encode()).hexdigest()
