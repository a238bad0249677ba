"""What the probe says of language packs, asked by PHP itself about real folders."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.unit.desired.folders import REPOSITORY
from wpstate.adapters.artifact_zips import HEAD_BYTES
from wpstate.resources.language_packs import moment, revision

_PART = REPOSITORY / "wpstate" / "probe" / "kinds" / "languages.php"
_ASK = (
    f"require {str(_PART)!r};"
    "echo json_encode( wpstate_kind_languages( array( 'locales' => explode( ',', $argv[2] ),"
    " 'absent' => array_filter( explode( ',', $argv[3] ) ) ),"
    " array( 'content' => $argv[1] ) ) );"
)
PO = 'msgid ""\nmsgstr ""\n"PO-Revision-Date: 2026-03-01 08:00:00+0000\\n"\n"Language: fr\\n"\n'
PHP = "<?php\nreturn ['x-generator'=>'x','translation-revision-date'=>'2026-04-01 08:00:00+0000'];"


def answer(content: Path, *locales: str, absent: str = "") -> Any:
    command = ("php", "-r", _ASK, "--", str(content), ",".join(locales), absent)
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    return json.loads(done.stdout)


def probed(content: Path, *locales: str) -> Any:
    return answer(content, *locales)["packs"]


def write(content: Path, **files: str) -> None:
    for name, text in files.items():
        file = content / "languages" / name.replace("__", "/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")


def test_what_is_there_of_each_asked_locale(tmp_path: Path) -> None:
    write(
        tmp_path,
        **{
            "fr_FR.mo": "x", "fr_FR.po": PO, "admin-fr_FR.mo": "x",
            "plugins__akismet-fr_FR.l10n.php": PHP, "plugins__akismet-de_DE.mo": "x",
            "plugins__fr_FR.mo": "x", "plugins__a-b-fr_FR.mo": "x", "plugins__x-fr_FR.po": PO,
            "themes__paper-fr_FR.mo": "x", "themes__paper-fr_FR_formal.mo": "x",
            "themes__evil;-fr_FR.mo": "x",
        },
    )  # fmt: skip
    assert probed(tmp_path, "fr_FR", "en_GB") == {
        "fr_FR": {
            "core": "2026-03-01 08:00:00+0000",
            "plugins.akismet": "2026-04-01 08:00:00+0000",
            "plugins.a-b": None,
            "themes.paper": None,
        },
        "en_GB": {},
    }


def test_what_is_there_of_languages_that_must_not_be(tmp_path: Path) -> None:
    files = ("de_DE.mo", "plugins__a-b-de_DE.mo", "plugins__a-b-de_DE.l10n.php", "fr_FR.mo")
    write(tmp_path, **dict.fromkeys(files, "x"))
    found = answer(tmp_path, "fr_FR", absent="de_DE,nl_NL")
    assert found == {
        "packs": {"fr_FR": {"core": None}},
        "absent": {"de_DE": ["core", "plugins.a-b"], "nl_NL": []},
    }


def test_no_folder_is_no_pack(tmp_path: Path) -> None:
    assert probed(tmp_path, "fr_FR") == {"fr_FR": {}}


@pytest.mark.parametrize("head", [PO, "#" * HEAD_BYTES + PO, PO.replace(" 08", "08"), ""])
def test_the_site_and_the_lock_read_the_same_time(head: str, tmp_path: Path) -> None:
    write(tmp_path, **{"fr_FR.mo": "x", "fr_FR.po": head})
    told = probed(tmp_path, "fr_FR")["fr_FR"]["core"]
    heads = {"fr_FR.po": head.encode()[:HEAD_BYTES]}
    assert moment(told or "") == revision("fr_FR", heads)
