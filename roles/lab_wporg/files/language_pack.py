"""Core language packs for the look-alike, from the translations that the cache holds.

build_wporg.py makes the zip. WordPress installs a pack that holds a .l10n.php file, or a .mo with
its .po beside it, and reads the pack's date from that .po (class-language-pack-upgrader.php and
wp_get_installed_translations(), WordPress 6.8).
"""

import re
import struct
from pathlib import Path

Member = tuple[str, bytes]


def language_pack(folder: Path, locale: str) -> list[Member]:
    """The files of one pack, out of a folder of many locales; empty if the locale is not there."""
    name = re.compile(
        rf"((admin|admin-network|continents-cities)-)?{locale}"
        r"(\.po|\.mo|\.l10n\.php|-[0-9a-f]+\.json)"
    )
    files = folder.iterdir() if folder.is_dir() else ()
    members = {file.name: file.read_bytes() for file in files if name.fullmatch(file.name)}
    for file_name, content in list(members.items()):
        # Debian ships no .po; without one WordPress refuses the .mo.
        if file_name.endswith(".mo"):
            members.setdefault(file_name[:-3] + ".po", header_po(content))
    return list(members.items())


def header_po(mo: bytes) -> bytes:
    """A .po with nothing but the header of a .mo: the translation of the empty string.

    That one sorts first (gettext manual, "The Format of GNU MO Files").
    """
    order = "<" if mo[:4] == b"\xde\x12\x04\x95" else ">"
    (translations_at,) = struct.unpack_from(f"{order}I", mo, 16)
    length, at = struct.unpack_from(f"{order}II", mo, translations_at)
    lines = mo[at : at + length].decode().splitlines()
    quoted = (line.replace("\\", "\\\\").replace('"', '\\"') for line in lines)
    return "\n".join(['msgid ""', 'msgstr ""', *(f'"{line}\\n"' for line in quoted), ""]).encode()
