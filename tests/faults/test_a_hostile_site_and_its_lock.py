"""Whatever a host says of the lock on its site is told or refused, never a trace."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.test_any_answer_of_a_host import NASTY, harmless
from wpstate.adapters.controller_process import is_gone, machine
from wpstate.adapters.leftovers import SshLeftovers
from wpstate.model.problem import Failed
from wpstate.model.site import Account, Host, Site, SiteId
from wpstate.ports import CommandResult
from wpstate.workflows.holders import facts

HOLDER = {
    "run": "r-1", "nonce": "0" * 32, "state": "/s", "controller": "me@here", "since": "1",
    "heartbeat": "1", "living": "0", "machine": "m", "process": "1.1", "program": "yes",
}  # fmt: skip


class Says:
    """A shell whose host answers every command with the same bytes."""

    def __init__(self, said: bytes) -> None:
        self._said = said

    def run(
        self, command: str, stdin: bytes = b"", *, timeout_s: float, max_bytes: int = 1 << 24
    ) -> CommandResult:
        return CommandResult(0, self._said, b"")


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(sorted(HOLDER)), NASTY | st.text("0123456789", max_size=16) | st.text())
def test_any_holder_of_a_lock(field: str, value: str) -> None:
    assert _holder(**{field: value}) in ("told", "refused")


@pytest.mark.parametrize("since", ["9" * 15, "253402300800"])
def test_a_holder_of_no_calendar(since: str) -> None:
    assert _holder(since=since) == "refused"
    assert _holder(since="253402300799") == "told"


@pytest.mark.parametrize("process", ["9" * 9000 + ".1", "\u0663.1", "-1.1", "1e3.1", ".", ""])
def test_a_senseless_process_is_not_known_to_be_gone(process: str) -> None:
    assert not is_gone(machine(), process)


def _holder(**said: str) -> str:
    lines = "".join(f"{key}={value}\n" for key, value in (HOLDER | said).items()) + "end=ok\n"
    host = Host(Account("h", 22, "a"), "/w")
    shell = Says(lines.encode("utf-8", "surrogatepass"))
    try:
        holder = SshLeftovers(Site(SiteId("shop"), host, "http://h"), shell).holder()
    except Failed:
        return "refused"
    if holder is not None:
        assert harmless(facts(holder).replace("\t", " "))
        datetime.fromtimestamp(holder.since_s, UTC)
    return "told"
