"""Runs a network on lines: what it must return, on what hardware, and what it reads."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from baseline.batches import Batch, Pages
from harness.evaluator.decode import best_path
from harness.evaluator.score import score
from harness.nouns import Score, SubmissionError

Columns = TypeVar("Columns", int, Tensor)
BATCH = 16
"""Lines read side by side in validation."""


def ink_of(images: Tensor) -> Tensor:
    """uint8, ink dark on white -> float of the same shape, ink 1 on paper 0."""
    return (255 - images.float()) / 255


def half_precision(device: torch.device) -> AbstractContextManager[None]:
    """bfloat16 for convolutions and products where the device has it; elsewhere it would be slower than float32."""
    has = device.type == "cuda" or bool(_cpu().get("avx512_bf16") or _cpu().get("amx_bf16"))
    return torch.autocast(device.type, torch.bfloat16, enabled=has)


def _cpu() -> Mapping[str, object]:
    return torch.cpu.get_capabilities() if hasattr(torch.cpu, "get_capabilities") else {}


def steps_of(network: nn.Module, height: int, width: int, classes: int) -> int:
    """How many steps the network gives for a line of this width; SystemExit where it breaks the module contract."""
    network.eval()
    device = next((p.device for p in network.parameters()), torch.device("cpu"))
    shape = f"(2, 1, {height}, {width})"
    try:
        with torch.no_grad():
            logits = network(torch.zeros(2, 1, height, width, device=device))
    except Exception as error:  # a stranger's forward may raise anything
        cause = " ".join(str(error).split())[:160]
        raise SystemExit(f"The network fails on a float image of shape {shape}: {cause}") from error
    expected = f"for {shape} it must return one float tensor (2, time, {classes}): the blank and the alphabet's entries"
    if not isinstance(logits, Tensor):
        raise SystemExit(f"The network returns a {type(logits).__name__} in evaluation; {expected}.")
    right = logits.ndim == 3 and logits.shape[0] == 2 and logits.shape[1] > 0 and logits.shape[2] == classes
    if not right or not logits.is_floating_point():
        raise SystemExit(f"The network returns {logits.dtype} {tuple(logits.shape)}; {expected}.")
    return int(logits.shape[1])


def frames_of(widths: Columns, padded: int, time: int) -> Columns:
    """Of `time` steps for `padded` columns, those that belong to each line: ceil(time * width / padded)."""
    return (widths * time + padded - 1) // padded


@torch.no_grad()
def read(network: nn.Module, pages: Pages, alphabet: Sequence[str], most: int | None = None) -> dict[int, str]:
    """What the network reads on every line (or on every n-th, `most` in all), by the line's index."""
    network.eval()
    found: dict[int, str] = {}
    for lines in pages.by_width(BATCH, most):
        batch = pages.assemble(lines)
        with half_precision(pages.device):
            logits = network(ink_of(batch.images))
        frames = _frames(batch, logits)
        for line, steps, count in zip(lines.tolist(), _numpy(logits), frames, strict=True):
            found[line] = _decode(steps[:count], alphabet)
    return found


def _frames(batch: Batch, logits: Tensor) -> list[int]:
    return [int(n) for n in frames_of(batch.widths, batch.images.shape[3], logits.shape[1])]


def _numpy(logits: Tensor) -> NDArray[np.float32]:
    return np.asarray(logits.float().cpu().numpy(), np.float32)


def _decode(steps: NDArray[np.float32], alphabet: Sequence[str]) -> str:
    try:
        return best_path(steps, alphabet)
    except SubmissionError as error:
        raise SystemExit(f"In validation: {error.reason}") from None


def validate(
    network: nn.Module, pages: Pages, texts: Sequence[str], alphabet: Sequence[str], most: int | None = None
) -> Score:
    """The judge's figures on the validation lines, or on `most` of them."""
    read_as = read(network, pages, alphabet, most)
    return score({str(i): texts[i] for i in read_as}, {str(i): text for i, text in read_as.items()})
