"""The shipped adapters for caches, read from caches.json. A new cache is a row there, and its name
in schemas/kinds/caches.schema.json."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from wpstate.model.cache import CacheAdapter, CacheLayer, CacheRequest, CacheSign, HitSign


@cache
def adapters() -> Mapping[str, CacheAdapter]:
    """By name, in the order in which they are told and emptied."""
    text = Path(__file__).with_name("caches.json").read_text("utf-8")
    return {name: _adapter(name, row) for name, row in json.loads(text).items()}


def _adapter(name: str, row: dict[str, Any]) -> CacheAdapter:
    return CacheAdapter(
        name=name,
        label=row.pop("label"),
        layer=CacheLayer(row.pop("layer")),
        signs=tuple(CacheSign(*sign) for sign in row.pop("signs", ())),
        hits=tuple(HitSign(*hit) for hit in row.pop("hits", ())),
        requests=tuple(_request(request) for request in row.pop("requests", ())),
        address=row.pop("address", ""),
        **{key: tuple(values) for key, values in row.items()},
    )


def _request(row: dict[str, Any]) -> CacheRequest:
    headers = tuple(row.get("headers", {}).items())
    return CacheRequest(row["method"], row["path"], headers, row.get("body", ""))
