"""The wheel is whole: installed elsewhere it plans a real site, and nothing of the lab is in it."""

import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

from tests.integration import lab_accounts
from tests.lab_lease import lease
from tests.lab_versions import FLEET

_REPOSITORY = Path(__file__).parents[2]
_SHIPPED = {
    "wpstate/_shipped/schemas": "schemas",
    "wpstate/_shipped/playbooks": "playbooks",
    "wpstate/_shipped/roles": "roles",
    "wpstate/_shipped/docs/ci": "docs/ci",
    "wpstate/probe": "wpstate/probe",
    "wpstate/safetynet": "wpstate/safetynet",
}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("wheel")
    build = ("-m", "build", "--no-isolation", "--wheel", "--outdir", str(out), str(_REPOSITORY))
    subprocess.run((sys.executable, *build), check=True, capture_output=True, timeout=120)
    (built,) = out.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The command in a fresh environment, which finds its dependencies in this one."""
    folder = tmp_path_factory.mktemp("installed")
    venv.create(folder, with_pip=False)
    install = ("-m", "pip", "--python", str(folder), "install", "--no-deps", "--no-index")
    subprocess.run(
        (sys.executable, *install, str(wheel)), check=True, capture_output=True, timeout=120
    )
    (site_packages,) = folder.glob("lib/python*/site-packages")
    (site_packages / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return folder / "bin" / "wpstate"


def _run(command: Path, *arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(cwd),
        "WPSTATE_FLEET": str(FLEET),
        "WPSTATE_HOME": str(lab_accounts.CONTROLLER),
        "WPSTATE_SSH_KEY": str(lab_accounts.KEY_FILE),
    }
    return subprocess.run(
        (str(command), *arguments),
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
    )


def _tracked(folder: str) -> set[str]:
    listed = subprocess.run(
        ("git", "ls-files", "--", folder),
        cwd=_REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    return {path.removeprefix(f"{folder}/") for path in listed if (_REPOSITORY / path).is_file()}


@pytest.mark.parametrize("inside", _SHIPPED)
def test_the_wheel_holds_what_the_checkout_holds_but_for_the_lab(wheel: Path, inside: str) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    held = {name.removeprefix(f"{inside}/") for name in names if name.startswith(f"{inside}/")}
    lab = {name for name in _tracked(_SHIPPED[inside]) if name.startswith("lab")}
    assert held >= _tracked(_SHIPPED[inside]) - lab
    assert not {name for name in held if name.startswith("lab")}


def test_the_wheel_holds_nothing_else(wheel: Path) -> None:
    tops = {name.partition("/")[0] for name in zipfile.ZipFile(wheel).namelist()}
    assert tops == {"wpstate", "wpstate-0.1.0.dist-info"}


def test_it_plans_a_real_site_from_another_folder(installed: Path, tmp_path: Path) -> None:
    where = _run(
        installed.with_name("python"),
        "-c",
        "import wpstate.shipped as s; print(s.shipped('roles'))",
        cwd=tmp_path,
    )
    assert where.stdout.strip().startswith(str(installed.parents[1])), where.stderr
    with lease("getenv"):
        planned = _run(installed, "plan", "getenv", cwd=tmp_path)
    assert planned.returncode == 0, planned.stderr
    assert planned.stdout.startswith("getenv · 127.0.0.1:18109")


def test_it_validates_without_a_checkout(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "fleet.yml").write_text("name: nowhere\nbrake: {share: thirty}\n")
    checked = _run(installed, "validate", "--fleet", str(tmp_path), cwd=tmp_path)
    assert checked.returncode == 65
    assert "error[desired.share]" in checked.stderr
