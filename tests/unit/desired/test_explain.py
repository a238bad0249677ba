"""`explain` as values, text and JSON; and the block in which problems are told."""

import json

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from tests.unit.desired.folders import REPOSITORY, sound_fleet
from wpstate.model.problem import Problem, UsageError
from wpstate.model.source import SourceSpan
from wpstate.report.explain_text import explain_json, explain_lines
from wpstate.report.lines import plain
from wpstate.report.problems import problem_lines, problems_json
from wpstate.workflows.explain import explain
from wpstate.workflows.validate import validate

_FLEET = validate(
    sound_fleet(
        sites__boutique="url: https://b.example\nprofiles: [care]\nplugins: {akismet: 5.5}\n"
    )
)


def _validated(name: str, text: str) -> object:
    folder = REPOSITORY / "schemas"
    registry: Registry[object] = Registry().with_resources(
        (path.name, Resource.from_contents(json.loads(path.read_text("utf-8"))))
        for path in folder.glob("*.schema.json")
    )
    document = json.loads(text)
    Draft202012Validator({"$ref": f"{name}.schema.json"}, registry=registry).validate(document)
    return document


def test_one_key_with_what_it_overrode() -> None:
    settings = explain(_FLEET, "boutique", "plugins")
    text = plain(explain_lines(_FLEET.sites[0], settings))
    assert text == (
        "boutique · https://b.example\n"
        "  plugins.akismet  5.5  sites/boutique.yml:3:20\n"
        "                   overrides inactive  profiles/care.yml:2:20\n"
    )


def test_a_word_is_followed_to_the_catalog() -> None:
    settings = explain(_FLEET, "boutique", "core")
    assert "→ 7.1.1  catalog.yml:1:7" in plain(explain_lines(_FLEET.sites[0], settings))


def test_every_key_stands_there() -> None:
    assert [setting.key for setting in explain(_FLEET, "boutique")] == [
        "core.version",
        "plugins.akismet",
        "profiles",
        "url",
    ]


def test_json_is_as_its_schema_says() -> None:
    text = explain_json(_FLEET.sites[0], explain(_FLEET, "boutique"))
    _validated("explain", text)


@pytest.mark.parametrize(
    ("site", "key", "slug", "mend"),
    [
        ("boutiqe", None, "usage.site", "write boutique"),
        ("boutique", "plugin.akismet", "usage.key", "write plugins.akismet"),
    ],
)
def test_what_is_not_there_is_answered_with_the_nearest(
    site: str, key: str | None, slug: str, mend: str
) -> None:
    with pytest.raises(UsageError) as caught:
        explain(_FLEET, site, key)
    assert [(problem.slug, problem.mend) for problem in caught.value.problems] == [(slug, mend)]


_PROBLEM = Problem(
    "desired.version",
    "plugin version is not an exact version",
    SourceSpan("sites/shop.yml", 14, 16),
    "plugins.woocommerce.version",
    overrides=SourceSpan("profiles/shop.yml", 9, 14),
    found='"latest-ish\x1b[31m"',
    why="a plan must name the bytes it installs",
    mend='write an exact version such as "9.1.2"',
)


def test_a_problem_as_text() -> None:
    assert plain(problem_lines(_PROBLEM)) == (
        "error[desired.version]: plugin version is not an exact version\n"
        "  where  sites/shop.yml:14:16   plugins.woocommerce.version"
        "   (overrides profiles/shop.yml:9:14)\n"
        '  found  "latest-ish\\x1b[31m"\n'
        "  why    a plan must name the bytes it installs\n"
        '  mend   write an exact version such as "9.1.2"\n'
    )


def test_a_problem_as_json() -> None:
    document = _validated("problems", problems_json((_PROBLEM, Problem("usage.x", "odd"))))
    assert isinstance(document, dict)
    assert document["problems"][0]["where"] == {"file": "sites/shop.yml", "line": 14, "column": 16}
