"""`wpstate reconcile` as a service, in real processes: it goes on whatever becomes of a pass, stops
when asked, and is alone. Its one site is a port at which nobody answers."""

import os
import re
import resource
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics

from wpstate.adapters.interrupts import SignalInterrupts
from wpstate.adapters.pass_processes import PassProcesses
from wpstate.model.problem import Failed

_PATIENCE_S = 120.0
_FLEET = {
    "fleet.yml": "name: agency\nreconcile: {every: 1s, jitter: 1s}\n",
    "catalog.yml": "core: 7.1.1\n",
    "sites/boutique.yml": "url: http://127.0.0.1:9\n",
}


@dataclass
class Place:
    folder: Path
    home: Path
    _begun: list["subprocess.Popen[str]"] = field(default_factory=list)

    def start(self, *words: str) -> "subprocess.Popen[str]":
        """What it says goes into one file, so that no full pipe holds it up."""
        with self.log.open("a") as log:
            service = subprocess.Popen(
                # Tests may run in a background job, which begins with signals ignored.
                ("env", "--default-signal", sys.executable, "-m", "wpstate", "reconcile", *words),
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, text=True, cwd=self.folder,
                env=os.environ | {"WPSTATE_HOME": str(self.home), "WPSTATE_FLEET": "."},
            )  # fmt: skip
        self._begun.append(service)
        return service

    @property
    def log(self) -> Path:
        return self.folder.parent / "log"

    def passes(self) -> int:
        return self.log.read_text("utf-8").count("Pass: ")

    def until(self, text: str, times: int = 1) -> None:
        _until(lambda: self.log.read_text("utf-8").count(text) >= times, self.log)

    def end(self) -> None:
        for service in self._begun:
            service.kill()
            service.wait()


def _until(seen: Callable[[], object], log: Path) -> None:
    began = time.monotonic()
    while not seen():
        told = log.read_text("utf-8")
        assert time.monotonic() - began < _PATIENCE_S, told
        time.sleep(0.05)


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    made = Place(tmp_path / "fleet", tmp_path / "home")
    (made.folder / "sites").mkdir(parents=True)
    for name, text in _FLEET.items():
        (made.folder / name).write_text(text, "utf-8")
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # bound, and nobody listens
        at = f"{{ansible_host: 127.0.0.1, ansible_port: {nobody.getsockname()[1]}, ansible_user: x"
        hosts = f"all: {{hosts: {{boutique: {at}, wp_path: /srv/www}}}}}}\n"
        (made.folder / "hosts.yml").write_text(hosts, "utf-8")
        yield made
        made.end()


def _pass_process(service: "subprocess.Popen[str]") -> int | None:
    """The process of the pass under way."""
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                stat = (folder / "stat").read_text()
                words = (folder / "cmdline").read_bytes()
            except OSError:
                continue
            if int(stat.rpartition(")")[2].split()[1]) == service.pid and b"service_pass" in words:
                return int(folder.name)
    return None


def _its_pass(service: "subprocess.Popen[str]", log: Path) -> int:
    found: list[int] = []

    def seen() -> bool:
        number = _pass_process(service)
        found.extend([number] if number else [])
        return bool(found)

    _until(seen, log)
    return found[0]


def test_it_goes_on_while_the_fleet_cannot_be_read_and_stops_when_asked(place: Place) -> None:
    service = place.start()
    place.until("Pass: ")
    (place.folder / "catalog.yml").write_text("nonsense: 1\n", "utf-8")
    place.until("ended with exit code 65", 2)
    (place.folder / "catalog.yml").write_text(_FLEET["catalog.yml"], "utf-8")
    before = place.passes()
    place.until("Pass: ", before + 2)
    assert "ended with exit code 3" in place.log.read_text("utf-8")
    service.send_signal(signal.SIGTERM)
    assert service.wait(_PATIENCE_S) == 0
    assert _pass_process(service) is None


def test_asked_to_stop_while_it_waits_it_stops_at_once(place: Place) -> None:
    service = place.start("--every", "999d")
    place.until("the next pass begins at")
    service.send_signal(signal.SIGHUP)  # a terminal that is closed
    assert service.wait(_PATIENCE_S) == 0
    assert place.passes() == 1

    # Begun again it does not look again: that pass was only just now.
    again = place.start("--every", "999d")
    place.until("the next pass begins at", 2)
    assert place.passes() == 1
    again.send_signal(signal.SIGINT)
    assert again.wait(_PATIENCE_S) == 0


def test_two_signals_in_one_moment_are_two(place: Place) -> None:
    """The second comes while the first is being heard: the sites are left to their hosts."""
    service = place.start()
    place.until("Pass: ")
    passing = _its_pass(service, place.log)
    os.kill(passing, signal.SIGSTOP)
    service.send_signal(signal.SIGSTOP)
    for number in (signal.SIGTERM, signal.SIGINT):
        service.send_signal(number)
    service.send_signal(signal.SIGCONT)
    # Both are handed on before the pass can end.
    _until(lambda: _pending(service.pid) == 0, place.log)
    time.sleep(0.2)
    os.kill(passing, signal.SIGCONT)
    assert service.wait(_PATIENCE_S) == 130
    assert _pass_process(service) is None


def _pending(process: int) -> int:
    """Signals that it has not heard yet, as bits (proc(5))."""
    status = Path(f"/proc/{process}/status").read_text()
    return int(re.search(r"^ShdPnd:\s*(\w+)", status, re.MULTILINE)[1], 16)  # type: ignore[index]


def _metrics(place: Place, *words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        (sys.executable, "-m", "wpstate", "metrics", *words),
        capture_output=True, text=True, cwd=place.folder,
        env=os.environ | {"WPSTATE_HOME": str(place.home)},
    )  # fmt: skip


def _once(place: Place, *words: str) -> int:
    service = place.start("--once", *words)
    return service.wait(_PATIENCE_S)


def test_a_pass_that_failed_is_kept_with_why(place: Place) -> None:
    assert _once(place) == 3
    assert "wpstate_reconcile_last_failure" not in _metrics(place).stdout
    (place.folder / "catalog.yml").write_text("nonsense: 1\n", "utf-8")
    assert _once(place) == 65
    text = _metrics(place).stdout
    assert 'wpstate_reconcile_last_failure_timestamp_seconds{fleet="agency"}' in text
    assert list(openmetrics(text))
    time.sleep(1.1)
    stale = _metrics(place, "--max-age", "1s")
    assert stale.returncode == 1
    assert re.search(r"one failed \d+ s ago \(desired\.", stale.stderr), stale.stderr


def test_a_fleet_that_is_no_more_is_forgotten_by_its_name(place: Place) -> None:
    assert _once(place) == 3
    (place.folder / "fleet.yml").write_text("name: successor\n", "utf-8")
    assert _once(place) == 3
    assert 'fleet="agency"' in _metrics(place).stdout
    assert 'fleet="agency"' not in _metrics(place, "--forget", "agency").stdout
    assert 'fleet="successor"' in _metrics(place, "--max-age", "1h").stdout
    again = _metrics(place, "--forget", "agency")
    assert (again.returncode, "usage.forget" in again.stderr) == (64, True)


def test_a_pipe_that_nobody_reads_holds_up_no_pass(place: Place) -> None:
    os.mkfifo(place.folder / "pipe")
    assert _once(place, "--metrics", "pipe") == 3
    assert "metrics.unwritable" in place.log.read_text("utf-8")
    read = threading.Thread(target=lambda: read_.append((place.folder / "pipe").read_text()))
    read_: list[str] = []
    read.start()
    _until(lambda: _metrics(place, "--write", "pipe").returncode == 0, place.log)
    read.join(_PATIENCE_S)
    assert read_[0].endswith("# EOF\n")


def test_no_jitter_may_be_written(place: Place) -> None:
    text = "name: agency\nreconcile: {every: 1s, jitter: 0s}\n"
    (place.folder / "fleet.yml").write_text(text, "utf-8")
    for words in ((), ("--every", "1s", "--jitter", "0s")):
        service = place.start(*words)
        place.until("Pass: ", place.passes() + 1)
        service.terminate()
        assert service.wait(_PATIENCE_S) == 0


def test_a_pass_that_is_killed_is_one_pass_less(place: Place) -> None:
    service = place.start()
    place.until("Pass: ")

    def killed() -> bool:
        with suppress(ProcessLookupError):  # one that has just ended
            os.kill(_its_pass(service, place.log), signal.SIGKILL)
        return "the pass ended with exit code -9" in place.log.read_text("utf-8")

    _until(killed, place.log)
    _until(lambda: "last_failure_timestamp" in _metrics(place).stdout, place.log)
    place.until("Pass: ", place.passes() + 1)
    assert service.poll() is None


def test_a_pass_whose_results_nobody_reads_is_kept_all_the_same(place: Place) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    environment = os.environ | {"WPSTATE_HOME": str(place.home), "WPSTATE_FLEET": "."}
    wpstate = (sys.executable, "-m", "wpstate")
    once = (*wpstate, "reconcile", "--once", "--metrics", "metrics")
    ended = subprocess.run(once, stdout=writer, cwd=place.folder, env=environment)
    os.close(writer)
    assert ended.returncode == 1
    assert (place.folder / "metrics").exists()
    fresh = (*wpstate, "metrics", "--max-age", "1h")
    subprocess.run(fresh, check=True, capture_output=True, cwd=place.folder, env=environment)


def test_no_room_for_a_pass_is_told() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    passes = PassProcesses((), SignalInterrupts(), withheld={})
    resource.setrlimit(resource.RLIMIT_NOFILE, (3, hard))
    try:
        with pytest.raises(Failed) as failed:
            passes.make()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert [problem.slug for problem in failed.value.problems] == ["service.no_pass"]


def test_what_is_wrong_with_the_schedule_is_told_once(place: Place) -> None:
    text = _FLEET["fleet.yml"].replace("every: 1s", "cron: 61 * * * *")
    (place.folder / "fleet.yml").write_text(text, "utf-8")
    assert place.start().wait(_PATIENCE_S) == 65
    assert place.log.read_text("utf-8").count("desired.reconcile") == 1


def test_a_pass_ends_with_a_service_that_is_killed(place: Place) -> None:
    with socket.socket() as silent:  # takes every call, and says nothing
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        hosts = place.folder / "hosts.yml"
        before = hosts.read_text("utf-8")
        port = silent.getsockname()[1]
        hosts.write_text(re.sub(r"ansible_port: \d+", f"ansible_port: {port}", before), "utf-8")
        service = place.start()
        silent.settimeout(_PATIENCE_S)
        call, _ = silent.accept()
        its_pass = _its_pass(service, place.log)
        service.kill()
        service.wait()
        # It stops as if asked to, before that host's time is over.
        place.until("error[run.interrupted]")
        call.close()
        hosts.write_text(before, "utf-8")
    _until(lambda: not Path(f"/proc/{its_pass}").exists(), place.log)
    # The lock ended with its service.
    place.start()
    place.until("Pass: ")


def test_a_second_service_of_one_fleet_is_refused(place: Place) -> None:
    service = place.start("--every", "999d")
    place.until("the next pass begins at")
    assert place.start("--every", "1s", "boutique").wait(_PATIENCE_S) == 3
    told = place.log.read_text("utf-8")
    assert "error[service.running]" in told
    assert re.search(rf"process {service.pid} since 20\d\d-", told)
    # One pass beside it is nobody's service.
    assert place.start("--once").wait(_PATIENCE_S) == 3
    assert place.log.read_text("utf-8").count("service.running") == 1


def test_nothing_that_says_when_is_a_usage_error(place: Place) -> None:
    (place.folder / "fleet.yml").write_text("name: agency\n", "utf-8")
    assert place.start().wait(_PATIENCE_S) == 64
    assert "error[usage.schedule]" in place.log.read_text("utf-8")


def test_metrics_are_written_after_each_pass_and_served_between(place: Place) -> None:
    file = place.folder.parent / "wpstate.prom"
    service = place.start("--metrics", str(file), "--metrics-listen", "127.0.0.1:0")
    place.until("ended with exit code 3", 2)
    assert file.stat().st_mode & 0o777 == 0o644
    found = re.search(r"metrics at (http://127\.0\.0\.1:\d+/metrics)", place.log.read_text("utf-8"))
    assert found
    with urlopen(found[1], timeout=_PATIENCE_S) as answer:
        served = answer.read().decode()
        assert answer.headers["Content-Type"].startswith("application/openmetrics-text")
    for text in (served, file.read_text("utf-8")):
        up = {
            (sample.name, sample.labels.get("site")): sample.value
            for family in openmetrics(text)
            for sample in family.samples
        }
        assert up["wpstate_site_up", "boutique"] == 0
    with pytest.raises(HTTPError, match="404"):
        urlopen(found[1].replace("/metrics", "/"), timeout=_PATIENCE_S)
    service.send_signal(signal.SIGTERM)
    assert service.wait(_PATIENCE_S) == 0


def test_an_unwritable_metrics_file_stops_nothing(place: Place) -> None:
    place.start("--metrics", "/proc/wpstate.prom")
    place.until("error[metrics.unwritable]", 2)
    assert place.passes() >= 2


def test_a_port_that_is_taken_is_told(place: Place) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert place.start("--metrics-listen", f"127.0.0.1:{port}").wait(_PATIENCE_S) == 64
    assert "error[usage.listen]" in place.log.read_text("utf-8")


def _rss_kib(service: "subprocess.Popen[str]") -> int:
    status = Path(f"/proc/{service.pid}/status").read_text()
    found = re.search(r"VmRSS:\s+(\d+) kB", status)
    assert found
    return int(found[1])


def test_its_memory_does_not_grow_with_passes(place: Place) -> None:
    service = place.start("--metrics", str(place.folder.parent / "m"))
    place.until("ended with exit code 3", 2)
    before = _rss_kib(service)
    place.until("ended with exit code 3", 7)
    assert _rss_kib(service) < before + 4096
