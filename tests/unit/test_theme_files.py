"""A theme's code beside what the fleet keeps of it: what differs is named, and shown harmlessly."""

import base64
import hashlib
import time
from collections.abc import Mapping
from dataclasses import dataclass

import pytest

from wpstate.model.state import Json
from wpstate.resources.kind_looks import Shown
from wpstate.resources.theme_files import compared, counts, is_plain

_KEPT = {
    "header.php": b"<head>\n<?php wp_head(); ?>\n</head>\n",
    "style.css": b"a{}\n",
    "x.png": b"x",
}


@dataclass
class _Site:
    """A site with one theme, as the probe answers for it."""

    now: Mapping[str, bytes]
    keeps: Mapping[str, bytes] | None
    asked: int = 0

    def kept(self, theme: str, version: str) -> Mapping[str, bytes] | None:
        assert (theme, version) == ("maison", "1.2")
        return self.keeps

    def ask(self, question: Json) -> Json:
        self.asked += 1
        wanted = question["texts"]
        if not isinstance(wanted, dict):
            hashes = {p: hashlib.sha256(c).hexdigest() for p, c in self.now.items() if counts(p)}
            return {"themes": [{"slug": "maison", "version": "1.2", "files": hashes}]}
        packed = [
            {
                "theme": "maison",
                "path": p,
                "written_at": 1_795_857_240,
                "parts": [base64.b64encode(self.now[p]).decode()],
            }
            for p in wanted["maison"]
        ]
        return {"texts": packed}


def _shown(now: Mapping[str, bytes], keeps: Mapping[str, bytes] | None = _KEPT) -> Shown:
    return compared(_Site(now, keeps))


def test_a_theme_as_it_was_kept_is_asked_for_once() -> None:
    site = _Site(_KEPT, _KEPT)
    assert compared(site).state.value == "as locked"
    assert site.asked == 1


def test_a_pasted_script_is_shown() -> None:
    pasted = b"<head>\n<script src=//evil.example></script>\n<?php wp_head(); ?>\n</head>\n"
    shown = _shown({**_KEPT, "header.php": pasted})
    assert shown.state.value == "header.php changed"
    assert shown.lines == (
        "--- kept/header.php",
        "+++ site/header.php    2026-11-28 09:14 UTC",
        "@@ -1,2 +1,3 @@",
        " <head>",
        "+<script src=//evil.example></script>",
        " <?php wp_head(); ?>",
    )


def test_what_was_added_and_removed_is_named() -> None:
    shown = _shown({"style.css": b"a{}\n", "cache/shell.php": b"<?php system(1);\n"})
    assert shown.state.value == "cache/shell.php added, header.php removed"
    assert "+<?php system(1);" in shown.lines


def test_a_theme_that_is_not_kept_is_no_theme_as_it_was() -> None:
    shown = _shown(_KEPT, None)
    assert shown.state.value == "maison 1.2 is not kept"
    assert "wpstate lock --theme-files SITE" in shown.lines[0]


@pytest.mark.parametrize(
    "content",
    [b"\x1b[2J\xff\xfe\n" * 5000, b"x" * 70_000, b"\n".join(b"%d" % n for n in range(9000))],
)
def test_a_diff_stays_small_and_harmless(content: bytes) -> None:
    began_s = time.monotonic()
    shown = _shown({**_KEPT, "header.php": content, **{f"{n}.php": content for n in range(30)}})
    assert time.monotonic() - began_s < 10
    assert len(shown.lines) <= 40
    assert all(line.isprintable() and len(line) <= 160 for line in shown.lines)
    assert isinstance(shown.state.value, str)
    assert shown.state.value.endswith("and 23 more")


def test_a_site_that_answers_nothing_is_not_as_it_was() -> None:
    class Silent(_Site):
        def ask(self, question: Json) -> Json:
            return {}

    assert compared(Silent({}, _KEPT)).state.value == "no theme could be read"


@pytest.mark.parametrize(
    ("path", "plain"),
    [
        ("header.php", True),
        ("inc/a-b_c.1.php", True),
        ("../x.php", False),
        ("a/../x.php", False),
        ("/etc/x.php", False),
        (".git/x.php", False),
        ("a//x.php", False),
        ("a\nb.php", False),
        ("a\\x1b.php", False),
    ],
)
def test_which_paths_may_be_written(path: str, plain: bool) -> None:
    assert is_plain(path) is plain
