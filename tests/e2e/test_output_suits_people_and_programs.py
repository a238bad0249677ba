"""JSON that programs can rely on, colours only where somebody wants them."""

import json

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from tests.e2e.conftest import Take
from tests.e2e.fleet import Fleet
from tests.e2e.site import CHECKOUT

SCHEMAS = CHECKOUT / "schemas"
ESCAPE = "\x1b["


@pytest.mark.xdist_group("shop")
def test_json_and_colours(take: Take, fleet: Fleet) -> None:
    take("shop")
    fleet.pin("shop", "lab-guestbook", "1.1")

    explained = fleet.wpstate("explain", "shop", "--format", "json").json
    assert list(_schema("explain.schema.json").iter_errors(explained)) == []
    assert fleet.wpstate("validate", "--format", "json").json
    assert fleet.wpstate("observe", "shop", "--format", "json").json[0]["site"] == "shop"
    assert fleet.wpstate("runs", "--format", "json").json == []

    planned = fleet.wpstate("plan", "shop", "--format", "json", "--out", "a.plan").json
    assert fleet.wpstate("show", "a.plan", "--format", "json").json == planned
    (change,) = planned["sites"][0]["changes"]
    assert (change["address"], change["after"]["version"]) == ("plugins.lab-guestbook", "1.1")

    plain = fleet.wpstate("plan", "shop").out
    coloured = fleet.wpstate("plan", "shop", FORCE_COLOR="1").out
    assert ESCAPE not in plain
    assert ESCAPE in coloured
    assert ESCAPE not in fleet.wpstate("plan", "shop", FORCE_COLOR="1", NO_COLOR="1").out

    assert "--yes" in fleet.wpstate("apply", "shop", code=64).err
    assert fleet.wpstate("runs", "--format", "json").json == []


@pytest.mark.xdist_group("blog")
def test_who_answers_no_has_seen_the_plan_and_changed_nothing(take: Take, fleet: Fleet) -> None:
    take("blog")
    fleet.pin("blog", "lab-guestbook", "1.1")
    declined = fleet.answer("n\n", "apply", "blog", "--format", "json", code=3)
    assert [problem["slug"] for problem in declined.json["problems"]] == ["plan.declined"]
    assert "plugins.lab-guestbook  1.0 → 1.1" in declined.err
    assert fleet.wpstate("runs", "--format", "json").json == []


def test_an_unknown_site_and_a_broken_file_have_codes_of_their_own(fleet: Fleet) -> None:
    assert fleet.wpstate("plan", "shpo", code=64).slugs() == {"usage.site"}
    fleet.site_file("shop").write_text("plugins: [", "utf-8")
    broken = fleet.wpstate("plan", "shop", code=65)
    assert "sites/shop.yml:" in broken.err
    assert "Traceback" not in broken.err


def _schema(name: str) -> Draft202012Validator:
    read = {path.name: json.loads(path.read_text("utf-8")) for path in SCHEMAS.glob("*.json")}
    known = ((at, DRAFT202012.create_resource(schema)) for at, schema in read.items())
    return Draft202012Validator(read[name], registry=Registry().with_resources(known))
