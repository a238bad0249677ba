"""Language packs for the look-alike, from the translations that the cache holds.

build_wporg.py makes the zip. wordpress.org's packs hold each catalogue as .mo, .po and .l10n.php,
npm's the last alone: WordPress itself makes the .mo of it. WordPress installs a pack that holds a
.l10n.php file, or a .mo with its .po beside it, and reads the pack's date from that .po
(class-language-pack-upgrader.php and wp_get_installed_translations(), WordPress 6.8).
"""

import re
import struct
import subprocess
from collections.abc import Iterable
from pathlib import Path

Member = tuple[str, bytes]


_TRANSFORM = """
foreach ( array( '', '-mo', '-php' ) as $format ) {
    require "$argv[1]/wp-includes/l10n/class-wp-translation-file$format.php";
}
echo WP_Translation_File::transform( $argv[2], 'mo' );
"""


def language_pack(folder: Path, wordpress: Path, locale: str) -> list[Member]:
    """The files of one pack, out of a folder of many locales; empty if the locale is not there.

    `wordpress`: its tree; before 6.5 it makes no .mo."""
    name = re.compile(
        rf"((admin|admin-network|continents-cities)-)?{locale}"
        r"(\.po|\.mo|\.l10n\.php|-[0-9a-f]+\.json)"
    )
    files = folder.iterdir() if folder.is_dir() else ()
    members = {file.name: file.read_bytes() for file in files if name.fullmatch(file.name)}
    for file_name in list(members):
        if file_name.endswith(".l10n.php") and (wordpress / "wp-includes" / "l10n").is_dir():
            members.setdefault(f"{file_name[:-9]}.mo", mo_of(folder / file_name, wordpress))
    for file_name, content in list(members.items()):
        # Debian ships no .po; without one WordPress refuses the .mo.
        if file_name.endswith(".mo"):
            members.setdefault(file_name[:-3] + ".po", header_po(content))
    return list(members.items())


def package_pack(folders: Iterable[Path], sort: str, slug: str, locale: str) -> list[Member]:
    """The files of one plugin's or theme's pack, as the newest WordPress brings them; a made-up
    one for a plugin or theme of ours, whose folder `translated` has it; else empty."""
    ours = Path(__file__).parent / sort / slug / "translated"
    text = ours / f"{locale}.txt"
    if text.is_file():
        pairs = [
            (line.partition(" = ")[0], line.partition(" = ")[2])
            for line in text.read_text("utf-8").splitlines()
        ]
        header = "Language: fr\nPO-Revision-Date: 2025-01-01 00:00:00+0000\n"
        mo = mo_file({"": header, **dict(pairs)})
        return [(f"{slug}-{locale}.mo", mo), (f"{slug}-{locale}.po", header_po(mo))]
    for folder in reversed(list(folders)):
        source = folder / sort / f"{slug}-{locale}.l10n.php"
        wordpress = folder.with_name(folder.name.replace("languages-", "wordpress-"))
        if source.is_file() and (wordpress / "wp-includes" / "l10n").is_dir():
            mo, stem = mo_of(source, wordpress), f"{slug}-{locale}"
            members = {f"{stem}.mo": mo, f"{stem}.po": header_po(mo)}
            members |= {f.name: f.read_bytes() for f in source.parent.glob(f"{stem}-*.json")}
            return [*members.items(), (source.name, source.read_bytes())]
    return []


def mo_file(messages: dict[str, str]) -> bytes:
    """A catalogue (gettext manual, "The Format of GNU MO Files")."""
    pairs = sorted((key.encode(), value.encode()) for key, value in messages.items())
    at = 28 + 16 * len(pairs)
    tables, texts = [b"", b""], b""
    for table in (0, 1):
        for pair in pairs:
            tables[table] += struct.pack("<II", len(pair[table]), at + len(texts))
            texts += pair[table] + b"\0"
    head = struct.pack("<7I", 0x950412DE, 0, len(pairs), 28, 28 + 8 * len(pairs), 0, 0)
    return head + tables[0] + tables[1] + texts


def mo_of(l10n_php: Path, wordpress: Path) -> bytes:
    """A .mo of a .l10n.php, by WordPress's own WP_Translation_File."""
    command = ("php", "-r", _TRANSFORM, "--", str(wordpress), str(l10n_php))
    return subprocess.run(command, check=True, capture_output=True, timeout=60).stdout


def header_po(mo: bytes) -> bytes:
    """A .po with nothing but the header of a .mo: the translation of the empty string.

    That one sorts first (gettext manual, "The Format of GNU MO Files").
    """
    order = "<" if mo[:4] == b"\xde\x12\x04\x95" else ">"
    (translations_at,) = struct.unpack_from(f"{order}I", mo, 16)
    length, at = struct.unpack_from(f"{order}II", mo, translations_at)
    header = mo[at : at + length].decode()
    # A .l10n.php has a name of its own for the date (WP_Translation_File_PHP, WordPress 7.1).
    lines = header.replace("translation-revision-date:", "PO-Revision-Date:").splitlines()
    quoted = (line.replace("\\", "\\\\").replace('"', '\\"') for line in lines)
    return "\n".join(['msgid ""', 'msgstr ""', *(f'"{line}\\n"' for line in quoted), ""]).encode()
