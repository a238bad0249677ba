"""The probe as one PHP program for one account, and its answer cut out of what came back.

Running it is left to adapters.observer, reading the answer to resources.observation.
"""

import base64
import json
import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from wpstate.model.desired import DesiredState
from wpstate.resources.registry import KIND
from wpstate.shipped import shipped

_PARTS = (
    "patience", "database", "plugins", "folders", "events", "host", "values", "config_constants",
    "configs", "site_probe",
)  # fmt: skip
_FOLDER = Path(__file__).resolve().parent.parent / "probe"


def program(several: Sequence[DesiredState], nonce: str, deadline_s: int) -> bytes:
    """PHP source for `php` on stdin. `nonce` is hex; `deadline_s` ends the probe between sites.

    Of the kinds' own parts it holds those that a site has a question for.
    """
    asked = sorted({kind for desired in several for kind in desired.questions})
    request = {
        "nonce": nonce,
        "deadline_s": deadline_s,
        "wp_config": _source("wp_config"),
        "wp_configs": _source("wp_configs"),
        "sites": [
            {
                "id": desired.site.id,
                "wp_path": desired.site.host.wp_path,
                "host": urlsplit(desired.site.url).netloc,
                "ask": desired.questions,
            }
            for desired in several
        ],
    }
    encoded = base64.b64encode(json.dumps(request).encode()).decode()
    lent = dict.fromkeys(part for kind in asked for part in KIND[kind].probe_needs)
    named = (*_PARTS[:-1], *(part for kind in asked for part in _parts_of(kind)), _PARTS[-1])
    sources = (*map(_lent, lent), *map(_source, named))
    parts = (source.removeprefix("<?php\n") for source in sources)
    return f"<?php\n$wpstate_request = '{encoded}';\n{''.join(parts)}".encode()


def unframed(output: bytes, nonce: str) -> str | None:
    """The document between the two lines that hold the nonce; None unless there is exactly one,
    whole and in UTF-8. Other output around it (a talkative shell profile) is dropped."""
    line = f"wpstate-{nonce}".encode()
    begins = tuple(re.finditer(rb"(?:\A|\n)%s begin ([0-9]{1,9})\n" % line, output))
    if len(begins) != 1 or output.count(line) != 2:
        return None
    start = begins[0].end()
    end = start + int(begins[0][1])
    if not output[end:].startswith(b"\n%s end\n" % line):
        return None
    try:
        return output[start:end].decode("utf-8")
    except UnicodeDecodeError:
        return None


@cache
def _parts_of(kind: str) -> tuple[str, ...]:
    """`kinds/content`, and its pieces that bear its name: `kinds/content_forms`."""
    pieces = sorted(path.stem for path in (_FOLDER / "kinds").glob(f"{kind}_*.php"))
    return tuple(f"kinds/{name}" for name in (kind, *pieces))


@cache
def _lent(file: str) -> str:
    """What playbooks share with the probe."""
    return (shipped("playbooks") / "files" / file).read_text("utf-8")


@cache
def _source(part: str) -> str:
    return (_FOLDER / f"{part}.php").read_text("utf-8")
