"""Zips made for tests: good ones, and ones that lie in a chosen field of their directory."""

import io
import random
import struct
import warnings
import zipfile
from collections.abc import Iterable

SHOP = b"<?php\n/*\n * Plugin Name: Shop\n * Version: 1.0\n * Requires PHP: 7.4\n */\n"
GOOD = [("shop/shop.php", SHOP), ("shop/readme.txt", b"Shop.")]

# Where a field stands in a central directory header, and its struct format (APPNOTE 4.3.12).
FLAGS, METHOD = (8, "<H"), (10, "<H")
PACKED_BYTES, SIZE_BYTES, OFFSET = (20, "<L"), (24, "<L"), (42, "<L")
_NAME_AT = 46

Member = tuple[str, bytes]


def zipped(
    members: Iterable[Member] = (),
    *,
    method: int = zipfile.ZIP_DEFLATED,
    modes: dict[str, int] | None = None,
    extra: bytes = b"",
    comment: bytes = b"",
) -> bytes:
    """A zip of GOOD and these members, with fixed times; `modes` are Unix modes by name."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as archive, warnings.catch_warnings():
        archive.comment = comment
        warnings.filterwarnings("ignore", "Duplicate name")
        for name, content in [*GOOD, *members]:
            archive.writestr(_info(name, method, modes or {}, extra), content)
    return target.getvalue()


def zipped_only(*members: Member) -> bytes:
    """A zip of these members alone."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, content in members:
            archive.writestr(_info(name, zipfile.ZIP_DEFLATED, {}, b""), content)
    return target.getvalue()


def lying(content: bytes, name: str, field: tuple[int, str], value: int) -> bytes:
    """The same zip with one field of one entry's directory header replaced."""
    changed = bytearray(content)
    at, form = field
    struct.pack_into(form, changed, _directory_header(content, name) + at, value)
    return bytes(changed)


def renamed_in_directory(content: bytes, name: str, other: str) -> bytes:
    """The directory says another name, of the same length, than the entry itself."""
    at = _directory_header(content, name) + _NAME_AT
    return content[:at] + other.encode() + content[at + len(other) :]


def end_record(content: bytes, field_at: int, form: str, value: int) -> bytes:
    """The same zip with one field of its end record replaced (APPNOTE 4.3.16)."""
    changed = bytearray(content)
    struct.pack_into(form, changed, content.rindex(b"PK\x05\x06") + field_at, value)
    return bytes(changed)


def harmed(content: bytes, chance: random.Random) -> bytes:
    """The same bytes with a few of them changed, cut out or doubled."""
    changed = bytearray(content)
    for _ in range(chance.randrange(1, 6)):
        at = chance.randrange(len(changed))
        action = chance.randrange(4)
        if action == 0:
            changed[at] = chance.randrange(256)
        elif action == 1:
            changed[at : at + 4] = chance.choice((b"\xff\xff\xff\xff", b"\0\0\0\0", b"PK\x05\x06"))
        elif action == 2:
            del changed[at : at + chance.randrange(1, 9)]
        else:
            changed[at:at] = changed[max(0, at - 30) : at]
    return bytes(changed)


def _info(name: str, method: int, modes: dict[str, int], extra: bytes) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo("x", (2025, 1, 1, 0, 0, 0))
    info.filename = name  # as it is: the constructor would cut at a NUL
    info.compress_type = method
    info.external_attr = modes.get(name, 0o100644 if not name.endswith("/") else 0o040755) << 16
    info.extra = extra
    return info


def _directory_header(content: bytes, name: str) -> int:
    encoded = name.encode()
    at = content.index(b"PK\x01\x02")
    while content[at + _NAME_AT : at + _NAME_AT + len(encoded)] != encoded:
        at = content.index(b"PK\x01\x02", at + 4)
    return at
