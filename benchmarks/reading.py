"""How much longer `htr-harness evaluate` takes than a bare onnxruntime loop over the same lines on the same threads.

    python benchmarks/reading.py MODEL.onnx DATASET [--threads 2] [--runs 5]

Both are whole processes, started in turn: A B A B. The bare loop opens the line store with h5py, makes one session
a thread as the harness does, and reads every line; it has no room, no gate, no decoding, no score. Prints the median
of the ratios pair by pair, and each side's seconds. DATASET is a dataset's folder; `evaluate` reads it on the threads
that its practice limits say, which is 2.
"""

import argparse
import statistics
import subprocess
import sys
import time
from pathlib import Path

BARE = """
import sys
from concurrent.futures import ThreadPoolExecutor
import h5py, onnxruntime
model, store, threads = sys.argv[1], sys.argv[2], int(sys.argv[3])
with h5py.File(store) as file:
    strip, offset = file["strip"][:], file["offset"][:]
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = options.inter_op_num_threads = 1
options.enable_mem_pattern = False
sessions = [onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"]) for _ in range(threads)]
todo = sorted(range(len(offset) - 1), key=lambda i: offset[i + 1] - offset[i])
def work(session):
    while todo:
        try:
            i = todo.pop()
        except IndexError:
            return
        session.run(None, {"images": strip[None, :, offset[i]:offset[i + 1]].copy()})
with ThreadPoolExecutor(threads) as pool:
    list(pool.map(work, sessions))
"""


def seconds(*command: str) -> float:
    """Wall seconds of a whole process that must succeed."""
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - start


def main() -> None:
    """Run both in turn and print the ratio."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", type=Path)
    parser.add_argument("dataset", type=Path)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--room", default="best")
    parser.add_argument("--runs", type=int, default=5)
    asked = parser.parse_args()
    store = asked.dataset / "public" / "test.h5"
    bare = (sys.executable, "-c", BARE, str(asked.model), str(store), str(asked.threads))
    ours = (sys.executable, "-m", "harness", "evaluate", str(asked.model), "--data", str(asked.dataset),
            "--room", asked.room)  # fmt: skip
    seconds(*bare)
    seconds(*ours)
    pairs = [(seconds(*ours), seconds(*bare)) for _ in range(asked.runs)]
    ratios = sorted(one / other for one, other in pairs)
    print(f"evaluate / bare loop: median {statistics.median(ratios):.3f} (from {ratios[0]:.3f} to {ratios[-1]:.3f})")
    for name, values in zip(("evaluate ", "bare loop"), zip(*pairs, strict=True), strict=True):
        print(f"{name} median {statistics.median(values):.2f} s of {asked.runs} runs")


if __name__ == "__main__":
    main()
