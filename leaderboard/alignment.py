"""Aligns a line with its reading, cell by cell, for the eye. It is no judge: the figures come from the record."""

import unicodedata
from dataclasses import dataclass
from itertools import groupby

LONGEST = 400


@dataclass(frozen=True)
class Cell:
    """One column of an alignment: a code point of the text over one of the reading, empty where there is none."""

    text: str
    reading: str

    @property
    def wrong(self) -> bool:
        """Whether the judge would count an edit here."""
        return self.text != self.reading


@dataclass(frozen=True)
class Run:
    """Neighbouring cells that are all right or all wrong; both rows have `len(cells)` characters, `·` for none."""

    wrong: bool
    text: str
    reading: str


def align(text: str, reading: str) -> list[Cell]:
    """A cheapest alignment, edits of one code point costing one each; O(len(text) * len(reading)).

    Lines longer than LONGEST code points are cut there, so that a hostile reading cannot stall a build.
    """
    text, reading = _composed(text), _composed(reading)
    table = _distances(text, reading)
    i, j, cells = len(text), len(reading), list[Cell]()
    while i or j:
        if i and j and table[i][j] == table[i - 1][j - 1] + (text[i - 1] != reading[j - 1]):
            i, j = i - 1, j - 1
            cells.append(Cell(text[i], reading[j]))
        elif i and table[i][j] == table[i - 1][j] + 1:
            i -= 1
            cells.append(Cell(text[i], ""))
        else:
            j -= 1
            cells.append(Cell("", reading[j]))
    return cells[::-1]


def _composed(text: str) -> str:
    return unicodedata.normalize("NFC", " ".join(text.split()))[:LONGEST]


def _distances(text: str, reading: str) -> list[list[int]]:
    """(len(text) + 1, len(reading) + 1): the edits between every two beginnings."""
    table = [list(range(len(reading) + 1))]
    for i, wanted in enumerate(text, 1):
        above, row = table[-1], [i]
        for j, read in enumerate(reading, 1):
            row.append(min(above[j - 1] + (wanted != read), above[j] + 1, row[-1] + 1))
        table.append(row)
    return table


def words(cells: list[Cell]) -> list[list[Run]]:
    """The cells cut after every space of the text into pieces that a page may break between, each a list of runs."""
    pieces: list[list[Cell]] = [[]]
    for cell in cells:
        pieces[-1].append(cell)
        if cell.text == " ":
            pieces.append([])
    return [_runs(piece) for piece in pieces if piece]


def _runs(piece: list[Cell]) -> list[Run]:
    runs = []
    for wrong, group in groupby(piece, key=lambda cell: cell.wrong):
        cells = list(group)
        runs.append(Run(wrong, _row([cell.text for cell in cells]), _row([cell.reading for cell in cells])))
    return runs


def _row(characters: list[str]) -> str:
    """A no-break space for a space, so that its cell keeps its width and its mark."""
    return "".join(character.replace(" ", "\u00a0") or "·" for character in characters)
