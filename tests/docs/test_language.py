"""Every YAML example of the documents is a part of a sound fleet."""

import re

import pytest

from tests.docs.pages import DOCUMENTS, page
from wpstate.desired.compose import compose
from wpstate.desired.schemas import schema

_BASE = {
    "fleet.yml": "name: base\nrings: {canary: at once, everyone: 48h}\n",
    "hosts.yml": "all: {vars: {ansible_host: web1.example.org, ansible_user: agency},"
    " hosts: {boutique: {wp_path: /home/boutique/www}}}\n",
    "catalog.yml": "core: 7.1.1\n"
    "plugins: {akismet: 5.7.2, hello: 1.7.2,"
    " wp-rocket: {approved: 3.19.4, zips: {3.19.4: packages/wp-rocket-3.19.4.zip}}}\n"
    "themes: {storefront: 4.6, storefront-child: 1.3}\n",
    "files/agency.php": "<?php\n",
    "profiles/care.yml": "core: approved\nplugins: {akismet: approved}\n",
    "sites/boutique.yml": "url: https://www.boutique.example\nprofiles: [care]\n",
}
_EXAMPLES = [
    (name, example)
    for name in DOCUMENTS
    for example in re.findall(r"```yaml\n(.*?)```", page(name), re.DOTALL)
]


@pytest.mark.parametrize(("name", "example"), _EXAMPLES)
def test_yaml_example(name: str, example: str) -> None:
    first = re.match(r"# ([a-z/]+\.yml)\n", example)
    assert first, f"{name}: the first line of an example names its file"
    below_hosts = example.rpartition("\n  hosts:")[2]
    named = {"boutique", *re.findall(r"^    ([a-z]+):", below_hosts, re.MULTILINE)}
    hosts = named if first[1] == "hosts.yml" else {"boutique"}
    sites = {f"sites/{site}.yml": f"url: https://{site}.example.org\n" for site in hosts}
    fleet = compose({**sites, **_BASE, first[1]: example})
    assert {site.site.id for site in fleet.sites} == hosts


def test_every_key_is_told() -> None:
    hosts = schema("hosts")["properties"]["all"]["properties"]["hosts"]["additionalProperties"]
    keys = {
        *hosts["properties"],
        *schema("layer#/$defs/check")["properties"],
        *schema("site")["x-later"],
        *(
            key
            for sort in ("fleet", "catalog", "profile", "site")
            for key in schema(sort)["properties"]
        ),
    }
    told = page("docs/language.md") + page("docs/hosts.md")
    assert {key for key in keys if not re.search(rf"\b{key}\b", told)} == set()
