"""Others who change the site at the same time: a second controller, WordPress's own updater."""

import shlex
import shutil
import subprocess
from contextlib import suppress
from dataclasses import replace

from tests.e2e.site import LAB
from tests.faults.fault import Fault
from tests.faults.scene import Scene


def _rival(scene: Scene) -> None:
    """Another controller applies the same change to the same site at the same time."""
    home = scene.fleet.home.with_name("rival")
    shutil.copytree(scene.fleet.home, home, symlinks=True)
    rival = replace(scene.fleet, home=home).start("apply", scene.site.name, "--yes")
    out, err = rival.communicate(timeout=200)
    if rival.returncode not in (0, 3):
        scene.complaints.append(f"the rival ended with {rival.returncode}: {out} {err}"[:600])


def _wordpress_updates(scene: Scene) -> None:
    """WordPress's own upgrader, which unpacks in place and writes and deletes `.maintenance`."""
    site = scene.site
    words = (
        "php", str(LAB / "cache/wp-cli.phar"), f"--path={site.wp_path}",
        "plugin", "install", str(LAB / "wporg/plugins/lab-guestbook.1.1.zip"), "--force",
    )  # fmt: skip
    asked = ("runuser", "-l", site.account, "-s", "/bin/sh", "-c", shlex.join(words))
    scene.rivals.append(
        subprocess.Popen(asked, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    )


def _wait_for_rivals(scene: Scene) -> None:
    for rival in scene.rivals:
        rival.wait(60)


RIVAL = Fault("a second controller", _rival)


def _forget_its_workplace(scene: Scene) -> None:
    """WordPress's updater leaves a folder with an index.php of 28 bytes, which is the fault's own
    doing (class-wp-upgrader.php, 7.1)."""
    _wait_for_rivals(scene)
    workplace = scene.site.wp_path / "wp-content/upgrade"
    (workplace / "index.php").unlink(missing_ok=True)
    with suppress(OSError):  # Whatever else lies in it is the oracle's to find strange.
        workplace.rmdir()


WORDPRESS = Fault(
    "WordPress updates itself", _wordpress_updates, _forget_its_workplace, changes_the_site=True
)
