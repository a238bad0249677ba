"""What a simulated account's PHP says to the probe: the recorded answer of a real site, with the
names, folders, addresses and nonce of those that were asked about.

Being asked over SSH is left to server.
"""

import base64
import json
import re
from functools import cache
from pathlib import Path
from typing import Any

RECORDED = Path(__file__).with_name("recorded.json")
_REQUEST = re.compile(rb"\$wpstate_request = '([A-Za-z0-9+/=]*)';")


def answer(source: bytes, user: str) -> bytes | None:
    """The framed document for this program; None where the program is not the probe."""
    found = _REQUEST.search(source)
    if found is None:
        return None
    request = json.loads(base64.b64decode(found[1]))
    sites = ",".join(_entry(site, user) for site in request["sites"])
    php = json.dumps(_recorded()["php"])
    text = f'{{"format":1,"php":{php},"sites":[{sites}]}}'.encode()
    line = f"wpstate-{request['nonce']}".encode()
    return b"\n%s begin %d\n%s\n%s end\n" % (line, len(text), text, line)


def _entry(site: dict[str, Any], user: str) -> str:
    text = _template(tuple(sorted(site["ask"])))
    for name, value in (
        ("id", site["id"]),
        ("wp_path", site["wp_path"]),
        ("home", f"/home/{user}"),
        ("url", f"http://{site['host']}"),
        ("database", f"db_{site['id']}"),
        ("host", user),
    ):
        text = text.replace(f"{{{name}}}", json.dumps(value)[1:-1])
    return text


@cache
def _template(asked: tuple[str, ...]) -> str:
    """The answer to these kinds. One that was not recorded is a fault, as where a kind cannot
    look."""
    entry = json.loads(json.dumps(_recorded()["site"]))
    kinds = entry["kinds"]
    entry["kinds"] = {kind: kinds[kind] for kind in asked if kind in kinds}
    entry["faults"] = [
        {"code": "kind_unseen", "detail": f"{kind}: it was not recorded"}
        for kind in asked
        if kind not in kinds
    ]
    return json.dumps(entry, separators=(",", ":"))


@cache
def _recorded() -> dict[str, Any]:
    return dict(json.loads(RECORDED.read_text("utf-8")))
