"""The safety net's promises but for restoring: lock, freeze, drain, verdict, watchdog."""

import subprocess
import threading
import time
from collections.abc import Iterator

import pytest

from tests.integration.lab_site import borrowed
from tests.integration.safety_net_lab import ATELIER, BLOG, SHOP, net_of, new_run, ready, shells
from tests.oracle import LabSite
from wpstate.adapters.safety_net import SshSafetyNet
from wpstate.adapters.ssh import SshShells
from wpstate.model.problem import Failed, Refused, WpstateError
from wpstate.model.table import Tables


@pytest.fixture(scope="module", autouse=True)
def _atelier_is_ours() -> Iterator[None]:
    with borrowed("atelier", reset=True):
        yield


@pytest.fixture(scope="module")
def opened() -> Iterator[SshShells]:
    with shells() as several:
        yield several


@pytest.fixture
def net(opened: SshShells) -> Iterator[SshSafetyNet]:
    """Locked and not yet frozen."""
    locked = net_of(ATELIER, opened)
    locked.acquire(new_run(), "tests")
    yield locked
    locked.thaw()
    locked.release()


def slug_of(error: WpstateError) -> str:
    return error.problems[0].slug


def state_of(lab: LabSite, script: str) -> str:
    """Run a script in the site's state folder."""
    return lab.sh(
        'cd ~/.wpstate/"$(printf %s "$1" | sha256sum | cut -c 1-16)" || exit 1\n' + script,
        lab.wp_path,
    )


def wait_until(lab: LabSite, script: str, limit_s: float) -> None:
    deadline = time.monotonic() + limit_s
    while lab.sh(f"{script} && echo yes || true", lab.wp_path).strip() != "yes":
        assert time.monotonic() < deadline, f"never became true: {script}"
        time.sleep(0.5)


def test_a_second_run_is_refused_and_told_who_holds_the_lock(
    net: SshSafetyNet, opened: SshShells
) -> None:
    other = net_of(ATELIER, opened)
    with pytest.raises(Refused) as caught:
        other.acquire(new_run(), "somebody-else")
    assert slug_of(caught.value) == "run.locked"
    assert "of tests, heard of" in str(caught.value.problems[0].found)


def test_the_lock_is_given_back_and_each_holder_has_its_own_epoch(opened: SshShells) -> None:
    epochs = []
    for _ in range(2):
        again = net_of(ATELIER, opened)
        epochs.append(again.acquire(new_run(), "tests").epoch)
        again.release()
        again.release()
    assert epochs[1] == epochs[0] + 1


def test_a_run_that_was_overtaken_does_nothing_more(net: SshSafetyNet) -> None:
    """Whoever took it over died at once: the watchdog goes on in turn and frees the site."""
    nonce = "$(sed -n s/^nonce=//p lock/info)"
    state_of(ATELIER, f'd="lock/taken.{nonce}.1"; mkdir "$d" && echo "999999 test" >"$d/who"')
    for mutate in (
        lambda: net.freeze("token", 100),
        net.copy_code,
        net.snapshot,
        net.restore,
        lambda: net.place_beacon("token"),
    ):
        with pytest.raises(Failed) as caught:
            mutate()
        # The watchdog may come while a verb begins: it ends what the run still has at work, before
        # its answer or in the middle of it.
        assert slug_of(caught.value) in ("run.fenced", "net.died")
    assert ATELIER.sh('ls -A "$1"', ATELIER.wp_path).count(".maintenance") == 0
    state = '~/.wpstate/$(printf %s "$1" | sha256sum | cut -c 1-16)'
    wait_until(ATELIER, f"test ! -e {state}/lock", 20)


def test_a_run_whose_confirming_was_killed_after_its_work_is_confirmed() -> None:
    """The answer alone is missing: a rollback would be refused, and the run told as failed."""
    with ready(ATELIER) as net:
        state_of(
            ATELIER,
            """cd runs/"$(sed -n s/^run=//p lock/info)" || exit 1
            killed='say() { mkdir "$run_dir/shot" 2>/dev/null && kill -9 $$; echo "$1=$2"; }'
            awk -v k="$killed" '/^run_verb/ && !done { print k; done = 1 } { print }' net.sh >new
            mv new net.sh""",
        )
        assert net.confirm({"summary": {}})
        assert state_of(ATELIER, "ls -d runs/*/shot")


def test_no_password_leaves_the_host_and_its_file_goes_with_the_lock(opened: SshShells) -> None:
    locked = net_of(ATELIER, opened)
    run = locked.acquire(new_run(), "tests").run
    assert state_of(ATELIER, f"stat -c %a runs/{run}/my.cnf") == "600\n"
    locked.release()
    assert state_of(ATELIER, f"ls runs/{run}").count("my.cnf") == 0


def test_a_fresh_foreign_maintenance_is_refused_and_left_alone(net: SshSafetyNet) -> None:
    ATELIER.sh('echo "<?php \\$upgrading = $(date +%s);" > "$1/.maintenance"', ATELIER.wp_path)
    try:
        with pytest.raises(Refused) as caught:
            net.freeze("token", 100)
        assert slug_of(caught.value) == "freeze.foreign"
        net.thaw()
        assert "upgrading" in ATELIER.sh('cat "$1/.maintenance"', ATELIER.wp_path)
    finally:
        ATELIER.sh('rm -f "$1/.maintenance"', ATELIER.wp_path)


def test_an_old_foreign_maintenance_comes_back_at_the_thaw(net: SshSafetyNet) -> None:
    ATELIER.sh(
        'cd "$1"; f=.maintenance; echo "<?php \\$upgrading = 1;" > $f; touch -d "1 hour ago" $f',
        ATELIER.wp_path,
    )
    try:
        net.freeze("token", 100)
        assert "# wpstate {" in ATELIER.sh('cat "$1/.maintenance"', ATELIER.wp_path)
        net.thaw()
        assert ATELIER.sh('cat "$1/.maintenance"', ATELIER.wp_path) == "<?php $upgrading = 1;\n"
    finally:
        ATELIER.sh('rm -f "$1/.maintenance"', ATELIER.wp_path)


def test_beacon_and_maintenance_are_readable_by_the_web_server_and_go_at_the_thaw(
    net: SshSafetyNet,
) -> None:
    name = net.place_beacon("token")
    net.freeze("token", 100)
    modes = ATELIER.sh('cd "$1" && stat -c %a wp-load.php .maintenance "$2"', ATELIER.wp_path, name)
    assert len(set(modes.split())) == 1
    net.thaw()
    assert not {".maintenance", name} & set(ATELIER.sh('ls -A "$1"', ATELIER.wp_path).split())


def slow_request(seconds: int) -> threading.Thread:
    thread = threading.Thread(target=ATELIER.sql, args=(f"SELECT SLEEP({seconds})",))
    thread.start()
    time.sleep(0.7)
    return thread


def test_drain_waits_for_requests_begun_before_the_freeze(net: SshSafetyNet) -> None:
    request = slow_request(3)
    frozen = net.freeze("token", 9999)
    assert frozen.deadline_s - frozen.frozen_at_s == 540
    drained = net.drain(20)
    assert drained.quiet
    assert drained.took_s > 1
    request.join()


def test_drain_names_what_does_not_end(net: SshSafetyNet) -> None:
    request = slow_request(5)
    net.freeze("token", 100)
    drained = net.drain(1)
    assert not drained.quiet
    assert drained.still_there[0].startswith("connection ")
    request.join()


def test_watchdog_restores_by_itself_when_nobody_confirms(opened: SshShells) -> None:
    left_alone = net_of(ATELIER, opened)
    run = left_alone.acquire(new_run(), "tests").run
    tree, tables = ATELIER.tree(), ATELIER.tables()
    left_alone.copy_code()
    left_alone.freeze("token", 6)
    left_alone.snapshot()
    ATELIER.sh('rm -rf "$1/wp-includes"; echo x > "$1/evil.php"', ATELIER.wp_path)
    ATELIER.sql("DROP TABLE wp_links; UPDATE wp_options SET option_value = 'x'")
    wait_until(ATELIER, f"test ! -e {ATELIER.wp_path}/.maintenance", 40)
    wait_until(ATELIER, f"test ! -e ~/.wpstate/*/runs/{run}/my.cnf", 10)
    assert (ATELIER.tree(), ATELIER.tables()) == (tree, tables)
    assert left_alone.confirm({"summary": {}}) is False
    assert state_of(ATELIER, "ls lock 2>/dev/null || echo free") == "free\n"


def test_a_confirmed_run_is_recorded_and_the_watchdog_leaves_it_alone(opened: SshShells) -> None:
    try:
        confirmed = net_of(ATELIER, opened)
        run = confirmed.acquire(new_run(), "tests").run
        confirmed.copy_code()
        confirmed.freeze("token", 6)
        confirmed.snapshot()
        ATELIER.sh('echo good > "$1/applied.txt"', ATELIER.wp_path)
        record = {"applied": '{"format":1}', "plan": "plan-1", "summary": {"run": run}}
        assert confirmed.confirm({**record, "quarantine": None})
        assert confirmed.confirm({**record, "quarantine": None})
        assert state_of(ATELIER, "cat applied.json && ls used") == '{"format":1}plan-1\n'
        assert run in state_of(ATELIER, f"cat runs/{run}/summary.json")
        # The controller dies here: the watchdog thaws and gives the lock back, and no more.
        wait_until(ATELIER, f"test ! -e ~/.wpstate/*/runs/{run}/my.cnf", 40)
        left = ATELIER.sh('cat "$1/applied.txt"; ls -A "$1"', ATELIER.wp_path)
        assert left.startswith("good\n")
        assert ".maintenance" not in left
    finally:
        ATELIER.reset()


def test_a_restore_that_dies_is_finished_by_the_watchdog(opened: SshShells) -> None:
    dying = net_of(ATELIER, opened)
    run = dying.acquire(new_run(), "tests").run
    tree, tables = ATELIER.tree(), ATELIER.tables()
    dying.copy_code()
    dying.freeze("token", 15)
    dying.snapshot()
    ATELIER.sh('cd "$1"; rm -rf wp-includes wp-admin; touch evil.php', ATELIER.wp_path)
    ATELIER.sql("DROP TABLE wp_links; UPDATE wp_options SET option_value = 'x'")
    killer = threading.Thread(
        target=state_of,
        args=(
            ATELIER,
            f"cd runs/{run}; until [ -s restore/plan.moves ]; do sleep 0.01; done; "
            'kill -KILL "$(cat restoring/pid)"',
        ),
    )
    killer.start()
    with pytest.raises(Failed):
        dying.restore()
    killer.join()
    wait_until(ATELIER, f"test ! -e ~/.wpstate/*/runs/{run}/my.cnf", 60)
    assert (ATELIER.tree(), ATELIER.tables()) == (tree, tables)


def test_restore_works_with_php_and_wordpress_gone(opened: SshShells) -> None:
    """The rollback is a new run whose acquire cannot evaluate wp-config.php any more."""
    with ready(ATELIER) as net:
        done = net.snapshots()[0]
        tree = ATELIER.tree()
        net.thaw()
        net.release()
        ATELIER.sh('rm -rf "$1"/wp-*; rm -rf "$1"/wp-config.php', ATELIER.wp_path)
        by_hand = net_of(ATELIER, opened, php="/nowhere/php")
        by_hand.acquire(new_run(), "tests")
        by_hand.restore_from(done, tables=Tables.WHOLE)
        by_hand.release()
        lost = set(tree.splitlines()) - set(ATELIER.tree().splitlines())
        assert [
            line for line in lost if ".maintenance" not in line and "/uploads" not in line
        ] == []


def test_three_snapshots_are_kept(opened: SshShells) -> None:
    try:
        taken = []
        for _ in range(4):
            one = net_of(ATELIER, opened)
            one.acquire(new_run(), "tests")
            one.copy_code()
            one.freeze("token", 100)
            taken.append(one.snapshot().id)
            state_of(ATELIER, f"mkdir -p runs/{taken[-1]}/quarantine/files")
            one.thaw()
            one.release()
        last = net_of(ATELIER, opened)
        last.acquire(new_run(), "tests")
        assert last.snapshots() == tuple(reversed(taken[1:]))
        last.release()
        kept = state_of(ATELIER, "ls -d runs/*/quarantine").split()
        assert sorted(kept) == sorted(f"runs/{run}/quarantine" for run in taken[1:])
        copies = ATELIER.sql("SHOW TABLES LIKE 'wpstate\\_snap\\_%'").split()
        assert len(copies) == 3
    finally:
        ATELIER.reset()


def test_a_neighbour_in_the_same_database_loses_nothing() -> None:
    """shop (wp_2_) is written to while blog (wp_), in the same database, is put back."""
    with borrowed("blog"), borrowed("shop"):
        _write_to_shop_while_blog_is_put_back()


def _write_to_shop_while_blog_is_put_back() -> None:
    SHOP.sql("CREATE TABLE wp_2_orders (id INT PRIMARY KEY, at TIMESTAMP(6)) ENGINE=InnoDB")
    written: list[int] = []
    stop = threading.Event()

    def write() -> None:
        while not stop.is_set():
            SHOP.sql(f"INSERT INTO wp_2_orders VALUES ({len(written)}, NOW(6))")
            written.append(len(written))

    writer = threading.Thread(target=write)
    try:
        writer.start()
        with ready(BLOG) as net:
            before = BLOG.tables()
            BLOG.sql("DROP TABLE wp_links; UPDATE wp_options SET option_value = 'x'")
            restored = net.restore()
            assert set(restored.tables) == {"wp_links", "wp_options"}
            assert BLOG.tables() == before
            stop.set()
            writer.join()
            dumped = state_of(BLOG, "zstd -dc <$(ls -t runs/*/snapshot/dump.sql | head -n 1)")
            assert "wp_2_" not in dumped
            rows = SHOP.sql("SELECT id FROM wp_2_orders ORDER BY id").split()
            assert rows == [str(number) for number in written]
            assert len(written) > 3
    finally:
        stop.set()
        writer.join()
        SHOP.reset()


def test_a_neighbour_is_one_also_while_it_is_half_imported() -> None:
    """Without core's own tables wp_2_ looks like a part of wp_; the snapshot knew better."""
    with borrowed("blog"), borrowed("shop"):
        try:
            with ready(BLOG) as net:
                SHOP.sql("DROP TABLE wp_2_options, wp_2_posts")
                before = SHOP.tables()
                BLOG.sql("DROP TABLE wp_links")
                assert set(net.restore().tables) == {"wp_links"}
                assert SHOP.tables() == before
        finally:
            SHOP.reset()


def test_the_program_passes_shellcheck() -> None:
    from wpstate.adapters.safety_net_program import program

    checked = subprocess.run(
        ("shellcheck", "-s", "sh", "-S", "warning", "-e", "SC2034,SC2154", "-"),
        input=program(), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert checked.stdout == ""
