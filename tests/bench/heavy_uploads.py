"""Writes the heavy site's uploads: 5,000 files of about 20 KB that no packer can make smaller."""

import random
import sys
from pathlib import Path

FILES = 5_000
MONTHS = 50


def main(uploads: Path) -> None:
    dice = random.Random(1)
    for number in range(FILES):
        folder = uploads / f"{2020 + number % MONTHS // 12}" / f"{number % MONTHS % 12 + 1:02}"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"picture-{number}.jpg").write_bytes(dice.randbytes(dice.randint(15_000, 25_000)))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
