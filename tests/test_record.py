"""Records: canonical, whole, never edited, and described by a schema."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from harness.nouns import Fault, InputError, Record
from harness.record import encode, published_name, read_record, record_digest, record_schema, write_record
from leaderboard.shelf import add_record, read_records
from tests.test_run import go, make_submission, setting


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory, small_data: Path) -> Record:
    """A record of a run with a plain room."""
    tmp_path = tmp_path_factory.mktemp("run")
    return go(make_submission(tmp_path), setting(tmp_path, small_data))[1]


def test_a_record_comes_back_as_it_went(record: Record, tmp_path: Path) -> None:
    """Byte for byte."""
    write_record(tmp_path / "record.json", record)
    assert read_record(tmp_path / "record.json") == record
    assert (tmp_path / "record.json").read_bytes() == encode(record)


def test_a_record_is_never_written_over(record: Record, tmp_path: Path) -> None:
    """A correction is a new record that names the old one."""
    write_record(tmp_path / "record.json", record)
    with pytest.raises(InputError, match="never edited"):
        write_record(tmp_path / "record.json", replace(record, corrects=record_digest(record)))


@pytest.mark.parametrize(
    ("edit", "sentence"),
    [
        (lambda text: text.replace('"seed":1', '"seed": 1'), "not in canonical form"),
        (lambda text: text.replace('"seed":1', '"seed":"x"'), "seed: "),
        (lambda text: text.replace('"format":1', '"format":2'), "format 2"),
        (lambda text: text[:-20], "record.json"),
        (lambda text: text.replace('"lines":12', '"lines":NaN'), "record.json"),
        (lambda text: text.replace('"official":false', '"official":false,"extra":1'), "not in canonical form"),
    ],
)
def test_an_edited_record_is_noticed(record: Record, tmp_path: Path, edit: object, sentence: str) -> None:
    """One sentence with the file's name."""
    text = encode(record).decode()
    changed = edit(text)  # type: ignore[operator]
    assert changed != text
    (tmp_path / "record.json").write_text(changed)
    with pytest.raises(InputError, match=sentence):
        read_record(tmp_path / "record.json")


def test_a_published_record_with_one_changed_figure_is_noticed(record: Record, tmp_path: Path) -> None:
    """Canonical as it may be, its name no longer fits."""
    path = add_record(tmp_path, record)
    assert read_records(tmp_path) == [record]
    assert record.score is not None
    better = replace(record, score=replace(record.score, character_accuracy=0.999))
    path.write_bytes(encode(better))
    with pytest.raises(InputError, match="does not fit its content"):
        read_records(tmp_path)
    assert published_name(better) != published_name(record)


def test_the_schema_describes_every_record(record: Record) -> None:
    """Each key of a record stands in it, and each required key of it in a record."""
    schema, plain = record_schema(), json.loads(encode(record))
    assert schema["$schema"].startswith("https://json-schema.org")
    assert set(schema["properties"]) == set(plain)
    assert set(schema["required"]) <= set(plain)
    fault = json.loads(encode(replace(record, score=None, fault=Fault("participant", "train", "why"))))
    assert set(fault["fault"]) == set(schema["$defs"]["Fault"]["properties"])
