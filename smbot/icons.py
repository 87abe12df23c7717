"""The bot's two icons for Teams, drawn here: a speech bubble, as on the local page. Plain PNG, without a library."""

import struct
import zlib
from collections.abc import Iterator, Sequence
from math import ceil, floor

Point = tuple[float, float]
Shape = Sequence[Point]

GROUND = "#1d4f5f"
BUBBLE: Shape = ((8, 9), (24, 9), (24, 19), (15, 19), (10, 23), (10, 19), (8, 19))
"""In 32 parts of the width: 96 of 192 pixels, which Teams leaves free of its own corners."""
OUTER: Shape = ((4, 6), (28, 6), (28, 22), (17, 22), (9, 28), (9, 22), (4, 22))
INNER: Shape = ((6, 8), (26, 8), (26, 20), (16.3, 20), (11, 24), (11, 20), (6, 20))
SLICES = 8
"""Lines that are looked at within a row of pixels."""


def colour() -> bytes:
    """192x192: white on the ground's colour, nothing of it transparent."""
    size, ground = 192, tuple(bytes.fromhex(GROUND[1:]))
    covered = _covered(_scaled(BUBBLE, size / 32), size)
    return _png([[(*(round(g + (255 - g) * c) for g in ground), 255) for c in row] for row in covered])


def outline() -> bytes:
    """32x32: a white outline on nothing; edges differ in transparency alone, for Teams wants no other colour."""
    outer, inner = _covered(OUTER, 32), _covered(INNER, 32)
    rows = zip(outer, inner, strict=True)
    return _png([[(255, 255, 255, round(255 * (o - i))) for o, i in zip(*row, strict=True)] for row in rows])


def _scaled(shape: Shape, factor: float) -> Shape:
    return [(x * factor, y * factor) for x, y in shape]


def _covered(shape: Shape, size: int) -> list[list[float]]:
    """How much of each pixel lies within the shape, 0 to 1."""
    rows = [[0.0] * size for _ in range(size)]
    for y in range(size):
        for n in range(SLICES):
            for begin, end in _spans(shape, y + (n + 0.5) / SLICES):
                for x in range(floor(begin), ceil(end)):
                    rows[y][x] += (min(end, x + 1) - max(begin, x)) / SLICES
    return rows


def _spans(shape: Shape, y: float) -> Iterator[tuple[float, float]]:
    """From where to where a line at this height lies within the shape."""
    edges = zip(shape, [*shape[1:], shape[0]], strict=True)
    crossed = sorted(
        x0 + (y - y0) * (x1 - x0) / (y1 - y0) for (x0, y0), (x1, y1) in edges if (y0 > y) != (y1 > y)
    )
    yield from zip(crossed[::2], crossed[1::2], strict=True)


def _png(rows: Sequence[Sequence[Sequence[int]]]) -> bytes:
    """Red, green, blue and alpha, eight bits each."""
    head = struct.pack(">IIBBBBB", len(rows[0]), len(rows), 8, 6, 0, 0, 0)
    body = b"".join(b"\0" + bytes(part for pixel in row for part in pixel) for row in rows)
    chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(body, 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in chunks)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
