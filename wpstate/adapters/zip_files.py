"""Reads a zip so strictly that no unpacker can see another archive in the same bytes.

One end record, nothing before the first entry or after the end, no ZIP64 end, each local header
named as the directory says, each packed stream exactly as long as it says. What a listing may
hold is left to planning.zip_rules. Nothing is unpacked to disk.

Source of the format: PKWARE APPNOTE.TXT 6.3.10. Problems raised have no key yet.
"""

import struct
import zipfile
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from wpstate.model.problem import Problem, Refused
from wpstate.planning.zip_rules import LOCAL_HEADER_BYTES, MOST_ENTRIES, STORED, ZipEntry
from wpstate.resources.foreign_text import visible

_END = b"PK\x05\x06"
_END_BYTES = 22
_ZIP64_LOCATOR = b"PK\x06\x07"
_ZIP64_LOCATOR_BYTES = 20
_LONGEST_COMMENT_BYTES = 0xFFFF
_MOST_DIRECTORY_BYTES = MOST_ENTRIES * 640
_CHUNK_BYTES = 1 << 18
_UTF8_FLAG = 0x800
_ENCRYPTED_FLAGS = 0x2041
_UNICODE_PATH_FIELD = 0x7075


def listing(file: BinaryIO) -> tuple[ZipEntry, ...]:
    """The central directory, in its order. Raises Refused (`artifact.damaged`,
    `artifact.ambiguous`, `artifact.entries`)."""
    size_bytes = file.seek(0, 2)
    _check_end(file, size_bytes)
    try:
        with zipfile.ZipFile(file) as archive:
            entries = tuple(_entry(info) for info in archive.infolist())
    except (zipfile.BadZipFile, NotImplementedError, UnicodeDecodeError, struct.error) as why:
        raise _damaged(str(why)) from why
    if beyond := [entry.name for entry in entries if entry.offset >= size_bytes]:
        raise _damaged(f"entry {beyond[0]} begins beyond the end")
    return entries


def prove(file: BinaryIO, entry: ZipEntry, head_bytes: int) -> bytes:
    """Unpack one entry in memory, chunk by chunk, hold it against the directory, and return its
    first `head_bytes`. Raises Refused (`artifact.damaged`, `artifact.ambiguous`)."""
    file.seek(entry.offset)
    local = file.read(LOCAL_HEADER_BYTES)
    if len(local) < LOCAL_HEADER_BYTES or local[:4] != b"PK\x03\x04":
        raise _damaged(f"no entry where {entry.name} should be")
    name_bytes, extra_bytes = struct.unpack_from("<HH", local, 26)
    if file.read(name_bytes) != entry.name.encode():
        raise _ambiguous(f"{entry.name} has another name at its own place")
    file.seek(extra_bytes, 1)
    head, size_bytes, crc = b"", 0, 0
    try:
        for chunk in _unpacked(file, entry):
            head += chunk[: head_bytes - len(head)]
            size_bytes += len(chunk)
            crc = zlib.crc32(chunk, crc)
            if size_bytes > entry.size_bytes:
                break
    except (zlib.error, EOFError) as why:
        raise _damaged(f"{entry.name}: {why}") from why
    if (size_bytes, crc) != (entry.size_bytes, entry.crc):
        raise _damaged(f"{entry.name} is not what the zip's directory says")
    return head


def _check_end(file: BinaryIO, size_bytes: int) -> None:
    """Before zipfile may read a directory of any size into memory."""
    file.seek(max(0, size_bytes - _END_BYTES - _LONGEST_COMMENT_BYTES - _ZIP64_LOCATOR_BYTES))
    tail = file.read()
    at = tail.find(_END)
    if at < 0 or len(tail) - at < _END_BYTES:
        raise _damaged("no end record: not a zip, or cut short")
    fields = struct.unpack("<4H2LH", tail[at + 4 : at + _END_BYTES])
    disk, first_disk, count_here, count, directory_bytes, directory_at, comment_bytes = fields
    if count > MOST_ENTRIES or directory_bytes > _MOST_DIRECTORY_BYTES:
        what = "the zip holds too many entries"
        raise Refused((Problem("artifact.entries", what, found=f"{count} or more"),))
    end_at = size_bytes - len(tail) + at
    plain = (disk, first_disk, count_here) == (0, 0, count)
    whole = directory_at + directory_bytes == end_at
    last = end_at + _END_BYTES + comment_bytes == size_bytes and tail.find(_END, at + 1) < 0
    zip64 = tail[:at][-_ZIP64_LOCATOR_BYTES:].startswith(_ZIP64_LOCATOR)
    if zip64 or not (plain and whole and last):
        raise _ambiguous("more than one archive in the file, or bytes around it")


def _entry(info: zipfile.ZipInfo) -> ZipEntry:
    return ZipEntry(
        name=info.orig_filename,
        size_bytes=info.file_size,
        packed_bytes=info.compress_size,
        crc=info.CRC,
        offset=info.header_offset,
        mode=info.external_attr >> 16,
        method=info.compress_type,
        encrypted=bool(info.flag_bits & _ENCRYPTED_FLAGS),
        legacy_name=not (info.flag_bits & _UTF8_FLAG or info.orig_filename.isascii()),
        second_name=_UNICODE_PATH_FIELD in _extra_fields(info.extra),
    )


def _extra_fields(extra: bytes) -> Iterator[int]:
    while len(extra) >= 4:
        field, size_bytes = struct.unpack_from("<HH", extra)
        yield field
        extra = extra[4 + size_bytes :]


def _unpacked(file: BinaryIO, entry: ZipEntry) -> Iterator[bytes]:
    """Chunks of bounded size. Raises EOFError unless the stream ends with its packed bytes."""
    packed = _packed(file, entry.packed_bytes)
    if entry.method == STORED:
        yield from packed
        return
    stream = zlib.decompressobj(-zlib.MAX_WBITS)
    for waiting in packed:
        # A full chunk may leave more inside the stream, even with nothing left to feed it.
        chunk = stream.decompress(waiting, _CHUNK_BYTES)
        while chunk and not stream.eof:
            yield chunk
            chunk = stream.decompress(stream.unconsumed_tail, _CHUNK_BYTES)
        yield chunk
    if not stream.eof or stream.unused_data:
        raise EOFError("the packed stream ends elsewhere")


def _packed(file: BinaryIO, size_bytes: int) -> Iterator[bytes]:
    while size_bytes > 0:
        chunk = file.read(min(size_bytes, _CHUNK_BYTES))
        if not chunk:
            raise EOFError("cut short")
        size_bytes -= len(chunk)
        yield chunk


def _damaged(found: str) -> Refused:
    return Refused((Problem("artifact.damaged", "the zip is damaged", found=visible(found, 200)),))


def _ambiguous(found: str) -> Refused:
    what = "the zip can be read in two ways"
    return Refused((Problem("artifact.ambiguous", what, found=visible(found, 200)),))
