"""Whether a sound file is all there: decoders read what there is of a half copied file, and do not complain."""

import struct
from pathlib import Path
from typing import IO

_STREAMED = {0, 0x7FFFFFFF, 0xFFFFFFFE, 0xFFFFFFFF}
"""Lengths that a program writes which cannot go back to the header: they say nothing."""
_OGG_TAIL = 1 << 16
"""No page of Ogg is longer (RFC 3533: at most 65,307 bytes)."""
_OGG_HEADER = 27
_OGG_LAST = 4


def is_cut_short(path: Path) -> bool:
    """Whether a WAV or Ogg file ends before its own headers say; False for what this cannot tell.

    Raises:
        OSError: if it cannot be read.
    """
    with path.open("rb") as file:
        start = file.read(12)
        if start[:4] == b"RIFF" and start[8:] == b"WAVE":
            return _wav_is_cut(file, path.stat().st_size)
        if start[:4] == b"OggS":
            return _ogg_is_cut(file, path.stat().st_size)
    return False


def _wav_is_cut(file: IO[bytes], size: int) -> bool:
    while len(header := file.read(8)) == 8:
        name, length = struct.unpack("<4sI", header)
        if name == b"data":
            return length not in _STREAMED and file.tell() + length > size
        file.seek(length + length % 2, 1)
    return True


def _ogg_is_cut(file: IO[bytes], size: int) -> bool:
    """The last page carries the mark of the stream's end, and all of its segments."""
    file.seek(max(0, size - _OGG_TAIL))
    tail = file.read()
    at = tail.rfind(b"OggS")
    page = tail[at:]
    if at < 0 or len(page) < _OGG_HEADER or not page[5] & _OGG_LAST:
        return True
    segments = page[_OGG_HEADER : _OGG_HEADER + page[26]]
    return len(page) < _OGG_HEADER + page[26] + sum(segments)
