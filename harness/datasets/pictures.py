"""Opens one line image of any format that Pillow reads as dark ink on white at a given height."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from harness.nouns import InputError

WIDEST = 65_535
"""Pixels; a line that would be wider at the wanted height is refused as no line."""


def read_picture(path: Path, height: int) -> NDArray[np.uint8]:
    """(height, width) uint8 with the aspect ratio kept; transparent parts are paper.

    Raises InputError with the file's name where Pillow cannot read it or its shape is no line's.
    """
    try:
        with Image.open(path) as opened:
            grey = _grey(ImageOps.exif_transpose(opened))
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        reason = " ".join(str(error).split()).replace(str(path), path.name)[:120]
        raise InputError(f"{path}: no image that can be read ({reason}).") from None
    width = max(1, round(grey.width * height / grey.height))
    if width > WIDEST:
        raise InputError(f"{path}: {grey.width} x {grey.height} pixels is far too wide for a line.")
    if (width, height) != grey.size:
        grey = grey.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=3.0)
    return np.asarray(grey, np.uint8)


def _grey(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I"):
        levels = np.asarray(image, np.float32) / 256
        return Image.fromarray(np.clip(levels, 0, 255).astype(np.uint8))
    if "A" in image.getbands() or "transparency" in image.info:
        coloured = image.convert("RGBA")
        paper = Image.new("RGBA", coloured.size, "white")
        return Image.alpha_composite(paper, coloured).convert("L")
    return image.convert("L")
