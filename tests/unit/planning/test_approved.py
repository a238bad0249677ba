"""What people saw and agreed to is what is done, or it is said key by key what moved."""

from dataclasses import replace

from tests.builders import NOW, desired, managed, observed, version
from wpstate.model.approval import ShownPlan
from wpstate.model.desired import DesiredState, Policy
from wpstate.model.observed import ObservedState
from wpstate.model.plan import Plan, SitePlan
from wpstate.model.reconciled import Standing
from wpstate.model.source import SourceSpan
from wpstate.model.state import Address
from wpstate.planning.approved import Approvals, moved, plan_digest
from wpstate.planning.build import build, build_site
from wpstate.planning.turns import standing

OLD, NEW, NEWER = version("1.2"), version("1.3"), version("1.4")
X, Y = Address("plugins.x"), Address("plugins.y")
WANT = desired(managed(X, NEW), managed(Y, OLD))
SITE = observed({X: OLD, Y: OLD})


def made(want: DesiredState = WANT, seen: ObservedState = SITE, plan_id: str = "p-1") -> Plan:
    return build(plan_id, "fleet", [(want, seen)], revision=plan_id, dirty=False, now=NOW)


def seen_at(x: str, y: str, **more: dict[str, object]) -> ObservedState:
    return observed({X: version(x), Y: version(y)}, **more)  # type: ignore[arg-type]


def told(want: DesiredState, seen: ObservedState, **more: object) -> list[str]:
    now = build_site(want, seen, **more)  # type: ignore[arg-type]
    return list(moved(made().sites[0], now))


def test_the_same_content_has_one_digest_whoever_planned_it_at_which_commit() -> None:
    line = replace(WANT.managed[0], span=SourceSpan("sites/shop.yml", 99, 1))
    again = made(replace(WANT, managed=(line, WANT.managed[1])), plan_id="p-2")
    assert plan_digest(again) == plan_digest(made())
    assert told(WANT, SITE) == []
    for want, seen in (
        (desired(managed(X, NEWER), managed(Y, OLD)), SITE),
        (WANT, seen_at("1.1", "1.2")),
        (replace(WANT, policy=Policy(look_timeout_s=1.0)), SITE),
        (desired(managed(X, NEW, locked=False), managed(Y, OLD)), SITE),
    ):
        assert plan_digest(made(want, seen)) != plan_digest(made())


def test_what_moved_is_told_key_by_key() -> None:
    assert told(WANT, seen_at("1.1", "1.2")) == [
        "plugins.x: was 1.2 when approved, is 1.1 now",
    ]
    assert told(desired(managed(X, NEWER), managed(Y, OLD)), SITE) == [
        "plugins.x: 1.3 was approved, git asks 1.4 now",
    ]
    assert told(desired(managed(X, NEW), managed(Y, NEW)), SITE) == [
        "plugins.y: no change was approved, is 1.2 now and would be 1.3",
    ]
    assert told(desired(managed(Y, OLD)), SITE) == [
        "plugins.x: 1.3 was approved, git asks no change now",
    ]
    stolen = replace(WANT.managed[0], artifact=replace(artifact_of(WANT), sha256="f" * 64))
    assert told(replace(WANT, managed=(stolen, WANT.managed[1])), SITE) == [
        "plugins.x: x 1.3 sha256 000000000000 when approved, x 1.3 sha256 ffffffffffff now",
    ]


def artifact_of(want: DesiredState):  # type: ignore[no-untyped-def]
    return want.managed[0].artifact


def test_what_only_the_digests_know_of_is_told_too() -> None:
    assert told(replace(WANT, policy=Policy(look_timeout_s=1.0)), SITE) == [
        "the rules of this site are others than when it was approved",
    ]
    assert told(WANT, replace(SITE, php_version="8.3.1")) == [
        "another managed fact of this site is not as it was when approved",
    ]
    other_look = replace(WANT, looks=(replace(WANT.looks[0], status=404),))
    assert told(other_look, SITE) == [
        "git asks something else of this site than was approved",
    ]


def test_what_moved_while_it_waits_for_its_ring_is_told_before_its_turn() -> None:
    waits = {X: "a has it not yet"}
    assert told(WANT, SITE, waiting=waits) == []
    assert told(WANT, seen_at("1.1", "1.2"), waiting=waits) == [
        "plugins.x: was 1.2 when approved, is 1.1 now",
    ]
    newer = desired(managed(X, NEWER), managed(Y, OLD))
    assert told(newer, SITE, waiting=waits) == [
        "plugins.x: 1.3 was approved, git asks 1.4 now",
    ]


def test_what_was_done_of_it_has_not_moved() -> None:
    both = desired(managed(X, NEW), managed(Y, NEW))
    before = made(both).sites[0]
    done = observed({X: NEW, Y: OLD}, applied={X: NEW})
    assert list(moved(before, build_site(both, done))) == []
    assert list(moved(before, build_site(both, done, waiting={Y: "waits"}))) == []


def test_what_people_moved_on_the_site_meanwhile_is_told() -> None:
    """Git and the site both moved: nobody decides that by an older word."""
    conflict = observed({X: version("1.1"), Y: OLD}, applied={X: OLD})
    (line,) = told(WANT, conflict)
    assert line == "plugins.x: was 1.2 when approved, is 1.1 now"


def approvals(*plans: Plan, is_named: bool = False) -> Approvals:
    return Approvals(tuple(ShownPlan(plan_digest(p), p, is_named=is_named) for p in plans))


def judged(given: Approvals, site: SitePlan) -> list[str]:
    return [problem.slug for problem in given.judged(site).refusals]


def test_a_kept_plan_counts_where_just_that_was_merged() -> None:
    newer = desired(managed(X, NEWER), managed(Y, OLD))
    given = approvals(made(newer, plan_id="p-2"), made())
    assert judged(given, made().sites[0]) == []
    assert judged(given, made(newer).sites[0]) == []
    assert judged(given, made(desired(managed(X, version("1.5")))).sites[0]) == ["approval.none"]
    assert judged(Approvals(()), made().sites[0]) == ["approval.none"]
    # A named one counts whatever git asks by now: it says what moved.
    assert judged(approvals(made(), is_named=True), made(newer).sites[0]) == ["approval.moved"]


def test_the_last_one_that_people_saw_counts() -> None:
    """Planned anew as the site had moved, a proposal is agreed to as it was shown last."""
    earlier, later = made(), made(seen=seen_at("1.1", "1.2"))
    assert judged(approvals(later, earlier), earlier.sites[0]) == ["approval.moved"]
    assert judged(approvals(later, earlier), later.sites[0]) == []


def test_what_the_rules_heal_needs_nobodys_word_and_a_person_needs_no_mode_apply() -> None:
    heals = replace(WANT, policy=Policy(applies=True, heal=("plugins.*",)))
    drifted = build_site(heals, observed({X: OLD, Y: OLD}, applied={X: NEW, Y: OLD}))
    assert [change.address for change in drifted.changes] == [X]
    assert judged(Approvals(()), drifted) == []
    assert not approvals(made()).covers(drifted)

    pending = made().sites[0]
    assert approvals(made()).covers(pending)
    assert standing(WANT, pending, NOW)[0] is Standing.REPORTED
    assert standing(WANT, pending, NOW, decided=True)[0] is Standing.DUE


def test_a_forged_plan_file_agrees_to_nothing_but_what_would_be_done() -> None:
    """Whoever writes the file chooses what was shown; what is done is compared anew."""
    plan = made()
    forged = replace(plan.sites[0], changes=(replace(plan.sites[0].changes[0], after=NEWER),))
    given = approvals(replace(plan, sites=(forged,)), is_named=True)
    now = given.judged(plan.sites[0])
    assert [p.slug for p in now.refusals] == ["approval.moved"]
    assert now.changes == plan.sites[0].changes
