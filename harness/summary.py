"""From truth and predictions to what a record tells of a score: the judge's figures, an interval, writers, groups."""

from collections.abc import Mapping, Sequence

from harness.evaluator.score import count_edits, score
from harness.nouns import EditCounts, GroupScore, LineScore, Score, ScoreSummary, WriterCounts
from harness.statistics import accuracy_interval


def summarise(truth: Mapping[str, str], predictions: Mapping[str, str], writers: Mapping[str, str],
              groups: Mapping[str, Sequence[str]], failed_lines: int) -> ScoreSummary:  # fmt: skip
    """Score predictions by line id. writers: line id -> writer (empty where unknown); groups: name -> writers."""
    judged = score(truth, predictions)
    return _summary(judged, count_edits(truth, predictions), writers, groups, failed_lines)


def _summary(judged: Score, counts: EditCounts, writers: Mapping[str, str],
             groups: Mapping[str, Sequence[str]], failed_lines: int) -> ScoreSummary:  # fmt: skip
    lines = judged.lines
    interval = accuracy_interval(
        [line.edits for line in lines], [line.characters for line in lines], [writers[line.id] for line in lines]
    )
    by_writer = tuple(_count(writer, lines, writers) for writer in sorted(set(writers.values()) - {""}))
    return ScoreSummary(
        judged.character_accuracy, judged.cer, judged.wer, judged.exact_lines, judged.mean_line_accuracy,
        len(lines), judged.characters, judged.edits, judged.words, judged.word_edits,
        counts.substitutions, counts.insertions, counts.deletions, failed_lines, interval, by_writer,
        tuple(_group(name, members, by_writer) for name, members in sorted(groups.items())),
    )  # fmt: skip


def _count(writer: str, lines: Sequence[LineScore], writers: Mapping[str, str]) -> WriterCounts:
    own = [line for line in lines if writers[line.id] == writer]
    return WriterCounts(writer, len(own), sum(line.characters for line in own), sum(line.edits for line in own))


def _group(name: str, members: Sequence[str], writers: Sequence[WriterCounts]) -> GroupScore:
    own = [writer for writer in writers if writer.writer in members]
    characters = sum(writer.characters for writer in own)
    accuracy = 1 - sum(writer.edits for writer in own) / max(1, characters)
    return GroupScore(name, sum(writer.lines for writer in own), len(own), accuracy)
