"""A backup is due once its time has come, once however many were missed, and not again right after
one that failed."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wpstate.model.backup import ALL_PARTS, Attempted, Backup, BackupPolicy, BackupsSeen, Keep
from wpstate.model.schedule import Cron, Every, When
from wpstate.model.site import SiteId
from wpstate.planning.backups_due import AFTER_A_FAILURE, is_due

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
SHOP = SiteId("shop")
DAILY = BackupPolicy(Every(86_400), "24h", 93_600, Keep(), "here")
AT_NIGHT = replace(DAILY, every=Cron("30 2 * * *", "UTC"), written="30 2 * * *")


def _made(at: datetime) -> Backup:
    return Backup("b1", SHOP, "here", "sites/shop", at, 3.5, ALL_PARTS)


def _failed(at: datetime, slug: str = "backup.dump") -> Attempted:
    return Attempted("b2", SHOP, at, slug, "it broke")


def test_a_site_without_any_is_due_at_once() -> None:
    assert is_due(DAILY, BackupsSeen(), NOW)
    assert is_due(AT_NIGHT, BackupsSeen(), NOW)


def test_what_somebody_else_makes_is_never_due() -> None:
    assert not is_due(replace(DAILY, managed_by="host"), BackupsSeen(), NOW)


@pytest.mark.parametrize(
    ("policy", "hours", "due"),
    [(DAILY, 23, False), (DAILY, 24, True), (AT_NIGHT, 9, False), (AT_NIGHT, 10, True)],
)
def test_it_is_due_as_every_says(policy: BackupPolicy, hours: int, due: bool) -> None:
    assert is_due(policy, BackupsSeen(_made(NOW - timedelta(hours=hours))), NOW) is due


def test_after_a_failure_it_waits_but_not_for_ever_nor_after_a_held_lock() -> None:
    last = _made(NOW - timedelta(days=2))
    assert not is_due(DAILY, BackupsSeen(last, _failed(NOW - timedelta(minutes=59))), NOW)
    assert is_due(DAILY, BackupsSeen(last, _failed(NOW - AFTER_A_FAILURE)), NOW)
    assert is_due(DAILY, BackupsSeen(last, _failed(NOW, "run.locked")), NOW)
    assert is_due(DAILY, BackupsSeen(last, Attempted("b1", SHOP, last.at)), NOW)


_WHEN: st.SearchStrategy[When] = st.integers(3600, 7 * 86_400).map(Every) | st.builds(
    lambda minute, hour: Cron(f"{minute} {hour} * * *", "Europe/Paris"),
    st.integers(0, 59),
    st.integers(0, 23),
)


@given(_WHEN, st.integers(0, 400 * 86_400))
def test_missed_ones_are_one(every: When, since_s: int) -> None:
    policy = replace(DAILY, every=every)
    """Once made, the next second is nobody's time: cron begins with minutes."""
    before, after = NOW - timedelta(seconds=since_s), NOW + timedelta(seconds=1)
    if is_due(policy, BackupsSeen(_made(before)), NOW):
        assert not is_due(policy, BackupsSeen(_made(NOW)), after)
