"""Owns the one normalisation of text: what two texts must share to count as equal."""

import unicodedata


def normalise(text: str) -> str:
    """Unicode NFC, each run of whitespace as one space, ends stripped; case and punctuation stay.

    Whitespace is Python's own idea of it (`str.isspace`): besides space, tab and line ends also the no-break spaces
    (U+00A0, U+202F), the typographic spaces U+2000 to U+200A, U+1680, U+205F, U+3000, the separators U+001C to U+001F,
    U+0085, U+2028 and U+2029. A zero-width space (U+200B) is none of these and stays a character.
    Which sequences NFC composes is fixed by the Unicode standard for every character assigned so far; a character
    that this Python's tables do not know yet stays as it is.
    """
    return " ".join(unicodedata.normalize("NFC", text).split())
