"""One run per site: who may take a lock over, and what an overtaken run may still do."""

import multiprocessing
import os
import re
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.faults.conftest import FULL
from tests.integration.lab_site import LabSite as BorrowedSite
from tests.integration.lab_site import borrowed
from tests.integration.safety_net_lab import BLOG, net_of, new_run, shells
from tests.integration.test_safety_net import slug_of, state_of, wait_until
from tests.oracle import LabSite
from tests.roles.role_site import RoleSite
from wpstate.adapters.controller_process import is_gone, machine, process
from wpstate.adapters.leftovers import SshLeftovers
from wpstate.adapters.safety_net import SshSafetyNet
from wpstate.adapters.ssh import SshShells
from wpstate.model.problem import Failed, NeedsAttention, Refused
from wpstate.model.run_id import new_run_id
from wpstate.model.site import Account, Host, Site, SiteId
from wpstate.ports import Ended

_LOCK = '~/.wpstate/"$(printf %s "$1" | sha256sum | cut -c 1-16)"/lock'
_BOOT = "$(cat /proc/sys/kernel/random/boot_id)"
_MARK = f"$(sed 's/.*) //' /proc/$!/stat | cut -d ' ' -f 20) {_BOOT}"
_FREE = f"test ! -e {_LOCK}"


@pytest.fixture(scope="module", autouse=True)
def blog() -> Iterator[BorrowedSite]:
    with borrowed("blog", reset=True) as site:
        yield site


@pytest.fixture(scope="module")
def opened() -> Iterator[SshShells]:
    with shells() as several:
        yield several


@pytest.fixture
def net(opened: SshShells) -> Iterator[SshSafetyNet]:
    locked = net_of(BLOG, opened)
    locked.acquire(new_run(), "tests")
    yield locked
    locked.release()
    wait_until(BLOG, _FREE, 60)


def leftovers(opened: SshShells, lab: LabSite = BLOG) -> SshLeftovers:
    host = Host(Account("127.0.0.1", 22022, lab.account), lab.wp_path)
    return SshLeftovers(Site(SiteId(lab.name), host, "http://127.0.0.1"), opened.of(host))


def end_watchdog(run: str) -> None:
    state_of(BLOG, f'kill -KILL "$(cat runs/{run}/watchdog.pid)"')


def run_of(lab: LabSite) -> str:
    return state_of(lab, "sed -n s/^run=//p lock/info").strip()


def test_the_holder_is_told_and_left_alone(net: SshSafetyNet, opened: SshShells) -> None:
    look = leftovers(opened)
    holder = look.holder()
    assert holder is not None
    assert holder.controller == "tests"
    assert not holder.dead
    assert not holder.abandoned
    for kill in (False, True):
        with pytest.raises(Refused) as caught:
            look.recover(holder, kill=kill)
        assert slug_of(caught.value) == "run.locked"
    assert look.holder() is not None


def test_a_silent_run_with_nothing_alive_is_ended_and_fenced(opened: SshShells) -> None:
    net = net_of(BLOG, opened)
    held = net.acquire(new_run(), "tests")
    run = held.run
    end_watchdog(run)
    state_of(BLOG, f"echo $(($(date +%s) - 601)) >runs/{run}/heartbeat")
    look = leftovers(opened)
    holder = look.holder()
    assert holder is not None
    assert holder.abandoned
    assert look.recover(holder) is Ended.UNTOUCHED
    assert look.holder() is None
    for mutate in (net.copy_code, lambda: net.freeze("token", 100), net.restore):
        with pytest.raises(Failed) as caught:
            mutate()
        assert slug_of(caught.value) == "run.fenced"
    later = net_of(BLOG, opened)
    assert later.acquire(new_run(), "tests").epoch == held.epoch + 2
    # The one that woke up neither thaws nor frees what is another's now.
    net.thaw()
    net.release()
    assert look.holder() is not None
    later.release()


def test_the_playbooks_scripts_refuse_for_an_overtaken_run(
    net: SshSafetyNet, blog: BorrowedSite
) -> None:
    site = RoleSite(blog, run=run_of(BLOG))
    nothing = site.apply_vars()
    assert site.apply(nothing).failure is None
    nonce = "$(sed -n s/^nonce=//p lock/info)"
    state_of(BLOG, f'd="lock/taken.{nonce}.1"; mkdir "$d" && echo "999999 test" >"$d/who"')
    failure = site.apply(nothing).failure
    assert failure is not None
    assert failure.refused
    assert "does not hold the site's lock" in failure.message


def test_a_heartbeat_is_whole_at_every_moment(net: SshSafetyNet) -> None:
    """An empty one looks like silence, and ends a run that is well."""
    run = run_of(BLOG)
    empty = state_of(
        BLOG,
        f"cd runs/{run}; (i=0; while [ $i -lt 150 ]; do sh net.sh beat; i=$((i + 1)); done) "
        ">/dev/null & writer=$!; n=0; while kill -0 $writer 2>/dev/null; do "
        "[ -s heartbeat ] || n=$((n + 1)); done; echo $n",
    )
    assert empty == "0\n"


def test_a_silent_run_is_ended_by_its_own_watchdog(net: SshSafetyNet) -> None:
    state_of(BLOG, f"echo $(($(date +%s) - 601)) >runs/{run_of(BLOG)}/heartbeat")
    wait_until(BLOG, _FREE, 30)


def test_what_hangs_on_the_host_is_ended_only_when_told_so(opened: SshShells) -> None:
    """A playbook's script, such as a plugin's own upgrade that never ends."""
    one = net_of(BLOG, opened)
    run = one.acquire(new_run(), "tests").run
    end_watchdog(run)
    hanging = state_of(
        BLOG,
        "setsid sleep 300 </dev/null >/dev/null 2>&1 & echo $!\n"
        f"echo $! {_MARK} >runs/{run}/pgid; echo 1 >runs/{run}/heartbeat",
    ).strip()
    look = leftovers(opened)
    holder = look.holder()
    assert holder is not None
    assert holder.living == 1
    assert not holder.abandoned
    with pytest.raises(Refused):
        look.recover(holder)
    assert look.recover(holder, kill=True) is Ended.UNTOUCHED
    wait_until(BLOG, f"! kill -s 0 {hanging} 2>/dev/null", 5)
    with pytest.raises(Failed):
        one.copy_code()


@pytest.mark.parametrize(
    "mark", ["", f"1 {_BOOT}", _MARK.replace("boot_id", "uuid")], ids=["none", "later", "reboot"]
)
def test_a_group_that_got_the_number_of_one_of_the_run_is_left_alone(
    opened: SshShells, mark: str
) -> None:
    """It began later, or after a reboot: somebody else's work."""
    one = net_of(BLOG, opened)
    run = one.acquire(new_run(), "tests").run
    end_watchdog(run)
    others = state_of(
        BLOG,
        "setsid sleep 300 </dev/null >/dev/null 2>&1 & echo $!\n"
        f"echo $! {mark} >runs/{run}/pgid; echo 1 >runs/{run}/heartbeat",
    ).strip()
    try:
        look = leftovers(opened)
        holder = look.holder()
        assert holder is not None
        assert holder.living == 0
        assert look.recover(holder, kill=True) is Ended.UNTOUCHED
        os.kill(int(others), 0)
    finally:
        os.kill(int(others), signal.SIGKILL)
    with suppress(Failed):
        one.release()


def test_a_lock_that_lost_its_run_needs_a_person(opened: SshShells) -> None:
    lost = net_of(BLOG, opened)
    lost.acquire(new_run(), "tests")
    state_of(BLOG, f"rm -rf runs/{run_of(BLOG)}")
    look = leftovers(opened)
    holder = look.holder()
    assert holder is not None
    with pytest.raises(NeedsAttention) as caught:
        look.recover(holder)
    assert slug_of(caught.value) == "recover.no_run"
    assert look.recover(holder, kill=True) is Ended.UNTOUCHED
    assert look.holder() is None
    with suppress(Failed):  # its program is gone too
        lost.release()


def test_without_a_watchdog_only_a_person_may_go_on(opened: SshShells) -> None:
    for attended in (False, True):
        one = net_of(BLOG, opened)
        one._attended = attended
        run = one.acquire(new_run(), "tests").run
        one.copy_code()
        # As on a host that ends what a closed connection leaves behind.
        end_watchdog(run)
        if attended:
            one.freeze("token", 100)
        else:
            with pytest.raises(Refused) as caught:
                one.freeze("token", 100)
            assert slug_of(caught.value) == "host.no_watchdog"
        one.release()
        assert ".maintenance" not in BLOG.sh('ls -A "$1"', BLOG.wp_path)


def test_long_work_survives_its_connection(net: SshSafetyNet, opened: SshShells) -> None:
    cut = threading.Timer(0.25, opened.close)
    cut.start()
    copied = net.copy_code()
    cut.join()
    assert copied.files > 1000
    begun = state_of(BLOG, f"grep -c '{run_of(BLOG)} stage begin code' journal")
    assert begun == "1\n"


def test_long_work_whose_beginning_was_killed_is_begun_by_who_asks_again(
    net: SshSafetyNet,
) -> None:
    """Killed by what it starts: its answer has a place by then, and nobody is at work."""
    killer = r"mkdir bin; printf '#!/bin/sh\nkill -s KILL $PPID\n' >bin/setsid; chmod +x bin/setsid"
    ask = f"sh runs/{run_of(BLOG)}/net.sh attend 0123456789abcdef copy_code"
    state_of(BLOG, f"{killer}; (PATH=$PWD/bin:$PATH {ask}); rm -r bin")
    assert state_of(BLOG, f"ls runs/{run_of(BLOG)}/answer.*") == "log\n"
    for _ in range(2):
        assert state_of(BLOG, f"timeout 60 {ask} | tail -n 1") == "end=ok\n"
    begun = state_of(BLOG, f"grep -c '{run_of(BLOG)} stage begin code' journal")
    assert begun == "1\n"


def test_a_site_that_is_not_settled_is_not_let_go(opened: SshShells) -> None:
    """Whatever a controller believes: release puts a changed site back, by the host itself."""
    one = net_of(BLOG, opened)
    one.acquire(new_run(), "tests")
    one.copy_code()
    one.freeze("token", 500)
    one.snapshot()
    tree = BLOG.tree()
    BLOG.sh('echo x > "$1/evil.php"', BLOG.wp_path)
    one.release()
    wait_until(BLOG, _FREE, 60)
    left = set(tree.splitlines()) ^ set(BLOG.tree().splitlines())
    assert [line for line in left if ".maintenance" not in line and " ." not in line[-3:]] == []


def test_a_held_site_is_tried_at_once_when_somebody_asks(opened: SshShells) -> None:
    """Its snapshot cannot be read, and then it can again."""
    one = net_of(BLOG, opened)
    run = one.acquire(new_run(), "tests").run
    tree = BLOG.tree()
    one.copy_code()
    one.freeze("token", 500)
    one.snapshot()
    dump = f"runs/{run}/snapshot/dump.sql"
    state_of(BLOG, f"cp {dump} runs/{run}/kept && echo x >>{dump}")
    BLOG.sh('echo x > "$1/evil.php"', BLOG.wp_path)
    one.release()
    journal = _LOCK.replace("/lock", "/journal")
    wait_until(BLOG, f"grep -q '{run} rollback fail snapshot.damaged' {journal}", 30)
    # As after six attempts and ten minutes.
    state_of(BLOG, f": >runs/{run}/held; echo 1 >runs/{run}/heartbeat")
    look = leftovers(opened)
    for repaired in (False, True):
        holder = look.holder()
        assert holder is not None
        assert holder.abandoned
        if repaired:
            state_of(BLOG, f"cp runs/{run}/kept {dump}")
            assert look.recover(holder) is Ended.ROLLED_BACK
        else:
            with pytest.raises(NeedsAttention) as caught:
                look.recover(holder)
            assert slug_of(caught.value) == "snapshot.damaged"
    assert look.holder() is None
    assert BLOG.tree() == tree


def test_processes_are_told_apart(tmp_path: Path) -> None:
    child = subprocess.Popen(("sleep", "60"))
    try:
        stat = Path(f"/proc/{child.pid}/stat").read_text()
        was = f"{child.pid}.{stat.rpartition(')')[2].split()[19]}"
        assert not is_gone(machine(), was)
        assert not is_gone(machine(), process())
        assert is_gone(machine(), f"{child.pid}.1"), "the number is another process's now"
        assert not is_gone("0" * 32, f"{child.pid}.1"), "of another machine nobody knows"
    finally:
        child.kill()
        child.wait()
    assert is_gone(machine(), was)


def _compete(number: int, rounds: int, inside: str, trouble: "multiprocessing.Queue[str]") -> None:
    """Hold the lock `rounds` times; whoever finds somebody else inside says so."""
    ahead = timedelta(hours=2) if number == 0 else timedelta()
    with shells() as own:
        done = 0
        while done < rounds:
            net = net_of(BLOG, own)
            try:
                net.acquire(new_run_id(datetime.now(UTC) + ahead), f"tests-{number}")
            except Refused:
                time.sleep(0.05 + 0.02 * number)
                continue
            try:
                os.close(os.open(inside, os.O_CREAT | os.O_EXCL))
                time.sleep(0.05)
                os.unlink(inside)
            except FileExistsError:
                trouble.put(f"{number} met somebody in round {done}")
            net.release()
            done += 1
    trouble.put("")


def test_no_two_controllers_meet(tmp_path: Path) -> None:
    """One of them has its clock two hours off: the host's clock decides."""
    spawn = multiprocessing.get_context("spawn")
    trouble: multiprocessing.Queue[str] = spawn.Queue()
    rounds = 50 if FULL else 2
    competing = [
        spawn.Process(target=_compete, args=(n, rounds, str(tmp_path / "inside"), trouble))
        for n in range(8)
    ]
    for one in competing:
        one.start()
    for one in competing:
        one.join(280 if FULL else 120)
    assert [one.exitcode for one in competing] == [0] * 8
    said = [trouble.get(timeout=5) for _ in competing]
    assert [text for text in said if text] == []
    locked = state_of(BLOG, "grep ' lock begin tests-\\| done end ' journal")
    phases = re.findall(r"(lock begin|done end)", locked)[-16 * rounds :]
    assert phases == ["lock begin", "done end"] * 8 * rounds
