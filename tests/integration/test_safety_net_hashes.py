"""The sha256 of copied code: OpenSSL's where it is right, coreutils' for all that it leaves out."""

import hashlib
import os
import subprocess
from pathlib import Path

import pytest

_CODE_SH = Path(__file__).parents[2] / "wpstate" / "safetynet" / "code.sh"
_HASH = '. "$1"; hash_names names sums && cat sums'
_ABC = hashlib.sha256(b"abc").hexdigest()
_ODD = (
    "plain.php",
    "with blank.php",
    "-n",
    " *star",
    "back\\slash",
    "new\nline",
    "ünï.php",
    "'q\"",
)

_OTHER_ALGORITHM = f'#!/bin/sh\n[ $# -eq 3 ] && exec echo "{"0" * 64} *stdin"\n'
_LEAVES_OUT = f"""#!/bin/sh
[ $# -gt 3 ] || exec echo "{_ABC} *stdin"
shift 3
exec {{openssl}} dgst -sha256 -r "$@"
"""
_TALKS = f"""#!/bin/sh
[ $# -gt 3 ] || exec echo "{_ABC} *stdin"
echo "{"0" * 64} */etc/passwd"
echo "SHA2-256({{folder}}/plain.php)= {"0" * 64}"
echo "{"0" * 63}x *{{folder}}/plain.php"
exit 1
"""


def hashed(names: list[Path], at: Path, path: str) -> dict[str, str]:
    (at / "names").write_text(
        "".join(f"{n}\n".replace("\n", "\x01", str(n).count("\n")) for n in names)
    )
    done = subprocess.run(
        ("sh", "-c", _HASH, "sh", _CODE_SH),
        cwd=at,
        capture_output=True,
        check=True,
        env={"PATH": path, "LC_ALL": "C"},
    )
    lines = done.stdout.decode().splitlines()
    assert len(lines) == len({line[66:] for line in lines})
    return {line[66:].replace("\x01", "\n"): line[:64] for line in lines}


@pytest.mark.parametrize(
    "openssl", ["the real one", "none", "of other sums", "leaves out", "talks"]
)
def test_every_file_has_its_own_sum(openssl: str, tmp_path: Path) -> None:
    folder = tmp_path / "site"
    folder.mkdir()
    names = [folder / name for name in _ODD]
    for name in names:
        name.write_text(f"content of {name}")
    path = os.environ["PATH"]
    if openssl != "the real one":
        real = subprocess.run(("which", "openssl"), capture_output=True, text=True).stdout.strip()
        mine = tmp_path / "bin"
        mine.mkdir()
        for tool in ("sh", "awk", "tr", "xargs", "sha256sum", "rm", "mv", "cat", "echo"):
            found = subprocess.run(("which", tool), capture_output=True, text=True, check=True)
            (mine / tool).symlink_to(found.stdout.strip())
        program = {
            "none": "",
            "of other sums": _OTHER_ALGORITHM,
            "leaves out": _LEAVES_OUT.format(openssl=real),
            "talks": _TALKS.format(folder=folder),
        }[openssl]
        if program:
            (mine / "openssl").write_text(program)
            (mine / "openssl").chmod(0o755)
        path = str(mine)

    found = hashed([*names, folder / "gone.php"], tmp_path, path)

    assert found == {str(n): hashlib.sha256(n.read_bytes()).hexdigest() for n in names}
