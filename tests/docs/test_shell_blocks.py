"""Every block that a document marks ```sh run works as it stands, on a site of the lab.

The documents' site lives at web1.example.org; the lab's `getenv` takes its place. Nothing else in
the commands is changed, and nothing here changes the site.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.pages import DOCUMENTS, REPOSITORY, page
from tests.integration import lab_accounts
from tests.lab_lease import lease

_SITE = lab_accounts.site("getenv")
_STAND_INS = {
    "ansible_host: web1.example.org": "ansible_host: 127.0.0.1, ansible_port: 22022",
    "      ansible_host: 127.0.0.1, ansible_port: 22022": "      ansible_host: 127.0.0.1\n"
    "      ansible_port: 22022",
    "ansible_user: boutique": f"ansible_user: {_SITE.host.account.user}",
    "/home/boutique/www": _SITE.host.wp_path,
    "https://www.boutique.example": _SITE.url,
    "name: my-fleet": 'name: my-fleet\nwordpress_org: {api: "http://127.0.0.1:18080",'
    ' downloads: "http://127.0.0.1:18080"}',
}


def _blocks(name: str) -> list[str]:
    return re.findall(r"```sh run\n(.*?)```", page(name), re.DOTALL)


def _on_the_lab(script: str) -> str:
    for written, here in _STAND_INS.items():
        script = script.replace(written, here)
    return script


@pytest.mark.parametrize("name", [name for name in DOCUMENTS if _blocks(name)])
def test_blocks_in_their_order(name: str, tmp_path: Path) -> None:
    script = _on_the_lab("set -eu\n" + "\n".join(_blocks(name)))
    environment = {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(tmp_path),
        "WPSTATE_HOME": str(tmp_path / "state"),
        "WPSTATE_SSH_KEY": str(lab_accounts.KEY_FILE),
        "GIT_AUTHOR_NAME": "Reader", "GIT_AUTHOR_EMAIL": "reader@wpstate.invalid",
        "GIT_COMMITTER_NAME": "Reader", "GIT_COMMITTER_EMAIL": "reader@wpstate.invalid",
    }  # fmt: skip
    with lease("getenv"):
        ran = subprocess.run(
            ("sh", "-c", script),
            cwd=tmp_path, env=environment, input="y\n", capture_output=True, text=True, timeout=200,
        )  # fmt: skip
    assert ran.returncode == 0, f"{ran.stdout}\n{ran.stderr}"
    assert "Fleet my-fleet: 1 site, valid." in ran.stdout
    assert "Pinned." in ran.stdout
    assert "2 versions locked." in ran.stdout
    assert re.search(r"plugins.akismet +5.5 inactive → 5.7.2", ran.stdout)


def test_the_readme_counts_its_lines() -> None:
    (block,) = _blocks("README.md")
    assert "## A first fleet of your own in ten lines" in page("README.md")
    assert len(block.splitlines()) == 10


def test_the_demo_in_the_readme_is_the_demo() -> None:
    """Its commands stand in script/demo, and its headings too."""
    demo = page("script/demo")
    (shown,) = re.findall(r"script/demo\n```\n.*?```\n(.*?)```", page("README.md"), re.DOTALL)
    commands = re.findall(r"^\$ (.+)$", shown, re.MULTILINE)
    assert len(commands) >= 3
    for command in commands:
        assert re.search(rf"^run \d {re.escape(command)}$", demo, re.MULTILINE), command
    for heading in re.findall(r"^== (.+)$", shown, re.MULTILINE):
        assert f"tell '{heading}'" in demo


def test_every_script_that_documents_name_is_there() -> None:
    named = {name for page_ in DOCUMENTS for name in re.findall(r"\bscript/([a-z-]+)", page(page_))}
    assert {
        name for name in named if shutil.which(str(REPOSITORY / "script" / name)) is None
    } == set()


def test_links_between_documents_lead_somewhere() -> None:
    for name in DOCUMENTS:
        for target in re.findall(r"\]\(([^)#:]+)\)", page(name)):
            assert ((REPOSITORY / name).parent / target).exists(), f"{name}: {target}"
