"""Owns the standings: which record of an entry counts, against which others, at which rank. Knows no HTML.

Ranks go by `character_accuracy` as it is: no paired test is made, so two neighbours may well differ by chance.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from harness.nouns import InputError, Record, ScoreSummary
from harness.record import record_digest


@dataclass(frozen=True, order=True)
class Basis:
    """What two scores must share before one may be called higher: the data and the judge, by digest.

    `practice` is True only where a competition ranks official rooms alone and the run was in another.
    """

    dataset: str
    version: str
    synthetic: bool
    test: str
    truth: str
    evaluator_version: int
    evaluator: str
    practice: bool = False


@dataclass(frozen=True)
class Filed:
    """A record and its digest, which names it: a run that is scored again keeps its id in a second record."""

    record: Record
    digest: str


@dataclass(frozen=True)
class Row:
    """An entry's record that counts. Equal accuracies share a rank, and the ranks after them are left out."""

    rank: int
    tied: bool
    filed: Filed
    score: ScoreSummary

    @property
    def record(self) -> Record:
        """The record that the score is from."""
        return self.filed.record


@dataclass(frozen=True)
class Group:
    """Rows that may be compared, best first."""

    basis: Basis
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Board:
    """The standings.

    ranked: the group whose ranks are the board's, or None. apart: groups on other data or by another judge.
    without_score: the newest run of each entry where that run has no score, newest first.
    history: entry name -> all its records, newest first. corrected: digest of a record -> of the one that corrects it.
    """

    ranked: Group | None
    apart: tuple[Group, ...]
    without_score: tuple[Filed, ...]
    history: Mapping[str, tuple[Filed, ...]]
    corrected: Mapping[str, str]


def standings(records: Sequence[Record], official_only: bool = False) -> Board:
    """The board of these records, whatever their order.

    An entry's row is its newest run with a score that no later record corrects. Ranked are the rows by the newest
    judge on the data that most entries share. Raises InputError where a figure is no number.
    """
    newest_first = _newest_first(records)
    corrected = _corrected(newest_first)
    standing = [filed for filed in newest_first if filed.digest not in corrected]
    groups = [_group(basis, rows) for basis, rows in _by_basis(standing, official_only).items()]
    main = max((group for group in groups if not group.basis.practice), key=_weight, default=None)
    apart = sorted((group for group in groups if group is not main), key=_weight, reverse=True)
    history: dict[str, tuple[Filed, ...]] = {}
    for filed in newest_first:
        name = filed.record.entry.name
        history[name] = (*history.get(name, ()), filed)
    return Board(main, tuple(apart), _without_score(standing), history, corrected)


def counted_score(record: Record) -> ScoreSummary | None:
    """The score that may stand on a board: a run with a fault has none, whatever else its record says."""
    return record.score if record.fault is None else None


def is_official(record: Record) -> bool:
    """Whether the run was in the one kind of room that counts as official."""
    return record.room.official and record.room.name == "docker"


def submitted_at(record: Record) -> datetime:
    """When a run was submitted; a time without a zone is UTC, and what is no time at all is the oldest."""
    try:
        moment = datetime.fromisoformat(record.submitted)
    except ValueError:
        return datetime.min.replace(tzinfo=UTC)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def basis_of(record: Record, official_only: bool = False) -> Basis:
    """What a record's score rests on."""
    data, judge = record.dataset, record.evaluator
    practice = official_only and not is_official(record)
    return Basis(data.name, data.version, data.synthetic, data.test, data.truth, judge.version, judge.digest, practice)


def _newest_first(records: Sequence[Record]) -> list[Filed]:
    filed = {found.digest: found for found in map(_filed, records)}
    return sorted(filed.values(), key=_age, reverse=True)


def _filed(record: Record) -> Filed:
    try:
        return Filed(record, record_digest(record))
    except ValueError as error:
        raise InputError(f"record {record.id}: it cannot be written as JSON ({error}); score the run again.") from None


def _age(filed: Filed) -> tuple[datetime, str, str]:
    return submitted_at(filed.record), filed.record.id, filed.digest


def _corrected(newest_first: Iterable[Filed]) -> dict[str, str]:
    """Digest of a record -> digest of the record that corrects it, which names it by digest or by id.

    A record can correct only an earlier one of its own entry, so that nobody can take another team off the board.
    """
    oldest_last = list(newest_first)
    named = {name: filed for filed in oldest_last for name in (filed.record.id, filed.digest)}
    corrected: dict[str, str] = {}
    for new in oldest_last:
        old = named.get(new.record.corrects)
        if old is not None and _may_correct(new, old) and corrected.get(new.digest) != old.digest:
            corrected.setdefault(old.digest, new.digest)
    return corrected


def _may_correct(new: Filed, old: Filed) -> bool:
    same_entry = new.record.entry.name == old.record.entry.name
    return same_entry and new.digest != old.digest and submitted_at(old.record) <= submitted_at(new.record)


def _by_basis(newest_first: Iterable[Filed], official_only: bool) -> dict[Basis, dict[str, Filed]]:
    """For each basis, the newest record with a score of each entry by name."""
    groups: dict[Basis, dict[str, Filed]] = defaultdict(dict)
    for filed in newest_first:
        if counted_score(filed.record) is not None:
            groups[basis_of(filed.record, official_only)].setdefault(filed.record.entry.name, filed)
    return groups


def _group(basis: Basis, entries: Mapping[str, Filed]) -> Group:
    scored = [(filed, score) for filed in entries.values() if (score := counted_score(filed.record))]
    scored.sort(key=lambda pair: (-pair[1].character_accuracy, submitted_at(pair[0].record), pair[0].record.entry.name))
    values = [score.character_accuracy for _, score in scored]
    rows = (
        Row(values.index(score.character_accuracy) + 1, values.count(score.character_accuracy) > 1, filed, score)
        for filed, score in scored
    )
    return Group(basis, tuple(rows))


def _weight(group: Group) -> tuple[bool, int, int, datetime, Basis]:
    """The newest judge before anything else, then the data that most entries share, then the newest run."""
    newest = max(submitted_at(row.record) for row in group.rows)
    return not group.basis.practice, group.basis.evaluator_version, len(group.rows), newest, group.basis


def _without_score(standing: Iterable[Filed]) -> tuple[Filed, ...]:
    newest: dict[str, Filed] = {}
    for filed in standing:
        newest.setdefault(filed.record.entry.name, filed)
    return tuple(filed for filed in newest.values() if counted_score(filed.record) is None)
