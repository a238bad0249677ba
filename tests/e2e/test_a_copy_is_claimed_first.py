"""A copied state folder or database: nothing happens before somebody says that it belongs here."""

import json

import pytest

from tests.e2e.conftest import Take
from tests.e2e.fleet import Fleet

pytestmark = pytest.mark.xdist_group("getenv")


def test_a_copied_state_folder_and_database_are_refused_until_claimed(
    take: Take, fleet: Fleet
) -> None:
    (site,) = take("getenv")
    fleet.pin("getenv", "lab-guestbook", "1.1")
    fleet.wpstate("apply", "getenv", "--yes")
    assert fleet.wpstate("claim", "getenv").out.count("nothing to claim") == 1

    record = site.state / "applied.json"
    applied = json.loads(record.read_text("utf-8"))
    assert applied["fingerprint"]["url"] == site.url
    applied["fingerprint"] |= {"host": "of another machine", "folder": 1}
    record.write_text(json.dumps(applied), "utf-8")
    fleet.pin("getenv", "lab-guestbook", "1.0")
    before = site.whole()
    for words in (
        ("plan", "getenv"),
        ("apply", "getenv", "--yes"),
        ("rollback", "getenv", "--yes"),
    ):
        assert "plan.copied" in fleet.wpstate(*words, code=3).slugs(), words
    site.assert_as(before)
    assert "claimed (its state folder" in fleet.wpstate("claim", "getenv").out
    assert fleet.wpstate("plan", "getenv").slugs() == set()
    assert json.loads(record.read_text("utf-8"))["values"] == {}

    site.sql(
        "UPDATE {p}options SET option_value = 'http://shop.example' WHERE option_name = 'home'"
    )
    assert "plan.copied" in fleet.wpstate("apply", "getenv", "--yes", code=3).slugs()
    fleet.wpstate("claim", "getenv")
    assert "plan.copied" not in fleet.wpstate("plan", "getenv").slugs()
