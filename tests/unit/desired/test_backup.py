"""How a site's backups are asked for, as its files say it."""

import pytest

from tests.unit.desired.folders import sound_fleet
from wpstate.desired.compose import compose
from wpstate.model.backup import BackupPolicy, Keep, Part, RepositoryKind
from wpstate.model.schedule import Cron, Every

_REPOSITORIES = """
repositories:
  here: {kind: local, address: /srv/backups/, password: {secret: {env: WPSTATE_SECRET_B}}}
  away:
    kind: rest
    address: https://backup.example.org
    user: agency
    key: {secret: {file: rest}}
    password: {secret: {env: WPSTATE_SECRET_B}}
    append_only: on
"""


def backup(said: str, profile: str = "") -> BackupPolicy | None:
    texts = sound_fleet()
    texts["fleet.yml"] += _REPOSITORIES
    texts["profiles/care.yml"] = f"{texts['profiles/care.yml']}{profile}"
    texts["sites/boutique.yml"] += said
    (site,) = compose(texts).sites
    return site.policy.backup


def asked(said: str) -> BackupPolicy:
    found = backup(f"backup: {said}\n")
    assert found
    return found


def test_what_nobody_wrote() -> None:
    policy = asked("{repository: here}")
    assert (policy.every, policy.max_age_s) == (Every(86_400), 26 * 3600)
    assert policy.keep == Keep(daily=14, weekly=8, monthly=12, written="14d 8w 12m")
    assert policy.parts == (Part.DATABASE, Part.CODE, Part.UPLOADS)
    assert policy.drill_s is None


@pytest.mark.parametrize(
    ("said", "every", "max_age_h"),
    [
        ("6h", Every(6 * 3600), 8),
        ("4x a day", Every(6 * 3600), 8),
        ("1x a day", Every(86_400), 26),
        ("'30 2 * * *'", Cron("30 2 * * *"), 26),
        ("'0 3 * * sun'", Cron("0 3 * * sun"), 7 * 24 + 2),
    ],
)
def test_how_often(said: str, every: Every | Cron, max_age_h: int) -> None:
    policy = asked(f"{{repository: here, every: {said}}}")
    assert (policy.every, policy.max_age_s) == (every, max_age_h * 3600)


def test_a_site_takes_back_what_its_profile_asks() -> None:
    profile = "backup: {repository: away, every: 12h}\n"
    assert backup("", profile) is not None
    assert backup("backup: off\n", profile) is None
    both = backup("backup: {keep: 24h 2y, scope: [uploads]}\n", profile)
    assert both
    assert (both.every, both.repository) == (Every(43_200), "away")
    assert both.keep == Keep(hourly=24, yearly=2, written="24h 2y")
    assert both.parts == (Part.UPLOADS,)


def test_others_make_them() -> None:
    policy = asked("{managed_by: host, evidence: 'the panel, Backups'}")
    assert (policy.managed_by, policy.evidence) == ("host", "the panel, Backups")


def test_repositories() -> None:
    texts = sound_fleet()
    texts["fleet.yml"] += _REPOSITORIES
    here, away = compose(texts).repositories
    assert (here.kind, here.address) == (RepositoryKind.LOCAL, "/srv/backups")
    assert (away.user, away.append_only, str(away.key)) == ("agency", True, "file rest")
