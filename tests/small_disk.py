"""A small file system of its own for what wpstate keeps of an account's site, to be filled."""

import os
import pwd
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def small_disk(account_name: str) -> Iterator[Path]:
    """The folder, mounted in memory until the end; only where the account has one site."""
    account = pwd.getpwnam(account_name)
    folder = Path(account.pw_dir) / ".wpstate"
    folder.mkdir(exist_ok=True)
    os.chown(folder, account.pw_uid, account.pw_gid)
    options = f"size=300m,mode=700,uid={account.pw_uid},gid={account.pw_gid}"
    subprocess.run(("mount", "-t", "tmpfs", "-o", options, "tmpfs", folder), check=True)
    try:
        yield folder
    finally:
        subprocess.run(("umount", "-l", folder), check=True)
