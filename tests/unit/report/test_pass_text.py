"""A pass as people read it."""

from wpstate.model.reconciled import Pass, Reconciled, Standing
from wpstate.model.site import SiteId
from wpstate.report.lines import plain
from wpstate.report.pass_text import pass_lines


def refused(site: str, told: str) -> Reconciled:
    return Reconciled(SiteId(site), Standing.REFUSED, told, None, None)


def test_a_host_that_bans_is_told_once_for_all_of_its_sites() -> None:
    ban, other = "observe.banned: web1:22: reset", "observe.unreachable: not seen"
    sites = [
        *(refused(f"s{number}", ban) for number in range(40)),
        refused("t1", other),
        refused("t2", other),
        refused("u1", "observe.banned: web2:22: reset"),
        Reconciled(SiteId("v"), Standing.IN_SYNC, "", None, None),
    ]
    told = plain(pass_lines(Pass(tuple(sites), None)))
    assert told.count(ban) == 1
    assert f"s0, s1 and 38 more  refused   {ban}" in told
    assert told.count(other) == 2
    assert "web2" in told
    assert told.endswith("Pass: 1 of 44 sites in sync.\n")
