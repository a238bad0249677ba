"""What is shipped to run wpstate unattended: systemd's own judgement of the units, and the steps of
the container file done here, by their very commands, since no engine and no base image is at hand.
"""

import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import dockerfile
import pytest

_REPOSITORY = Path(__file__).parents[2]
_UNITS = sorted((_REPOSITORY / "contrib" / "systemd").iterdir())
_FILE = _REPOSITORY / "contrib" / "container" / "Containerfile"
_STEPS = dockerfile.parse_file(str(_FILE))
_INSTALLED = "/opt/wpstate"
_NOBODYS_NUMBER = 54321


def _systemd(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ("systemd-analyze", *words), capture_output=True, text=True, timeout=60, check=False
    )


def test_systemd_finds_no_fault_with_the_units(tmp_path: Path) -> None:
    for unit in _UNITS:
        text = unit.read_text("utf-8").replace(
            f"{_INSTALLED}/bin/wpstate", str(Path(sys.executable).with_name("wpstate"))
        )
        (tmp_path / unit.name).write_text(text, "utf-8")
    judged = _systemd("verify", *(str(tmp_path / unit.name) for unit in _UNITS))
    assert (judged.returncode, judged.stderr) == (0, "")


def test_systemd_would_find_one(tmp_path: Path) -> None:
    broken = tmp_path / "wpstate-broken.service"
    text = (_REPOSITORY / "contrib/systemd/wpstate-reconcile.service").read_text("utf-8")
    broken.write_text(text.replace("KillMode=mixed", "KillMode=some"), "utf-8")
    assert "kill mode" in _systemd("verify", str(broken)).stderr


@pytest.mark.parametrize("name", ["wpstate-reconcile", "wpstate-reconcile-once", "wpstate-backup"])
def test_a_unit_lets_the_service_do_little_else(name: str) -> None:
    """2.0 of 10 is what systemd calls OK; its own services have up to 9.6."""
    unit = str(_REPOSITORY / "contrib" / "systemd" / f"{name}.service")
    judged = _systemd("security", "--offline=true", "--threshold=20", unit)
    assert judged.returncode == 0, judged.stdout


def test_a_stop_reaches_wpstate_alone_and_waits_for_the_pass() -> None:
    for name in ("wpstate-reconcile", "wpstate-reconcile-once"):
        text = (_REPOSITORY / "contrib" / "systemd" / f"{name}.service").read_text("utf-8")
        assert {"KillMode=mixed", "KillSignal=SIGTERM", "TimeoutStopSec=30min"} <= {*text.split()}
        assert "LoadCredential=ssh_key:" in text
        assert "OnFailure=wpstate-notify@%n.service" in text


def _values(name: str) -> list[tuple[str, ...]]:
    return [step.value for step in _STEPS if step.cmd.upper() == name]


def _environment() -> dict[str, str]:
    words = [word for value in _values("ENV") for word in value]
    return dict(zip(words[::2], words[1::2], strict=True))


def test_the_image_is_none_of_root() -> None:
    (((user,)),) = (_values("USER"),)
    assert re.fullmatch(r"[1-9][0-9]{3,}:0", user[0])
    last = [step.cmd.upper() for step in _STEPS]
    after = last[last.index("USER") :]
    assert "RUN" not in after
    assert _values("VOLUME") == [("/data",)]
    assert _environment()["WPSTATE_HOME"] == _environment()["HOME"] == "/data"


def test_the_image_needs_no_shell_to_be_stopped() -> None:
    """A shell as the first process would keep SIGTERM to itself."""
    (entry,) = [step for step in _STEPS if step.cmd.upper() == "ENTRYPOINT"]
    assert (entry.json, entry.value) == (True, ("tini", "--", "wpstate"))
    (command,) = [step for step in _STEPS if step.cmd.upper() == "CMD"]
    assert (command.json, command.value) == (True, ("reconcile", "--quiet"))


def test_bases_are_an_argument_and_nothing_is_the_latest() -> None:
    assert {value[0] for value in _values("FROM")} == {"${BASE}"}
    assert "latest" not in _FILE.read_text("utf-8")
    assert "ADD" not in {step.cmd.upper() for step in _STEPS}


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    """Where any account may go, as in an image."""
    folder = Path(tempfile.mkdtemp(prefix="wpstate-image-", dir="/var/tmp"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def image(place: Path) -> Path:
    """The build stage, step by step."""
    source, prefix = place / "src", place / "opt"
    source.mkdir()
    build = _STEPS[: [step.cmd.upper() for step in _STEPS].index("FROM", 2)]
    for step in build:
        match step.cmd.upper():
            case "COPY":
                *files, _ = step.value
                for name in files:
                    _copy_tracked(name, source)
            case "RUN":
                (line,) = step.value
                argv = [word.replace(_INSTALLED, str(prefix)) for word in shlex.split(line)]
                argv[0] = "/usr/bin/python3" if argv[0] == "python3" else argv[0]
                done = subprocess.run(
                    argv, cwd=source, capture_output=True, text=True, timeout=600, check=False
                )
                assert done.returncode == 0, done.stdout + done.stderr
            case other:
                assert other in ("ARG", "FROM", "WORKDIR")
    return prefix / "bin" / "wpstate"


def _copy_tracked(name: str, to: Path) -> None:
    listed = subprocess.run(
        ("git", "ls-files", "-z", "--", name), cwd=_REPOSITORY, capture_output=True, check=True
    )
    paths = [path for path in listed.stdout.decode().split("\0") if path]
    assert paths, f"the repository has no {name}"
    for path in paths:
        (to / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(_REPOSITORY / path, to / path)


def _run(image: Path, *words: str, home: Path, **more: str) -> subprocess.CompletedProcess[str]:
    """As a number that has no name here, with the image's environment and no other."""
    environment = _environment() | {
        "PATH": f"{image.parent}:/usr/local/bin:/usr/bin:/bin",
        "HOME": str(home),
        "WPSTATE_HOME": str(home),
        **more,
    }
    told = [f"{name}={value}" for name, value in environment.items()]
    rights = ("setpriv", f"--reuid={_NOBODYS_NUMBER}", "--regid=0", "--clear-groups",
              "--no-new-privs", "--bounding-set=-all", "--inh-caps=-all")  # fmt: skip
    as_root = () if os.getuid() == 0 else ("sudo", "-n")
    return subprocess.run(
        (*as_root, *rights, "env", "-i", *told, *words),
        cwd="/", capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


@pytest.fixture
def home(place: Path) -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="data-", dir=place))
    folder.chmod(0o777)
    yield folder
    as_root = () if os.getuid() == 0 else ("sudo", "-n")
    subprocess.run((*as_root, "rm", "-rf", str(folder)), check=True)


def test_it_runs_as_a_number_without_a_name(image: Path, home: Path) -> None:
    with pytest.raises(KeyError):
        __import__("pwd").getpwuid(_NOBODYS_NUMBER)
    ran = _run(image, "wpstate", "--version", home=home)
    assert (ran.returncode, ran.stdout) == (0, "wpstate, version 0.1.0\n")
    # Also where nobody names a home.
    ran = _run(image, "env", "--unset=HOME", "wpstate", "metrics", home=home)
    assert ran.returncode == 0, ran.stderr


def test_it_makes_passes_there_and_its_health_follows_them(image: Path, home: Path) -> None:
    (health,) = _values("HEALTHCHECK")
    assert health[0] == "CMD"
    check = ("sh", "-c", health[1])
    ill = _run(image, *check, home=home)
    assert ill.returncode == 1
    assert "error[metrics.stale]" in ill.stderr

    fleet = home / "fleet"
    (fleet / "sites").mkdir(parents=True)
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        at = f"ansible_host: 127.0.0.1, ansible_port: {nobody.getsockname()[1]}"
        (fleet / "fleet.yml").write_text("name: agency\n")
        (fleet / "catalog.yml").write_text("core: 7.1.1\n")
        hosts = f"all: {{hosts: {{boutique: {{{at}, ansible_user: x, wp_path: /srv/www}}}}}}\n"
        (fleet / "hosts.yml").write_text(hosts)
        (fleet / "sites" / "boutique.yml").write_text("url: http://127.0.0.1:9\n")
        done = _run(image, "wpstate", "reconcile", "--once", home=home, WPSTATE_FLEET=str(fleet))
    assert done.returncode == 3, done.stdout + done.stderr
    assert "bug in wpstate" not in done.stderr
    well = _run(image, *check, home=home)
    assert (well.returncode, well.stdout, well.stderr) == (0, "", "")
