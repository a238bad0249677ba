"""Records the answer that `recorded.json` holds: a real site of the lab, asked what the simulated
fleet asks of each of its sites.

    python -m tests.simulated.recording [SITE]

Only here is the probe's document cut up; filling it in again is left to answers.
"""

import json
import secrets
import sys
from pathlib import Path

from tests.integration import lab_accounts
from tests.lab_lease import lease, used
from tests.simulated.answers import RECORDED
from tests.simulated.folder import questions
from wpstate.adapters.probe_program import program, unframed


def record(name: str) -> dict[str, object]:
    site = lab_accounts.site(name)
    nonce = secrets.token_hex(16)
    with lease(name), lab_accounts.shells() as shells:
        source = program([questions(site)], nonce, 30)
        ran = shells.of(site.host).run("php --", source, timeout_s=60)
        used(name).unlink()  # nothing was changed
    text = unframed(ran.stdout, nonce)
    assert text is not None, ran.stderr.decode()
    entry = json.loads(text)["sites"][0]
    assert entry["faults"] == [], entry["faults"]
    entry.update(id="{id}", took_s=0.01, events=[], state=None)
    entry["database"]["foreign_tables"] = []
    home = str(Path(lab_accounts.LAB / "homes" / site.host.account.user))
    whole = json.dumps({"php": json.loads(text)["php"], "site": entry}, ensure_ascii=False)
    for found, stands_for in (
        (site.host.wp_path, "{wp_path}"), (home, "{home}"), (site.url, "{url}"),
        (entry["database"]["name"], "{database}"), (entry["fingerprint"]["host"], "{host}"),
    ):  # fmt: skip
        whole = whole.replace(found, stands_for)
    return dict(json.loads(whole))


def recorded() -> dict[str, object]:
    return dict(json.loads(RECORDED.read_text("utf-8")))


def main() -> None:
    told = record(sys.argv[1] if len(sys.argv) > 1 else "blog")
    RECORDED.write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n", "utf-8")


if __name__ == "__main__":
    main()
