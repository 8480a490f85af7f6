"""Reads lines with an admitted model: model.onnx and images in, predictions out. Sole user of onnxruntime.

It never sees a text of the truth. It does not protect the machine from the model (endless loops, memory, bugs of the
runtime): it runs in a closed room with limits.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Literal

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from harness.evaluator.decode import TooLong, Undecodable, best_path, ids_to_text
from harness.evaluator.predictions import Failure, Prediction, read_predictions, write_predictions
from harness.nouns import SubmissionError

__all__ = ["Prediction", "predict", "raw_outputs", "read_predictions", "write_predictions"]

FATAL_ONLY = 4
SECONDS_BETWEEN_NEWS = 0.5
Image = NDArray[np.uint8]
Read = Callable[[Image], tuple[str, Failure]]


def predict(model: Path | bytes, images: Sequence[tuple[str, Image]], alphabet: Sequence[str],
            output: Literal["logits", "ids"], threads: int,
            progress: Callable[[int], None] | None = None) -> list[Prediction]:  # fmt: skip
    """Read every line alone, at its true width; the predictions come in the order of `images`.

    images: (id, (height, width) uint8) pairs. threads: how many lines are read side by side, each in a session of its
    own on one CPU thread; which thread reads a line, and when, cannot change its text. progress: called now and then,
    from one thread at a time, with the number of lines done since the last call; the numbers add up to all lines.
    A line on which the model raises is "crashed", and reads as the empty text like an undecodable and an over-long one.
    Raises SubmissionError in phase "predict" where the model does not load, gives NaN, or breaks its output's shape.
    """
    data = model if isinstance(model, bytes) else model.read_bytes()
    work = _Work(images, progress)

    def read_lines() -> None:
        try:
            work.do(_reader(_session(data), alphabet, output))
        finally:
            work.stop()  # one thread's error ends the others; at a thread's own end nothing is left to stop

    count = max(1, min(threads, len(images)))
    with ThreadPoolExecutor(count, thread_name_prefix="read") as pool:
        for ended in [pool.submit(read_lines) for _ in range(count)]:
            ended.result()
    return [work.done[i] for i in range(len(images))]


def raw_outputs(model: Path, images: Sequence[Image]) -> list[NDArray[Any]]:
    """The model's one output for each image, undecoded, one image at a time; for holding an export against its source.

    Raises SubmissionError in phase "predict" where the model does not load, and whatever the runtime raises on a line.
    """
    session = _session(model.read_bytes())
    return [session.run(None, {"images": image[None]})[0] for image in images]


class _Work:
    """Lines still to be read, longest first so that all threads end together, and the predictions made."""

    def __init__(self, images: Sequence[tuple[str, Image]], progress: Callable[[int], None] | None) -> None:
        self._images, self._progress, self._lock = images, progress, threading.Lock()
        self._told, self._told_at = 0, time.perf_counter()
        self._left = deque(sorted(range(len(images)), key=lambda i: -images[i][1].shape[1]))
        self.done: dict[int, Prediction] = {}

    def stop(self) -> None:
        self._left.clear()

    def do(self, read: Read) -> None:
        """Read line after line until none is left."""
        while True:
            try:
                i = self._left.popleft()
            except IndexError:
                return
            line_id, image = self._images[i]
            start = time.perf_counter()
            text, failure = read(image)
            end = time.perf_counter()
            with self._lock:
                self.done[i] = Prediction(line_id, text, failure, end - start)
                self._tell(end)

    def _tell(self, now: float) -> None:
        # Whoever listens may write a file; once for every line would cost more than some lines do.
        if self._progress and (now - self._told_at >= SECONDS_BETWEEN_NEWS or len(self.done) == len(self._images)):
            self._progress(len(self.done) - self._told)
            self._told, self._told_at = len(self.done), now


def _session(data: bytes) -> Any:
    """A session on one CPU thread; its settings are for many lines of varying width, read side by side."""
    onnxruntime.disable_telemetry_events()
    onnxruntime.set_default_logger_severity(FATAL_ONLY)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    options.enable_mem_pattern = False  # patterns are kept for each shape, and here nearly every width is new
    options.use_deterministic_compute = True
    options.log_severity_level = FATAL_ONLY
    for pool in ("intra_op", "inter_op"):
        options.add_session_config_entry(f"session.{pool}.allow_spinning", "0")
    try:
        return onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
    except Exception as error:
        # Whatever the runtime raises here, it raises because of this model.
        cause = " ".join(str(error).split())[:200]
        reason = f"model.onnx does not load: {cause!r}; try it with onnxruntime {onnxruntime.__version__}."
        raise SubmissionError(reason, "predict") from None


def _reader(session: Any, alphabet: Sequence[str], output: Literal["logits", "ids"]) -> Read:
    """A function that reads one line with this session."""
    decode = best_path if output == "logits" else ids_to_text

    def read(image: Image) -> tuple[str, Failure]:
        try:
            (found,) = session.run([output], {"images": image[None]})
        except Exception:  # the runtime has no narrower common class for what a model can do wrong on one line
            return "", "crashed"
        try:
            return decode(found, alphabet), ""
        except TooLong:
            return "", "too long"
        except Undecodable:
            return "", "undecodable"

    return read
