"""Harms a file as a bad disk or a broken transfer does."""

from pathlib import Path


def harm(file: Path, *, cut: bool, at: float) -> None:
    """Cut the file there, or flip one bit; owner and mode stay."""
    size = file.stat().st_size
    with file.open("r+b") as opened:
        place = int(at * (size - 1))
        if cut:
            opened.truncate(place)
            return
        opened.seek(place)
        byte = opened.read(1)[0]
        opened.seek(place)
        opened.write(bytes([byte ^ 1 << (place % 8)]))
