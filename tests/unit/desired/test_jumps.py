"""Which machines hosts are reached through."""

import pytest

from wpstate.desired.document import read_document
from wpstate.desired.hosts import read_hosts
from wpstate.model.node import Map
from wpstate.model.site import Account

BASTION = Account("b1.example", 2200, "agency")
INNER = Account("b2.example", 22, "ops", BASTION)


def account(jump: str, shared: str = "") -> Account:
    text = f"""\
all:
  vars: {{ansible_user: agency, ansible_port: 2222{shared}}}
  jumps:
    bastion: {{ansible_host: b1.example, ansible_port: 2200}}
    inner: {{ansible_host: b2.example, ansible_user: ops, jump: bastion}}
  hosts:
    shop: {{ansible_host: web1, wp_path: /srv{jump}}}
"""
    root, problems = read_document("hosts.yml", text)
    assert not problems
    assert isinstance(root, Map)
    hosts, problems = read_hosts(root)
    assert not problems
    return hosts["shop"].account


@pytest.mark.parametrize(
    ("jump", "shared", "through"),
    [
        ("", "", None),
        (", jump: bastion", "", BASTION),
        ("", ", jump: bastion", BASTION),
        (", jump: inner", ", jump: bastion", INNER),
        (", jump: none", ", jump: bastion", None),
        (", jump: root@b3.example", "", Account("b3.example", 22, "root")),
        (", jump: 'root@b3.example:2201'", "", Account("b3.example", 2201, "root")),
        (", jump: 'root@[2001:db8::1]:2201'", "", Account("2001:db8::1", 2201, "root")),
    ],
)
def test_a_host_is_reached_through_what_it_or_all_say(
    jump: str, shared: str, through: Account | None
) -> None:
    assert account(jump, shared) == Account("web1", 2222, "agency", through)


def test_the_way_begins_with_the_machine_that_is_reached_directly() -> None:
    assert [each.address for each in account(", jump: inner").way] == [
        "b1.example",
        "b2.example",
        "web1",
    ]
