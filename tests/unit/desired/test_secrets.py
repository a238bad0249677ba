"""Secrets are named, never written; no problem repeats one that somebody wrote all the same."""

import re

import pytest

from tests.unit.desired.folders import sound_fleet
from wpstate.desired.compose import compose
from wpstate.model.problem import InvalidDesiredState, Problem
from wpstate.model.secret import SecretHeader, SecretReference
from wpstate.planning.digest import digest
from wpstate.report.lines import plain
from wpstate.report.problems import problems_json, problems_lines

_HOST = "all:\n  hosts:\n    boutique: {ansible_host: web1, ansible_user: www, %s}\n"


_LOOK = "url: https://b.example\nlook: %s\n"
_PASSWORD = SecretReference("env", "WPSTATE_SECRET_CLUB")


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("sites/boutique.yml", "url: https://me:hunter2@boutique.example\n"),
        ("sites/boutique.yml", "url: https://b.example\nclient: {password: hunter2}\n"),
        ("hosts.yml", _HOST % "ansible_password: hunter2"),
        ("hosts.yml", _HOST % "ansible_become_pass: @hunter2"),
        ("hosts.yml", "all: [{api_token: hunter2}]\n"),
        ("sites/boutique.yml", _LOOK % "{auth: hunter2}"),
        ("sites/boutique.yml", _LOOK % "{auth: {user: me, password: hunter2}}"),
        ("sites/boutique.yml", _LOOK % "{auth: {user: me, password: [hunter2]}}"),
        ("sites/boutique.yml", _LOOK % "{auth: {user: me, password: {secret: hunter2}}}"),
        ("sites/boutique.yml", _LOOK % "{auth: {user: me, password: {secret: {env: hunter2}}}}"),
        ("sites/boutique.yml", _LOOK % "{auth: {bearer: hunter2}}"),
        ("sites/boutique.yml", _LOOK % "{headers: {X-Gate: hunter2}}"),
        ("sites/boutique.yml", _LOOK % "{headers: hunter2}"),
        ("sites/boutique.yml", _LOOK % "{headers: {X-Gate: {secret: {file: /hunter2}}}}"),
        ("sites/boutique.yml", _LOOK % "{headers: {X-Gate: {secret: {vault: hunter2}}}}"),
        ("fleet.yml", "name: f\ntell: {to: {desk: json://hunter2@h}}\n"),
        ("fleet.yml", "name: f\ntell: {to: {desk: {secret: json://hunter2@h}}}\n"),
        ("fleet.yml", "name: f\ntell: {to: [json://hunter2@h]}\n"),
        ("fleet.yml", "name: f\ntell: json://hunter2@h\n"),
        ("fleet.yml", "name: f\ntell: {heartbeat: https://ping/hunter2}\n"),
        ("fleet.yml", "name: f\nwordpress_org: {auth: {user: me, password: hunter2}}\n"),
    ],
)
def test_problems_hide_secrets(file: str, text: str) -> None:
    with pytest.raises(InvalidDesiredState) as caught:
        compose(sound_fleet() | {file: text})
    problems = caught.value.problems
    told = plain(problems_lines(problems)) + problems_json(problems)
    assert re.search(r"\.yml:[0-9]+:[0-9]+", told)
    assert "hunter2" not in told


def composed(look: str) -> tuple[SecretHeader, ...]:
    (site,) = compose(sound_fleet() | {"sites/boutique.yml": _LOOK % look}).sites
    return site.policy.look_headers


def refused(file: str, text: str) -> tuple[Problem, ...]:
    with pytest.raises(InvalidDesiredState) as caught:
        compose(sound_fleet() | {file: text})
    return caught.value.problems


@pytest.mark.parametrize(
    ("look", "headers"),
    [
        (
            "{auth: {user: me, password: {secret: {env: WPSTATE_SECRET_CLUB}}}}",
            SecretHeader("Authorization", _PASSWORD, user="me"),
        ),
        (
            "{auth: {bearer: {secret: {env: WPSTATE_SECRET_CLUB}}}}",
            SecretHeader("Authorization", _PASSWORD, bearer=True),
        ),
        (
            "{headers: {X-Gate: {secret: {file: clients/gate}}}}",
            SecretHeader("X-Gate", SecretReference("file", "clients/gate")),
        ),
        (
            "{headers: {X-Gate: {secret: {command: gate.sh}}}}",
            SecretHeader("X-Gate", SecretReference("command", "gate.sh")),
        ),
        (
            "{headers: {X-Gate: {secret: {vault: secrets/all.yml#gate}}}}",
            SecretHeader("X-Gate", SecretReference("vault", "secrets/all.yml#gate")),
        ),
    ],
)
def test_a_secret_is_named_by_where_it_is_kept(look: str, headers: SecretHeader) -> None:
    assert composed(look) == (headers,)


def test_a_plan_is_bound_to_where_a_secret_is_kept() -> None:
    one, other = (composed(f"{{headers: {{X-Gate: {{secret: {{file: {n}}}}}}}}}") for n in "ab")
    assert digest(one) != digest(other)


@pytest.mark.parametrize(
    ("file", "text", "where"),
    [
        ("sites/boutique.yml", "url: https://b.example\nnotes: {secret: {env: A}}\n", "2:8"),
        ("sites/boutique.yml", "url: {secret: {file: a}}\n", "1:6"),
        ("sites/boutique.yml", _LOOK % "{timeout: {secret: {env: A}}}", "2:17"),
        (
            "sites/boutique.yml",
            "url: https://b.example\nchecks: {/: {contains: [{secret: {vault: a#b}}]}}\n",
            "2:25",
        ),
        ("hosts.yml", _HOST % "wp_path: {secret: {command: a}}", "3:64"),
        ("catalog.yml", "core: {secret: {env: A}}\n", "1:7"),
    ],
)
def test_a_secret_elsewhere_is_refused_where_it_stands(file: str, text: str, where: str) -> None:
    problems = refused(file, text)
    assert ("secret.place", f"{file}:{where}") in {(p.slug, str(p.where)) for p in problems}


@pytest.mark.parametrize(
    "secret",
    [
        *("{env: HOME}", "{env: AWS_SECRET_ACCESS_KEY}", "{file: /etc/passwd}", "{file: ../key}"),
        *("{file: a/../../b}", "{command: /bin/sh}", "{command: a b}", "{command: [sh]}", "{}"),
        *("{vault: ../x#y}", "{vault: /x#y}", "{env: WPSTATE_SECRET_A, file: b}", "{pass: x}"),
    ],
)
def test_fleet_files_reach_nothing_that_was_not_laid_out_for_them(secret: str) -> None:
    look = f"{{headers: {{X-Gate: {{secret: {secret}}}}}}}"
    assert refused("sites/boutique.yml", _LOOK % look)


def test_a_plugin_may_be_called_secret() -> None:
    catalog = "core: 6.8.7\nplugins: {akismet: 1.0, secret: {approved: 1.0}}\n"
    site = "url: https://b.example\nplugins: {secret: {version: 1.0}}\n"
    compose(sound_fleet() | {"catalog.yml": catalog, "sites/boutique.yml": site})


@pytest.mark.parametrize(
    ("url", "carried"),
    [
        ("https://mirror.example/wp", True),
        ("https://mirror.example/wp/plugin/akismet.zip", True),
        ("https://mirror.example/wp.evil.example/akismet.zip", False),
        ("https://mirror.example/", False),
        ("https://downloads.wordpress.org/plugin/akismet.zip", False),
    ],
)
def test_a_secret_goes_to_its_own_address_alone(url: str, carried: bool) -> None:
    auth = "{bearer: {secret: {env: WPSTATE_SECRET_CLUB}}}"
    mirror = f"wordpress_org: {{downloads: https://mirror.example/wp, auth: {auth}}}\n"
    fleet = compose(sound_fleet(fleet=f"name: f\n{mirror}"))
    assert fleet.auth_of(url) == (
        SecretHeader("Authorization", _PASSWORD, bearer=True) if carried else None
    )
