"""The pictures of the golden cases, drawn from formulas: nothing here comes from elsewhere."""

from pathlib import Path

import numpy as np
from PIL import Image


def waves(width: int, height: int, channels: int = 3, phase: float = 0.0) -> np.ndarray:
    """uint8 [height, width, channels]: smooth colour waves with a few hard edges."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float64)
    planes = [
        127.5 + 127.5 * np.sin(phase + (c + 1) * 5.0 * x / width + (c - 1.5) * 4.0 * y / height)
        for c in range(channels)
    ]
    picture = np.stack(planes, axis=-1)
    picture[height // 4 : height // 2, width // 3 : width // 2] = 255 - picture[0, 0]
    picture[-1, :] = 0
    return picture.round().astype(np.uint8)


def exif_orientation(orientation: int) -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = orientation
    return exif


def draw_rotated(folder: Path) -> str:
    """A JPEG whose EXIF orientation says that it must be turned by 90 degrees before use."""
    Image.fromarray(waves(58, 33, phase=2.0)).save(folder / "rotated.jpg", quality=92, exif=exif_orientation(6))
    return "rotated.jpg"


def draw_all(folder: Path) -> list[str]:
    """Writes every picture of a case into folder and returns the file names in order."""
    folder.mkdir(parents=True, exist_ok=True)
    Image.fromarray(waves(61, 37)).save(folder / "wide.png")
    Image.fromarray(waves(45, 70, phase=0.7)).save(folder / "tall.jpg", quality=90)
    Image.fromarray(waves(50, 50, channels=1)[:, :, 0]).save(folder / "grey.png")
    Image.fromarray(waves(48, 40, phase=1.0)).quantize(16).save(folder / "palette.png", transparency=3)
    Image.fromarray(waves(5, 7, phase=3.0)).save(folder / "tiny.png")
    return ["wide.png", "tall.jpg", "grey.png", "palette.png", "tiny.png", draw_rotated(folder)]
