"""Owns the handwriting fonts: which packages bring them, and which of them training never sees.

Every face holds a glyph for every character of `prose.ALPHABET` (a test looks), so no line shows an empty
box.
"""

import functools
import io
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources

from PIL import ImageFont

from harness.nouns import InputError


@dataclass(frozen=True)
class Face:
    """Where a font lies: its package, its files from light to bold, a variable file's range of weights."""

    package: str
    files: tuple[str, ...]
    axis: tuple[int, int] | None = None


FACES: Mapping[str, Face] = {
    "Caveat": Face("fontpkg_caveat", ("Caveat[wght].ttf",), (400, 700)),
    "Dancing Script": Face("fontpkg_dancing_script", ("DancingScript[wght].ttf",), (400, 700)),
    "Delius": Face("fontpkg_delius", ("Delius-Regular.ttf",)),
    "Indie Flower": Face("fontpkg_indie_flower", ("IndieFlower-Regular.ttf",)),
    "Intuitive": Face("font_intuitive", ("Intuitive.ttf",)),
    "Kalam": Face("fontpkg_kalam", ("Kalam-Light.ttf", "Kalam-Regular.ttf", "Kalam-Bold.ttf")),
    "Satisfy": Face("fontpkg_satisfy", ("Satisfy-Regular.ttf",)),
    "Shadows Into Light": Face("fontpkg_shadows_into_light", ("ShadowsIntoLight.ttf",)),
    "Zeyada": Face("fontpkg_zeyada", ("Zeyada.ttf",)),
}
UNSEEN = ("Caveat", "Delius")
SEEN = tuple(name for name in FACES if name not in UNSEEN)


def open_font(name: str, weight: float, size: float) -> ImageFont.FreeTypeFont:
    """A font at `size` pixels an em; `weight` is 0 for its lightest, 1 for its boldest.

    Raises InputError where the font's package is missing.
    """
    face = FACES[name]
    file = face.files[min(int(weight * len(face.files)), len(face.files) - 1)]
    content = io.BytesIO(_content(face.package, file))
    # The basic layout, because some builds of Pillow lack the other one, which draws other bytes.
    font = ImageFont.truetype(content, size, layout_engine=ImageFont.Layout.BASIC)
    if face.axis:
        font.set_variation_by_axes([face.axis[0] + weight * (face.axis[1] - face.axis[0])])
    return font


@functools.cache
def _content(package: str, file: str) -> bytes:
    try:
        return (resources.files(package) / "files" / file).read_bytes()
    except (ModuleNotFoundError, FileNotFoundError):
        raise InputError(
            f"the font package {package.replace('_', '-')} is missing, so synthetic lines cannot be drawn; "
            "run `pip install 'htr-harness[demo]'`."
        ) from None
