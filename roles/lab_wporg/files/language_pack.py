"""Core language packs for the look-alike: real files where the cache has them, else a few words.

build_wporg.py makes the zip. WordPress installs a pack that holds a .l10n.php file, or a .mo with
its .po beside it, and reads the pack's date from that .po (class-language-pack-upgrader.php and
wp_get_installed_translations(), WordPress 6.8).
"""

import re
import struct
from pathlib import Path

Member = tuple[str, bytes]

UPDATED = "2025-01-01 00:00:00+0000"
WORDS = {
    "fr_FR": {
        "": f"PO-Revision-Date: {UPDATED}\nLanguage: fr\nPlural-Forms: nplurals=2; plural=n > 1;\n"
        "Content-Type: text/plain; charset=UTF-8\nProject-Id-Version: WordPress\n",
        "Home": "Accueil",
        "Search": "Rechercher",
        "Comments": "Commentaires",
        "Log in": "Se connecter",
        "Leave a Reply": "Laisser un commentaire",
    }
}


def language_pack(cache: Path, core_version: str, locale: str) -> list[Member]:
    """The files of one pack. Real ones come from cache/languages-VERSION/."""
    name = re.compile(
        rf"((admin|admin-network|continents-cities)-)?{locale}(\.po|\.mo|\.l10n\.php|-[0-9a-f]+\.json)"
    )
    folder = cache / f"languages-{core_version}"
    files = folder.iterdir() if folder.is_dir() else ()
    members = {file.name: file.read_bytes() for file in files if name.fullmatch(file.name)}
    if not members:
        members[f"{locale}.mo"] = mo_file(WORDS[locale])
        members[f"{locale}.po"] = po_file(WORDS[locale])
    for file_name, content in list(members.items()):
        # Debian ships no .po; without one WordPress refuses the .mo.
        if file_name.endswith(".mo"):
            members.setdefault(file_name[:-3] + ".po", po_file({"": mo_header(content)}))
    return list(members.items())


def mo_file(words: dict[str, str]) -> bytes:
    """GNU gettext's binary catalogue (gettext manual, "The Format of GNU MO Files")."""
    pairs = sorted((k.encode(), v.encode()) for k, v in words.items())
    originals_at = 28
    translations_at = originals_at + 8 * len(pairs)
    text_at = translations_at + 8 * len(pairs)
    tables, text = [], b""
    for column in (0, 1):
        for pair in pairs:
            tables.append(struct.pack("<II", len(pair[column]), text_at + len(text)))
            text += pair[column] + b"\0"
    header = struct.pack("<7I", 0x950412DE, 0, len(pairs), originals_at, translations_at, 0, 0)
    return header + b"".join(tables) + text


def mo_header(content: bytes) -> str:
    """The translation of the empty string, which sorts first: a catalogue's header lines."""
    order = "<" if content[:4] == b"\xde\x12\x04\x95" else ">"
    (table_at,) = struct.unpack_from(f"{order}I", content, 16)
    length, at = struct.unpack_from(f"{order}II", content, table_at)
    return content[at : at + length].decode()


def po_file(words: dict[str, str]) -> bytes:
    def quoted(text: str) -> str:
        escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", '\\n"\n"')
        return f'"{escaped}"'.removesuffix('\n""')

    entries = (f'msgid {quoted(k)}\nmsgstr ""\n{quoted(v)}\n' for k, v in words.items())
    return "\n".join(entries).encode()
