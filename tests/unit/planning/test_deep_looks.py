"""What a deep look found is told by plans until another version is there, and is for people to
decide."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.builders import NOW, SITE, desired, managed, observed, version
from wpstate.adapters.database import SqliteDatabase
from wpstate.adapters.deep_looks import DatabaseDeepLooks
from wpstate.model.desired import DesiredState, Policy
from wpstate.model.plan import Noted, SitePlan
from wpstate.model.reconciled import Standing
from wpstate.model.shipped import ComparedFiles, DeepLook
from wpstate.model.site import SiteId
from wpstate.model.state import Address
from wpstate.planning.build import build_site
from wpstate.planning.turns import standing
from wpstate.workflows.deep_look import Deep, look_deep

X = Address("plugins.x")
OLD = version("1.0")
EDITED = ComparedFiles(X, "1.0", changed=1, added=2, named=("a.php changed",))
APPLIES = desired(managed("plugins.x", OLD), policy=Policy(applies=True))


def found(*files: ComparedFiles, has: str = "1.0") -> tuple[SitePlan, list[Noted]]:
    look = DeepLook(SITE.id, NOW, files, whole=True)
    seen = replace(observed({"plugins.x": version(has)}), deep=look)
    plan = build_site(APPLIES, seen)
    return plan, [noted for noted in plan.noted if noted.sort == "modified"]


def test_what_differs_is_told_and_stands_for_somebody_to_decide() -> None:
    plan, (told,) = found(EDITED)
    assert told.address == X
    assert told.text == (
        "files are not as they were shipped: 1 changed, 2 added; looked at Sun 22 Nov 09:00 UTC"
    )
    assert told.lines == ("a.php changed",)
    assert plan.changes == ()
    assert standing(APPLIES, plan, NOW) == (Standing.REPORTED, "for you to decide: plugins.x")


def test_what_is_as_it_was_shipped_or_unknown_is_not_told() -> None:
    assert found(ComparedFiles(X, "1.0"), ComparedFiles(X, "1.0", unknown="too large"))[1] == []


def test_another_version_has_other_files() -> None:
    assert found(EDITED, has="1.1")[1] == []


def _asked(site: str, every_s: int | None) -> DesiredState:
    state = desired(policy=Policy(deep_look_s=every_s))
    return replace(state, site=replace(state.site, id=SiteId(site)))


def test_a_look_that_is_not_due_is_the_last_one(tmp_path: Path) -> None:
    looks = DatabaseDeepLooks(SqliteDatabase(tmp_path / "kept"))
    young = DeepLook(SiteId("a"), NOW - timedelta(days=6), (EDITED,), True, 9, 3, "0" * 64)
    looks.keep([young, replace(young, site=SiteId("b"))])
    looks.keep([replace(young, site=SiteId("b"), read=1)])
    assert looks.last([SiteId("a"), SiteId("c")]) == {"a": young}
    assert looks.last([SiteId("b")])["b"].read == 1

    def taken(which: Deep, *several: DesiredState) -> Any:
        pairs = [(each, replace(observed({}), site=each.site.id)) for each in several]
        nobody: Any = None
        return look_deep(
            pairs, which, catalog=_unasked, observer=nobody, hashes=_unasked, looks=looks,
            clock=_At(),
        )  # fmt: skip

    week = 7 * 86_400
    assert taken(Deep.DUE, _asked("a", week), _asked("c", None)) == {"a": young}
    assert taken(Deep.NONE, _asked("a", 60), _asked("c", 60)) == {"a": young}
    assert taken(Deep.DUE, _asked("a", None)) == {}
    for due in (_asked("a", 6 * 86_400), _asked("c", week)):
        with pytest.raises(_TakenNow):
            taken(Deep.DUE, due)
    with pytest.raises(_TakenNow):
        taken(Deep.ALL, _asked("a", None))


class _TakenNow(Exception):
    pass


def _unasked() -> Any:
    raise _TakenNow


class _At:
    def now(self) -> Any:
        return NOW

    def monotonic_s(self) -> float:
        return 0.0

    def pause(self, seconds: float) -> None:
        raise AssertionError
