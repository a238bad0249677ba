"""Fill the look-alike's root with zips: the lab's plugins and themes, akismet, Hello Dolly, core's
themes, WordPress, and what of them is translated to French.

The zips are reproducible: sorted names, fixed times, fixed modes. Packages are written anew each
time (they are small); a core zip only when its tree changed. Serving them is wporg_server.py's job.

Usage: build_wporg.py --root DIR --cache DIR
"""

import argparse
import hashlib
import json
import re
import shutil
import sys
import zipfile
from collections.abc import Container, Iterable, Iterator
from pathlib import Path

from language_pack import language_pack, package_pack

HERE = Path(__file__).parent
LOCALES = ("fr_FR",)
# What an installed site has and a WordPress release has not.
NOT_IN_RELEASE = ("wp-config.php", "wp-content/languages/", "wp-content/uploads/")
FIXED_TIME = (2025, 1, 1, 0, 0, 0)
VERSION_HEADER = re.compile(rb"^[ \t/*#@]*Version:\s*(\S+)", re.MULTILINE)
# The shape of a closed plugin's answer, see wporg_server.py.
CLOSED = {
    "lab-withdrawn": {
        "name": "Lab Withdrawn",
        "description": "This plugin has been closed as of October 2, 2018 and is not available "
        "for download. Reason: Guideline Violation.",
        "closed_date": "2018-10-02",
        "reason": "guideline-violation",
        "reason_text": "Guideline Violation",
    }
}

Member = tuple[str, bytes]


def write_zip(target: Path, members: Iterable[Member], *, level: int = 6) -> bool:
    """Write members sorted by name; True if the file's bytes changed. Never leaves half a zip."""
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_suffix(".partial")
    with zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED, compresslevel=level) as archive:
        for name, content in sorted(members):
            entry = zipfile.ZipInfo(name, FIXED_TIME)
            entry.external_attr = 0o100644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content, compresslevel=level)
    changed = not target.exists() or target.read_bytes() != partial.read_bytes()
    if changed:
        partial.replace(target)
    else:
        partial.unlink()
    return changed


def tree(folder: Path) -> Iterator[tuple[str, Path]]:
    """Every file below folder as (path with slashes, file), links followed."""
    for path in sorted(folder.iterdir()):
        if path.is_dir():
            yield from ((f"{path.name}/{name}", file) for name, file in tree(path))
        else:
            yield path.name, path


def lab_package(source: Path, release: Path) -> tuple[str, list[Member]]:
    """One version of a plugin or theme of ours: the shared files, and release.php from versions/.

    A release that is no PHP on purpose is called VERSION.php.broken.
    """
    version = release.name.split(".php")[0]
    members = [(f"{source.name}/release.php", release.read_bytes())]
    for file in source.glob("*.*"):
        content = file.read_bytes().replace(b"@VERSION@", version.encode())
        members.append((f"{source.name}/{file.name}", content))
    return version, members


def installed_package(main_file: Path, slug: str) -> tuple[str, list[Member]]:
    """A real plugin or theme out of a WordPress tree, with the version that its header gives."""
    found = VERSION_HEADER.search(main_file.read_bytes())
    if found is None:
        raise ValueError(f"{main_file}: no Version header")
    if main_file.parent.name == slug:
        members = [(f"{slug}/{name}", file.read_bytes()) for name, file in tree(main_file.parent)]
    else:
        members = [(f"{slug}/{main_file.name}", main_file.read_bytes())]
    return found.group(1).decode(), members


def core_trees(cache: Path) -> dict[str, Path]:
    """Every WordPress in the cache, by its version."""
    return {
        folder.name.removeprefix("wordpress-"): folder
        for folder in sorted(cache.glob("wordpress-*"))
        if (folder / "wp-includes" / "version.php").is_file()
    }


def packages(cache: Path) -> Iterator[tuple[str, str, str, list[Member]]]:
    """Every zip of a plugin or theme to make, as (folder, slug, version, members)."""
    for folder in ("plugins", "themes"):
        for source in sorted((HERE / folder).iterdir()):
            for release in sorted((source / "versions").iterdir()):
                yield folder, source.name, *lab_package(source, release)
    for core in core_trees(cache).values():
        installed = core / "wp-content" / "plugins"
        for main_file, slug in (("akismet/akismet.php", "akismet"), ("hello.php", "hello-dolly")):
            if (installed / main_file).is_file():
                yield "plugins", slug, *installed_package(installed / main_file, slug)
        for style in sorted((core / "wp-content" / "themes").glob("*/style.css")):
            slug = style.parent.name
            yield "themes", slug, *installed_package(style, slug)


def core_zip(target: Path, folder: Path) -> bool:
    """The release zip of one WordPress tree, skipped while names, sizes and times are the same."""
    files = [(n, f) for n, f in tree(folder) if not n.startswith(NOT_IN_RELEASE)]
    listing = "\n".join(f"{n} {(s := f.stat()).st_size} {s.st_mtime_ns}" for n, f in files)
    stamp = target.with_suffix(".inputs")
    digest = hashlib.sha256(listing.encode()).hexdigest()
    if target.exists() and stamp.exists() and stamp.read_text() == digest:
        return False
    # Level 1: 3,800 files in about 2 s, and a third of the size that travels to each site.
    write_zip(target, ((f"wordpress/{n}", f.read_bytes()) for n, f in files), level=1)
    stamp.write_text(digest)
    return True


def build(root: Path, cache: Path) -> Iterator[Path]:
    """Make every zip; yields those that changed."""
    languages = sorted(cache.glob("languages-*"))
    made: set[Path] = set()
    for folder, slug, version, members in packages(cache):
        target = root / folder / f"{slug}.{version}.zip"
        if target not in made and write_zip(target, members):
            yield target
        made.add(target)
        for locale in LOCALES:
            pack = package_pack(languages, folder, slug, locale)
            target = root / "translations" / folder / slug / version / f"{locale}.zip"
            if pack and write_zip(target, pack):
                yield target
    (root / "plugins" / "closed.json").write_text(json.dumps(CLOSED, indent=1))
    trees = core_trees(cache)
    for version, folder in trees.items():
        target = root / "core" / f"wordpress-{version}.zip"
        if core_zip(target, folder):
            yield target
        for locale in LOCALES:
            pack = language_pack(cache / f"languages-{version}", folder, locale)
            target = root / "translations" / "core" / version / f"{locale}.zip"
            if pack and write_zip(target, pack):
                yield target
    forget_cores(root, trees)


def forget_cores(root: Path, kept: Container[str]) -> None:
    """A version that the cache no longer has would be offered as an update for ever."""
    for target in (root / "core").glob("wordpress-*.zip"):
        version = target.stem.removeprefix("wordpress-")
        if version not in kept:
            target.unlink()
            target.with_suffix(".inputs").unlink(missing_ok=True)
            shutil.rmtree(root / "translations" / "core" / version, ignore_errors=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=Path, required=True, help="filled with plugins/ and core/")
    parser.add_argument(
        "--cache", type=Path, required=True, help="holds wordpress-VERSION/, languages-VERSION/"
    )
    options = parser.parse_args()
    for changed in build(options.root, options.cache):
        sys.stdout.write(f"built {changed}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
