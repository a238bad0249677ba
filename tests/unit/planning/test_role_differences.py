"""The diff of what only WordPress can change: told by the plan, because check mode starts none."""

from typing import Any

from tests.builders import SITE, desired, managed, observed, version
from wpstate.model.state import ABSENT, State
from wpstate.planning.build import build_site
from wpstate.planning.role_vars import apply_vars


def test_what_changes_in_wordpress_is_told_for_the_diff_short_and_harmless() -> None:
    asked = desired(
        managed("plugins.hello", version("2.0")),
        managed("mail.sending", State(value="off")),
        managed("users.evil", ABSENT),
        managed("users.anna", State(value="editor")),
    )
    found = observed(
        {
            "plugins.hello": version("1.0"),
            "mail.sending": State(value="on"),
            "users.evil": State(value="\x1b[2J" + "x" * 500),
            "users.anna": State(value="editor"),
        }
    )
    plan = build_site(asked, found)
    told: Any = apply_vars(SITE.host, "/c", "r", "t", plan, found, ())
    differences = {each["name"]: each for each in told["boot"]["differences"]}
    assert differences["mail.sending"] == {
        "kind": "mail",
        "name": "mail.sending",
        "before": "on",
        "after": "off",
    }
    assert differences["users.evil"]["after"] == "absent"
    assert differences["users.evil"]["before"].startswith("\\x1b[2Jxxx")
    assert len(differences["users.evil"]["before"]) == 200
    assert differences.keys() == {"mail.sending", "users.evil"}
