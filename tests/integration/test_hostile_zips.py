"""Real zips that must never reach a host, each with the refusal that stops it."""

import random
import struct
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from tests.integration.zips import (
    FLAGS,
    METHOD,
    OFFSET,
    PACKED_BYTES,
    SHOP,
    SIZE_BYTES,
    end_record,
    harmed,
    lying,
    renamed_in_directory,
    zipped,
    zipped_only,
)
from wpstate.adapters.artifact_zips import inspect, sha256_of
from wpstate.model.artifact import ArtifactFacts
from wpstate.model.desired import Artifact
from wpstate.model.problem import Refused

ARTIFACT = Artifact("plugins", "shop", "1.0", "shop.zip", None)
ZEROS = b"\0" * (1 << 20)
NOISE = random.Random(1).randbytes(7_000_000)
READ_ME = "shop/readme.txt"


def named(name: str) -> bytes:
    return zipped([(name, b"x")])


def special(mode: int) -> bytes:
    return zipped([("shop/x", b"/etc/passwd")], modes={"shop/x": mode})


def with_extra_field(field: int) -> bytes:
    return zipped(extra=struct.pack("<HH", field, 5) + b"\x01abcd")


def legacy_name() -> bytes:
    """The bytes are UTF-8, the flag that says so is gone."""
    return lying(named("shop/é"), "shop/é", FLAGS, 0)


def with_zip64_locator() -> bytes:
    """A ZIP64 locator hidden in the directory's last comment, before the end record."""
    content = zipped()
    at = content.rindex(b"PK\x05\x06")
    locator = b"PK\x06\x07" + bytes(16)
    size = struct.unpack_from("<L", content, at + 12)[0]
    return end_record(content[:at] + locator + content[at:], 12, "<L", size + 20)


def with_zip64_offset(offset: int) -> bytes:
    """One entry's place is told by a ZIP64 extra field (APPNOTE 4.5.3)."""
    content = zipped(extra=struct.pack("<HHQ", 1, 8, offset))
    return lying(content, READ_ME, OFFSET, 0xFFFFFFFF)


def hidden_tail() -> bytes:
    """The directory owns up to fewer bytes than the stream unpacks to."""
    return lying(zipped([("shop/x", NOISE[:500])]), "shop/x", SIZE_BYTES, 400)


def plugin(*lines: str) -> bytes:
    return ("<?php\n/*\n" + "\n".join(lines) + "\n*/\n").encode()


GOOD_BYTES = zipped()
HOSTILE = {
    "climbs": (named("shop/../../evil.php"), "artifact.path"),
    "climbs at once": (named("../evil.php"), "artifact.path"),
    "absolute": (named("/etc/cron.d/x"), "artifact.path"),
    "backslashes": (named("shop\\..\\evil.php"), "artifact.path"),
    "drive": (named("C:/evil.php"), "artifact.path"),
    "empty part": (named("shop//evil.php"), "artifact.path"),
    "link": (special(0o120777), "artifact.link"),
    "device": (special(0o020666), "artifact.link"),
    "block device": (special(0o060666), "artifact.link"),
    "pipe": (special(0o010644), "artifact.link"),
    "socket": (special(0o140644), "artifact.link"),
    "folder with a file's name": (special(0o040755), "artifact.link"),
    "two folders": (named("other/x.php"), "artifact.folder"),
    "file beside the folder": (named("x.php"), "artifact.folder"),
    "Mac's folder": (named("__MACOSX/._shop"), "artifact.folder"),
    "another folder": (zipped_only(("store/store.php", SHOP)), "artifact.folder"),
    "no folder": (zipped_only(("shop.php", SHOP)), "artifact.folder"),
    "line feed": (named("shop/a\nb.php"), "artifact.name"),
    "carriage return": (named("shop/a\rb.php"), "artifact.name"),
    "NUL": (named("shop/a.php\0.txt"), "artifact.name"),
    "terminal escape": (named("shop/\x1b[2J.php"), "artifact.name"),
    "reserved": (named("shop/aux.php"), "artifact.name"),
    "reserved folder": (named("shop/com1/x.php"), "artifact.name"),
    "part too long": (named("shop/" + "x" * 300), "artifact.name"),
    "path too long": (named("shop/" + "x/" * 300 + "x"), "artifact.name"),
    "twice": (named(READ_ME), "artifact.duplicate"),
    "case": (named("shop/README.txt"), "artifact.duplicate"),
    "case of the folder": (zipped([("shop/A/x", b""), ("shop/a/y", b"")]), "artifact.duplicate"),
    "accents": (zipped([("shop/\u00e9", b""), ("shop/e\u0301", b"")]), "artifact.duplicate"),
    "file and folder": (named(f"{READ_ME}/x"), "artifact.duplicate"),
    "bomb": (zipped([("shop/x", ZEROS * 3)]), "artifact.bomb"),
    "bomb in parts": (
        zipped([(f"shop/{n}", ZEROS) for n in range(9)]),
        "artifact.bomb",
    ),
    "unpacks to 600 MB": (
        lying(zipped([("shop/x", NOISE)]), "shop/x", SIZE_BYTES, 600_000_000),
        "artifact.too_large",
    ),
    "20,001 entries": (
        zipped([(f"shop/{n}", b"") for n in range(19_999)]),
        "artifact.entries",
    ),
    "claims 65,535 entries": (end_record(GOOD_BYTES, 10, "<H", 0xFFFF), "artifact.entries"),
    "huge directory": (end_record(GOOD_BYTES, 12, "<L", 1 << 28), "artifact.entries"),
    "encrypted": (lying(GOOD_BYTES, READ_ME, FLAGS, 1), "artifact.encrypted"),
    "bzip2": (zipped(method=zipfile.ZIP_BZIP2), "artifact.compression"),
    "lzma": (zipped(method=zipfile.ZIP_LZMA), "artifact.compression"),
    "unknown method": (lying(GOOD_BYTES, READ_ME, METHOD, 99), "artifact.compression"),
    "nothing in it": (zipped_only(), "artifact.empty"),
    "only a folder": (zipped_only(("shop/", b"")), "artifact.empty"),
    "no zip": (b"<html>404</html>", "artifact.damaged"),
    "no bytes": (b"", "artifact.damaged"),
    "cut short": (GOOD_BYTES[:-30], "artifact.damaged"),
    "end record alone": (GOOD_BYTES[-12:], "artifact.damaged"),
    "flipped bit": (GOOD_BYTES.replace(b"PK\x03\x04", b"PK\x03\x05", 1), "artifact.damaged"),
    "hidden tail": (hidden_tail(), "artifact.damaged"),
    "stream cut": (lying(GOOD_BYTES, READ_ME, PACKED_BYTES, 3), "artifact.damaged"),
    "other bytes": (
        zipped(method=zipfile.ZIP_STORED).replace(b"Shop.", b"Shut.", 1),
        "artifact.damaged",
    ),
    "bytes behind a stream": (lying(GOOD_BYTES, READ_ME, PACKED_BYTES, 20), "artifact.damaged"),
    "beyond any file": (with_zip64_offset(1 << 63), "artifact.damaged"),
    "beyond the end": (lying(GOOD_BYTES, READ_ME, OFFSET, 1 << 30), "artifact.damaged"),
    "other name inside": (
        renamed_in_directory(GOOD_BYTES, READ_ME, "shop/readme.php"),
        "artifact.ambiguous",
    ),
    "program before it": (b"#!/bin/sh\nexit 0\n" + GOOD_BYTES, "artifact.ambiguous"),
    "bytes after it": (GOOD_BYTES + b"more", "artifact.ambiguous"),
    "two archives": (GOOD_BYTES + zipped([("shop/evil.php", b"")]), "artifact.ambiguous"),
    "archive in the comment": (zipped(comment=zipped_only()), "artifact.ambiguous"),
    "zip64 end": (with_zip64_locator(), "artifact.ambiguous"),
    "several disks": (end_record(GOOD_BYTES, 4, "<H", 1), "artifact.ambiguous"),
    "shared bytes": (lying(GOOD_BYTES, READ_ME, OFFSET, 0), "artifact.ambiguous"),
    "second name": (with_extra_field(0x7075), "artifact.ambiguous"),
    "legacy name": (legacy_name(), "artifact.ambiguous"),
    "no plugin": (zipped_only(("shop/x.php", b"<?php")), "artifact.main_file"),
    "plugin too deep": (zipped_only(("shop/a/shop.php", SHOP)), "artifact.main_file"),
    "two plugins": (
        zipped_only(("shop/a.php", SHOP), ("shop/b.php", SHOP)),
        "artifact.main_file",
    ),
    "header too far": (zipped_only(("shop/x.php", b" " * 8192 + SHOP)), "artifact.main_file"),
    "no version": (zipped_only(("shop/shop.php", plugin("Plugin Name: Shop"))), "artifact.version"),
    "other version": (
        zipped_only(("shop/shop.php", plugin("Plugin Name: Shop", "Version: 1.0.1"))),
        "artifact.version",
    ),
}


def inspected(content: bytes, folder: Path) -> ArtifactFacts:
    path = folder / "shop.zip"
    path.write_bytes(content)
    return inspect(path, ARTIFACT, sha256_of(path))


@pytest.mark.parametrize(("content", "slug"), HOSTILE.values(), ids=HOSTILE)
def test_refused(content: bytes, slug: str, tmp_path: Path) -> None:
    with pytest.raises(Refused) as refusal:
        inspected(content, tmp_path)
    assert [problem.slug for problem in refusal.value.problems] == [slug]
    assert {problem.key for problem in refusal.value.problems} == {"plugins.shop"}
    assert "\x1b" not in str([problem.found for problem in refusal.value.problems])


GOOD = {
    "plain": GOOD_BYTES,
    "stored": zipped(method=zipfile.ZIP_STORED),
    "with folders": zipped([("shop/assets/", b""), ("shop/assets/a.css", b"a")]),
    "with a comment": zipped(comment=b"made by hand"),
    "names beyond ASCII": zipped([("shop/été 日本.css", b"a")]),
    "dots in names": zipped([("shop/.htaccess", b""), ("shop/a..b", b""), ("shop/...", b"")]),
    "one large blank": zipped([("shop/blank", ZEROS), ("shop/photo", NOISE[:99_999])]),
    # 262,165 = 2^18 + 21: zlib holds back the last bytes once it has been fed all.
    "blank in two chunks": zipped([("shop/blank", ZEROS[:262_165])]),
    "large text": zipped([("shop/x.json", NOISE[:70_000] * 30)]),
    "odd header": zipped_only(
        ("shop/x.php", b"<?php // Plugin Name: Shop\r# version:\t1.0 */ x\rText")
    ),
}


@pytest.mark.parametrize("content", GOOD.values(), ids=GOOD)
def test_accepted(content: bytes, tmp_path: Path) -> None:
    assert inspected(content, tmp_path).version == "1.0"


def test_facts_of_a_plugin(tmp_path: Path) -> None:
    content = zipped([("shop/assets/", b""), ("shop/other.php", SHOP)])
    facts = inspected(content, tmp_path)
    assert facts.main_file == "shop/shop.php"
    assert facts.files == ("other.php", "readme.txt", "shop.php")
    assert (facts.requires_php, facts.requires_wp, facts.database) == ("7.4", None, None)


STYLE = b"/*\nTheme Name: Paper\nVersion: 1.0\nRequires at least: 6.2\n%s*/"
CHILD = zipped_only(("shop/style.css", STYLE % b"Template: storefront\n"))


def theme(content: bytes, folder: Path) -> ArtifactFacts:
    path = folder / "theme.zip"
    path.write_bytes(content)
    return inspect(path, replace(ARTIFACT, kind="themes"), sha256_of(path))


@pytest.mark.parametrize("front", ["index.php", "templates/index.html"])
def test_facts_of_a_theme(front: str, tmp_path: Path) -> None:
    content = zipped_only(("shop/style.css", STYLE % b""), (f"shop/{front}", b"front"))
    facts = theme(content, tmp_path)
    assert (facts.version, facts.main_file, facts.parent) == ("1.0", "shop/style.css", None)
    assert facts.requires_wp == "6.2"
    assert theme(CHILD, tmp_path).parent == "storefront"


@pytest.mark.parametrize(
    "content",
    [
        zipped_only(("shop/index.php", b"<?php")),
        zipped_only(("shop/style.css", b"body {}"), ("shop/index.php", b"<?php")),
        zipped_only(("shop/style.css", STYLE % b"")),
        zipped_only(("shop/style.css", STYLE % b"Template: ../../evil\n")),
        zipped_only(("shop/a/style.css", STYLE % b""), ("shop/index.php", b"<?php")),
    ],
)
def test_a_zip_that_is_no_theme_is_refused(content: bytes, tmp_path: Path) -> None:
    with pytest.raises(Refused) as refusal:
        theme(content, tmp_path)
    assert [problem.slug for problem in refusal.value.problems] == ["artifact.main_file"]


def test_every_broken_rule_is_told(tmp_path: Path) -> None:
    content = zipped(
        [("shop/../x", b""), ("shop/aux", b""), ("shop/l", b"")], modes={"shop/l": 0o120777}
    )
    with pytest.raises(Refused) as refusal:
        inspected(content, tmp_path)
    slugs = [problem.slug for problem in refusal.value.problems]
    assert slugs == ["artifact.link", "artifact.name", "artifact.path"]


def test_harmed_zips_are_refused_or_read_but_never_break_the_reader(tmp_path: Path) -> None:
    chance = random.Random(7)
    outcomes = {"read": 0, "refused": 0}
    for _ in range(1500):
        try:
            inspected(harmed(GOOD_BYTES, chance), tmp_path)
            outcomes["read"] += 1
        except Refused:
            outcomes["refused"] += 1
    assert outcomes["refused"] > outcomes["read"] > 0
