"""Ogg pages with a serial number that is the same each time.

libsndfile draws the number of a stream at random, so the same sound would give other bytes every time. The number only
has to differ within one file (RFC 3533, section 4), and there is one stream in ours.
"""

from collections.abc import Iterator
from typing import IO

SERIAL = 1

_HEADER = 27
_SERIAL_AT = slice(14, 18)
_CHECKSUM_AT = slice(22, 26)
_POLYNOMIAL = 0x04C11DB7


def renumbered(source: IO[bytes]) -> Iterator[bytes]:
    """Each page of the file with the fixed serial number and its new checksum.

    Raises:
        OSError: if the file is not made of whole Ogg pages.
    """
    while head := source.read(_HEADER):
        if len(head) != _HEADER or not head.startswith(b"OggS"):
            raise OSError("not an Ogg page")
        lacing = source.read(head[26])
        body = source.read(sum(lacing))
        if len(lacing) != head[26] or len(body) != sum(lacing):
            raise OSError("an Ogg page was cut short")
        page = bytearray(head + lacing + body)
        page[_SERIAL_AT] = SERIAL.to_bytes(4, "little")
        page[_CHECKSUM_AT] = bytes(4)
        page[_CHECKSUM_AT] = _checksum(page).to_bytes(4, "little")
        yield bytes(page)


def _table() -> list[int]:
    table = []
    for index in range(256):
        value = index << 24
        for _ in range(8):
            value = (value << 1) ^ (_POLYNOMIAL if value & 0x80000000 else 0)
        table.append(value & 0xFFFFFFFF)
    return table


_TABLE = _table()


def _checksum(page: bytes | bytearray) -> int:
    """CRC-32 with the plain polynomial, no reflection, start 0 (RFC 3533, section 6)."""
    value = 0
    for byte in page:
        value = ((value << 8) & 0xFFFFFFFF) ^ _TABLE[(value >> 24) ^ byte]
    return value
