"""What a plan tells of backups, and what of a site is copied."""

from dataclasses import replace
from datetime import timedelta

from tests.builders import NOW, SITE, desired, observed
from wpstate.model.backup import (
    ALL_PARTS,
    Attempted,
    Backup,
    BackupPolicy,
    BackupsSeen,
    Drill,
    Keep,
    Part,
)
from wpstate.model.desired import Policy
from wpstate.model.observed import Paths
from wpstate.model.plan import Noted
from wpstate.model.schedule import Every
from wpstate.planning.backups import held_at, roots
from wpstate.planning.build import build_site

_POLICY = BackupPolicy(Every(86_400), "24h", 26 * 3600, Keep(), "here", drill_s=90 * 86_400)
_PATHS = Paths(
    wp="/home/a/www",
    config="/home/a/www/wp-config.php",
    content="/home/a/www/wp-content",
    plugins="/home/a/www/wp-content/plugins",
    uploads="/home/a/www/wp-content/uploads",
    state="/home/a/www/.wpstate-00",
)


def _backup(hours: int, parts: tuple[Part, ...] = ALL_PARTS) -> Backup:
    at = NOW - timedelta(hours=hours)
    return Backup(f"b{hours}", SITE.id, "here", "sites/shop", at, 1.0, parts)


def _drill(days: int, *, good: bool = True) -> Drill:
    return Drill("b1", SITE.id, NOW - timedelta(days=days), 1.0, good, ("the title is another",))


def _noted(seen: BackupsSeen | None, policy: BackupPolicy | None = _POLICY) -> list[Noted]:
    asked = replace(desired(), policy=Policy(backup=policy))
    plan = build_site(asked, replace(observed({}), observed_at=NOW, backups=seen))
    return [one for one in plan.noted if one.address.startswith("backup.")]


def test_fresh_whole_and_tried_is_not_worth_a_word() -> None:
    assert _noted(BackupsSeen(_backup(26), None, _drill(90), 5)) == []
    assert _noted(None) == []
    assert _noted(BackupsSeen(), None) == []


def test_none_and_too_old_is_drift() -> None:
    (none,) = _noted(BackupsSeen())
    assert (none.address, none.sort, none.state.present) == ("backup.age", "drift", False)
    (old,) = _noted(BackupsSeen(_backup(31), None, _drill(1), 5))
    assert old.asked
    assert (old.state.value, old.asked.value) == ("31h old", "at most 26h old")


def test_why_the_last_attempt_failed_is_told_until_one_succeeds() -> None:
    failed = Attempted("b0", SITE.id, NOW, "backup.dump", "it broke off")
    (old,) = _noted(BackupsSeen(_backup(31), failed, _drill(1), 5))
    assert "backup.dump: it broke off" in old.text
    before = replace(failed, at=NOW - timedelta(hours=40))
    (old,) = _noted(BackupsSeen(_backup(31), before, _drill(1), 5))
    assert "backup.dump" not in old.text


def test_a_part_that_no_backup_holds_is_drift() -> None:
    (scope,) = _noted(BackupsSeen(_backup(1, (Part.DATABASE,)), None, _drill(1), 1))
    assert (scope.address, scope.state.value) == ("backup.scope", "database")


def test_no_drill_an_old_one_and_a_bad_one_are_drift() -> None:
    for drill, said in (
        (None, None),
        (_drill(91), "91d ago"),
        (_drill(1, good=False), "failed 24h ago"),
    ):
        (told,) = _noted(BackupsSeen(_backup(1), None, drill, 1))
        assert (told.address, told.sort, told.state.value) == ("backup.drill", "drift", said)


def test_a_site_that_is_down_is_still_told_of_its_backups() -> None:
    from wpstate.model.observed import Fault

    asked = replace(desired(), policy=Policy(backup=_POLICY))
    down = replace(observed({}), faults=(Fault("unreachable", "no"),), backups=BackupsSeen())
    assert [one.address for one in build_site(asked, down).noted] == ["backup.age"]


def test_others_backups_are_told_and_never_drift() -> None:
    theirs = replace(_POLICY, managed_by="host", evidence="the panel")
    (told,) = _noted(BackupsSeen(), theirs)
    assert told.sort == "unmanaged"
    assert "the panel" in told.text


def test_all_of_a_usual_site_lies_below_its_folder() -> None:
    (root,) = roots(_PATHS, _POLICY)
    assert (root.name, root.path) == ("wordpress", "/home/a/www")
    assert "/.wpstate-00" in root.exclude
    assert "/wp-content/cache/*" in root.exclude
    assert held_at(_PATHS.uploads, (root,)) == "wordpress/wp-content/uploads"


def test_what_lies_elsewhere_is_copied_too() -> None:
    odd = replace(_PATHS, config="/home/a/wp-config.php", uploads="/data/media")
    assert [(one.name, one.path) for one in roots(odd, _POLICY)] == [
        ("wordpress", "/home/a/www"),
        ("uploads", "/data/media"),
        ("config", "/home/a/wp-config.php"),
    ]


def test_parts_and_patterns() -> None:
    code = replace(_POLICY, parts=(Part.CODE,), exclude=("wp-content/old/", "**.log"))
    (root,) = roots(_PATHS, code)
    assert {"/wp-content/uploads/*", "/wp-content/old/", "/**.log"} <= set(root.exclude)
    media = replace(_POLICY, parts=(Part.DATABASE, Part.UPLOADS))
    assert [(one.name, one.exclude) for one in roots(_PATHS, media)] == [("uploads", ())]
    assert roots(_PATHS, replace(_POLICY, parts=(Part.DATABASE,))) == ()
