"""From a finished run to its competition's folder: the record, and pictures of the validation lines it shows."""

from pathlib import Path

from harness.datasets.folder import open_dataset, read_split
from harness.nouns import Record
from leaderboard.shelf import add_picture, add_record


def publish(record: Record, data: Path, board: Path) -> None:
    """Add a record to a board's folder, with pictures of its validation lines where their licence allows."""
    if record.readings and record.dataset.licence.public_images:
        valid = read_split(data, open_dataset(data), "valid")
        index = {line_id: i for i, line_id in enumerate(valid.ids)}
        for reading in record.readings:
            add_picture(board, reading.id, valid.image(index[reading.id]))
    add_record(board, record)
