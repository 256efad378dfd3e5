"""Writes images/: small pictures of many kinds, and in decode.safetensors the RGB bytes that PIL reads from each.

    python make_decode_golden.py
"""

import json
import shutil
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps
from safetensors.numpy import save_file

from pictures import exif_orientation, waves

FOLDER = Path(__file__).resolve().parent / "images"
WIDTH, HEIGHT = 24, 17
GREY, GREY_ALPHA, RGB, RGBA = 0, 4, 2, 6
ADAM7 = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]


def colours(channels: int = 3, phase: float = 0.0) -> np.ndarray:
    return waves(WIDTH, HEIGHT, channels, phase)


def picture(channels: int = 3, phase: float = 0.0) -> Image.Image:
    values = colours(channels, phase)
    return Image.fromarray(values[:, :, 0] if channels == 1 else values)


def deep(channels: int) -> np.ndarray:
    """uint16 [height, width, channels] whose low bytes are not those of widened 8-bit values."""
    values = colours(channels).astype(np.uint16)
    return values * 256 + np.arange(values.size, dtype=np.uint16).reshape(values.shape) * 37 % 256


def saved(file: str, image: Image.Image, **options) -> Callable[[], None]:
    return lambda: image.save(FOLDER / file, **options)


def png(file: str, values: np.ndarray, colour_type: int, interlaced: bool = False) -> Callable[[], None]:
    """A PNG of a kind that PIL cannot write: values are uint8 or uint16 [height, width, channels]."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    def rows(part: np.ndarray) -> bytes:
        return b"".join(b"\0" + row.tobytes() for row in part if row.size)

    big_endian = values.astype(values.dtype.newbyteorder(">"))
    passes = [big_endian[y::dy, x::dx] for x, y, dx, dy in ADAM7] if interlaced else [big_endian]
    height, width, _ = values.shape
    header = struct.pack(">IIBBBBB", width, height, values.itemsize * 8, colour_type, 0, 0, interlaced)
    body = zlib.compress(b"".join(map(rows, passes)), 9)
    content = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")
    return lambda: (FOLDER / file).write_bytes(content)


EXACT = {
    "rgb.png": saved("rgb.png", picture()),
    "grey.png": saved("grey.png", picture(1)),
    "one-bit.png": saved("one-bit.png", picture(1).convert("1")),
    "palette.png": saved("palette.png", picture(phase=1.0).quantize(16)),
    "palette-transparent.png": saved("palette-transparent.png", picture(phase=1.0).quantize(16),
                                     transparency=bytes([0, 128, 255, 64])),
    "grey-alpha.png": saved("grey-alpha.png", Image.fromarray(colours(2))),
    "rgba.png": saved("rgba.png", picture(4)),
    "interlaced.png": png("interlaced.png", colours(), RGB, interlaced=True),
    "grey-16-bit.png": png("grey-16-bit.png", deep(1), GREY),
    "grey-alpha-16-bit.png": png("grey-alpha-16-bit.png", deep(2), GREY_ALPHA),
    "rgb-16-bit.png": png("rgb-16-bit.png", deep(3), RGB),
    "rgba-16-bit.png": png("rgba-16-bit.png", deep(4), RGBA),
    "rotated.png": saved("rotated.png", picture(), exif=exif_orientation(6)),
    "palette.gif": saved("palette.gif", picture(phase=1.0).quantize(16)),
    "transparent.gif": saved("transparent.gif", picture(phase=1.0).quantize(16), transparency=3),
    "animated.gif": saved("animated.gif", picture(phase=1.0).quantize(16), save_all=True,
                          append_images=[picture(phase=2.0).quantize(16)]),
    "rgb.bmp": saved("rgb.bmp", picture()),
    "palette.bmp": saved("palette.bmp", picture(phase=1.0).quantize(256)),
    "grey.bmp": saved("grey.bmp", picture(1)),
    "one-bit.bmp": saved("one-bit.bmp", picture(1).convert("1")),
    "lossless.webp": saved("lossless.webp", picture(), lossless=True),
    "lossless-alpha.webp": saved("lossless-alpha.webp", picture(4), lossless=True, exact=True),
    "rotated.webp": saved("rotated.webp", picture(), lossless=True, exif=exif_orientation(6)),
}

LOSSY = {
    "rgb-444.jpg": saved("rgb-444.jpg", picture(), quality=90, subsampling="4:4:4"),
    "rgb-420.jpg": saved("rgb-420.jpg", picture(), quality=90, subsampling="4:2:0"),
    "progressive.jpg": saved("progressive.jpg", picture(), quality=90, progressive=True),
    "grey.jpg": saved("grey.jpg", picture(1), quality=90),
    "cmyk.jpg": saved("cmyk.jpg", picture().convert("CMYK"), quality=90),
    "no-ycc.jpg": saved("no-ycc.jpg", picture(), quality=90, keep_rgb=True),
    **{f"orientation-{n}.jpg": saved(f"orientation-{n}.jpg", picture(), quality=90, subsampling="4:4:4",
                                     exif=exif_orientation(n)) for n in range(1, 9)},
    "lossy.webp": saved("lossy.webp", picture(), quality=90),
    "lossy-alpha.webp": saved("lossy-alpha.webp", picture(4), quality=90, exact=True),
}


def read_rgb(file: str) -> np.ndarray:
    """uint8 [height, width, 3] as PIL reads it: first frame, turned by its EXIF orientation, alpha dropped."""
    return np.asarray(ImageOps.exif_transpose(Image.open(FOLDER / file)).convert("RGB"))


def main() -> None:
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir()
    for write in (EXACT | LOSSY).values():
        write()
    save_file({f"{file}.rgb": np.ascontiguousarray(read_rgb(file)) for file in EXACT | LOSSY},
              FOLDER / "decode.safetensors")
    (FOLDER / "decode.safetensors").chmod(0o644)
    lists = {"exact": list(EXACT), "lossy": list(LOSSY)}
    (FOLDER / "decode.json").write_text(json.dumps(lists, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
