"""What wordpress.org's checksums say of the files of a version. Asking is left to
adapters.file_lists; where they are asked for to resources.packages.

Sources: get_core_checksums() in wp-admin/includes/update.php (WordPress 7.1.1); WP-CLI 2.12,
checksum-command (plugin checksums).
"""

import re

_HASHES = {"sha256": re.compile("[0-9a-f]{64}"), "md5": re.compile("[0-9a-f]{32}")}


def listed_files(answer: object) -> tuple[str, ...] | None:
    """Paths in a checksums answer, sorted; None where it is none of the two known shapes.

    core/checksums/1.0: `{"checksums": {path: md5} | false}`; plugin-checksums:
    `{"files": {path: {...}}}`.
    """
    if not isinstance(answer, dict):
        return None
    files = answer.get("checksums", answer.get("files"))
    return tuple(sorted(files)) if isinstance(files, dict) and files else None


def listed_hashes(answer: object) -> tuple[str, dict[str, tuple[str, ...]]] | None:
    """Algorithm and hashes by path of such an answer: sha256 where it has that of every file. A
    plugin's file may have several: it was shipped anew under the same version."""
    if not isinstance(answer, dict):
        return None
    md5 = answer.get("checksums")
    if isinstance(md5, dict):
        files: dict[object, object] = {path: {"md5": each} for path, each in md5.items()}
    else:
        listed = answer.get("files")
        files = listed if isinstance(listed, dict) else {}
    for algorithm, form in _HASHES.items():
        found = {str(path): _hashes(each, algorithm, form) for path, each in files.items()}
        if found and all(found.values()):
            return algorithm, found
    return None


def _hashes(file: object, algorithm: str, form: re.Pattern[str]) -> tuple[str, ...]:
    """None of them where one is no hash."""
    told = file.get(algorithm) if isinstance(file, dict) else None
    several = [str(each) for each in (told if isinstance(told, list) else [told])]
    return tuple(several) if all(map(form.fullmatch, several)) else ()
