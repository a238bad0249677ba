"""script/fetch-wordpress with small packages in place of the registries': the older version is
whichever comes, former ones go, and whatever fails has words."""

import os
import subprocess
import tarfile
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "script" / "fetch-wordpress"
NPM = 'cp "$SHELF/wp-studio-1.22.0.tgz" .\n'
APT = """
. /etc/os-release
case "$*" in
    *indextargets*) echo "http://mirror.invalid/ $VERSION_CODENAME" ;;
    *download*) cp "$SHELF"/*.deb . ;;
esac
"""


def make_tree(folder: Path, version: str) -> None:
    contents = {
        "wp-settings.php": "<?php require ABSPATH . WPINC . '/version.php';\n",
        "wp-includes/version.php": f"<?php\n$wp_version = '{version}';\n",
        "wp-includes/ID3/getid3.php": "<?php\n",
        "wp-content/plugins/hello.php": "<?php\n",
        "wp-content/themes/index.php": "<?php\n",
    }
    for name, text in contents.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)


def make_program(folder: Path, name: str, body: str) -> None:
    (folder / "bin").mkdir(exist_ok=True)
    (folder / "bin" / name).write_text(f"#!/bin/sh\n{body}")
    (folder / "bin" / name).chmod(0o755)


def make_studio(folder: Path, version: str) -> None:
    files = folder / "studio" / "wp-files"
    make_tree(files / "latest" / "wordpress", version)
    (files / "latest" / "languages").mkdir(exist_ok=True)
    (files / "wp-cli").mkdir(exist_ok=True)
    (files / "wp-cli" / "wp-cli.phar").write_text("phar")
    with tarfile.open(folder / "wp-studio-1.22.0.tgz", "w:gz") as archive:
        archive.add(files, "package/dist/cli/wp-files")


def make_debian(folder: Path, version: str) -> None:
    root = folder / "debian"
    wordpress = root / "usr" / "share" / "wordpress"
    make_tree(wordpress, version)
    (wordpress / "wp-content" / "languages").mkdir(exist_ok=True)
    (wordpress / "wp-config.php").write_text("<?php\n")
    (wordpress / ".htaccess").write_text("\n")
    (root / "DEBIAN").mkdir(exist_ok=True)
    (root / "DEBIAN" / "control").write_text(
        "Package: wordpress\nVersion: 1\nArchitecture: all\n"
        "Maintainer: The lab <lab@wpstate.invalid>\nDescription: small\n"
    )
    argv = ("dpkg-deb", "--build", "--root-owner-group", root, folder / "wordpress.deb")
    subprocess.run(argv, check=True, capture_output=True)


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    make_studio(tmp_path, "7.1.1")
    make_debian(tmp_path, "6.8.98")
    make_program(tmp_path, "npm", NPM)
    make_program(tmp_path, "apt-get", APT)
    (tmp_path / "cache").mkdir()
    return tmp_path


def fetch(shelf: Path, code: int = 0) -> str:
    """Run the script; what it said on stderr."""
    path = f"{shelf / 'bin'}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        (SCRIPT, shelf / "cache"),
        env={"PATH": path, "SHELF": str(shelf)}, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.returncode == code, done.stderr
    return done.stderr


def kept(shelf: Path) -> set[str]:
    return {path.name for path in (shelf / "cache").iterdir() if not path.name.startswith(".")}


def test_the_older_version_is_what_comes_and_the_former_one_goes(shelf: Path) -> None:
    both = {"wordpress-7.1.1", "languages-7.1.1", "wp-cli.phar", "older", "fetched"}
    fetch(shelf)
    assert kept(shelf) == both | {"wordpress-6.8.98", "languages-6.8.98"}
    first = (shelf / "cache" / "fetched").read_text()

    make_debian(shelf, "6.8.99")
    fetch(shelf)
    assert (shelf / "cache" / "older").read_text() == "6.8.98\n"  # nothing asked for it

    (shelf / "cache" / "fetched").unlink()
    fetch(shelf)
    assert kept(shelf) == both | {"wordpress-6.8.99", "languages-6.8.99"}
    assert (shelf / "cache" / "older").read_text() == "6.8.99\n"
    assert (shelf / "cache" / "fetched").read_text() != first


@pytest.mark.parametrize(
    ("debian", "said"),
    [
        ("7.1.1", "trixie carries WordPress 7.1.1, which is not older than 7.1.1"),
        ("7.10", "trixie carries WordPress 7.10, which is not older than 7.1.1"),
        ("6.8-RC1", "WordPress from trixie has no release's version in wp-includes/version.php"),
    ],
)
def test_a_version_that_cannot_be_the_older_one_is_refused(
    shelf: Path, debian: str, said: str
) -> None:
    make_debian(shelf, debian)
    assert said in fetch(shelf, code=1)
    assert kept(shelf) == set()


def test_another_newer_version_is_told(shelf: Path) -> None:
    make_studio(shelf, "7.1.0")
    assert "carries WordPress '7.1.0', not 7.1.1" in fetch(shelf, code=1)


def test_a_tree_that_lacks_a_file_is_told(shelf: Path) -> None:
    settings = shelf / "debian" / "usr" / "share" / "wordpress" / "wp-settings.php"
    make_tree(settings.parent, "6.8.98")
    text = "<?php require ABSPATH . WPINC . '/load.php';\n"
    settings.write_text(text)
    argv = ("dpkg-deb", "--build", shelf / "debian", shelf / "wordpress.deb")
    subprocess.run(argv, check=True, capture_output=True)
    assert "lacks wp-includes/load.php" in fetch(shelf, code=1)


@pytest.mark.parametrize("name", ["npm", "apt-get", "dpkg-deb", "php", "mv", "sha256sum"])
def test_a_program_that_fails_without_a_word_is_told(shelf: Path, name: str) -> None:
    make_program(shelf, name, "exit 1\n")
    assert fetch(shelf, code=1).startswith("fetch-wordpress: ")
    assert "fetched" not in kept(shelf)
