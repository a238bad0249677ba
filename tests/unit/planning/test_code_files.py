"""Plans over must-use plugins and drop-ins: whose bytes move, and which paths a run may touch."""

from dataclasses import replace

import pytest

from tests.builders import desired, managed, observed
from wpstate.model.change import Action
from wpstate.model.desired import Artifact, LeftAlone, Managed
from wpstate.model.observed import ObservedState
from wpstate.model.state import ABSENT, Address, State
from wpstate.planning.build import build_site
from wpstate.planning.role_vars import planned_prefixes
from wpstate.planning.simulate import simulate, undo
from wpstate.planning.tree_rules import unplanned
from wpstate.ports import TreeChange

OLD, NEW = State(value="a" * 64), State(value="b" * 64)
FOLDER = "/home/client/www/wp-content/mu-plugins"


def site(*, link: bool = False, **files: State) -> ObservedState:
    seen = observed({f"mu_plugins.{name}.php": state for name, state in files.items()})
    listed = [{"name": f"{n}.php", "sha256": s.value, "link": link} for n, s in files.items()]
    return replace(
        seen, answers=(("mu_plugins", {"folder": FOLDER, "link": False, "files": listed}),)
    )


def asked(name: str, want: State) -> Managed:
    bytes_ = Artifact("mu_plugins", f"{name}.php", "", f"files/{name}.php", str(want.value))
    made = managed(f"mu_plugins.{name}.php", want)
    return replace(made, artifact=bytes_ if want.present else None)


@pytest.mark.parametrize(
    ("there", "want", "action"),
    [(None, NEW, Action.CREATE), (OLD, NEW, Action.UPDATE), (OLD, ABSENT, Action.DELETE)],
)
def test_each_way_a_file_can_move(there: State | None, want: State, action: Action) -> None:
    seen = site(a=there) if there else site()
    (change,) = build_site(desired(asked("a", want)), seen).changes
    assert (change.action, change.artifact is not None) == (action, want.present)
    after = simulate(seen, [change])
    assert build_site(desired(asked("a", want)), after).changes == ()
    assert undo(after, [change]).resources == seen.resources


def test_others_are_reported_and_a_run_may_touch_only_what_it_names() -> None:
    seen = site(a=OLD, theirs=OLD, nobodys=OLD)
    left = (LeftAlone(Address("mu_plugins.theirs.php"), "client", asked("a", NEW).span),)
    plan = build_site(desired(asked("a", NEW), left_alone=left), seen)
    assert {(noted.address, noted.sort) for noted in plan.noted} == {
        ("mu_plugins.theirs.php", "client"),
        ("mu_plugins.nobodys.php", "unmanaged"),
    }
    below = "wp-content/mu-plugins"
    changes = [TreeChange(path, "added") for path in (below, f"{below}/a.php", f"{below}/b.php")]
    assert unplanned(changes, planned_prefixes(plan, seen, ()), ()) == (f"{below}/b.php",)


def test_a_link_is_not_replaced() -> None:
    plan = build_site(desired(asked("a", NEW)), site(a=OLD, link=True))
    assert [problem.slug for problem in plan.refusals] == ["plan.link"]
