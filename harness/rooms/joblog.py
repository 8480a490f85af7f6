"""What a job prints, copied to a file that never grows past its cap.

The bytes are kept as they came, control characters and all: whoever shows the file to a terminal cleans it first.
"""

import os
import select
import threading
from pathlib import Path
from types import TracebackType

CHUNK = 2**16
NOTICE = "\n[... {} bytes left out ...]\n"
NOTICE_ROOM = 64


class JobLog:
    """Copies a pipe into a file on a thread of its own: the first half of the cap at once, the last half at the end.

    The pipe is read to its end whatever happens to the file, so a job never waits for a full disk or a full log.
    `failure` is the error that the file gave, if any.
    """

    def __init__(self, path: Path, cap: int) -> None:
        self.failure: OSError | None = None
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o644)
        self._head = cap // 2
        self._keep = max(0, cap - self._head - NOTICE_ROOM)
        self._tail, self._left_out = bytearray(), 0
        self._reader, self.writer = os.pipe()
        os.set_blocking(self._reader, False)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._copy, name="job log", daemon=True)

    def __enter__(self) -> "JobLog":
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Write the end of the log; the job's processes are gone by now, or their pipe is left behind."""
        self.let_go()
        self._over.set()
        self._thread.join()
        os.close(self._reader)
        self._write(self._ending())
        os.close(self._file)

    def let_go(self) -> None:
        """Close this process's own end for writing, once the job holds another."""
        if self.writer >= 0:
            os.close(self.writer)
            self.writer = -1

    def _copy(self) -> None:
        while True:
            last = self._over.is_set()
            select.select([self._reader], [], [], 0 if last else 0.1)
            try:
                chunk = os.read(self._reader, CHUNK)
            except BlockingIOError:
                if last:
                    return
                continue
            if not chunk:
                return
            self._take(chunk)

    def _take(self, chunk: bytes) -> None:
        head, rest = chunk[: self._head], chunk[self._head :]
        self._head -= len(head)
        self._write(head)
        self._tail += rest
        if len(self._tail) > self._keep + 4 * CHUNK:  # trimmed now and then: each trim moves the whole tail
            self._trim()

    def _trim(self) -> None:
        extra = max(0, len(self._tail) - self._keep)
        self._left_out += extra
        del self._tail[:extra]

    def _ending(self) -> bytes:
        self._trim()
        notice = NOTICE.format(self._left_out).encode() if self._left_out else b""
        return notice + bytes(self._tail)

    def _write(self, data: bytes) -> None:
        try:
            while data and not self.failure:
                data = data[os.write(self._file, data) :]
        except OSError as error:
            self.failure = error
