"""A room without walls: the command is a child of the harness, with its limits watched. For one's own code only.

It does not protect files, the network, other processes or the harness itself: the job runs as the same user. Read-only
mounts can be written, and a job can kill the launcher that it is watched through. Works on Linux and macOS; on macOS a
process that leaves its parent within a tenth of a second may outlive the job.
"""

import os
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from harness.nouns import Job, Mount, Outcome, RoomName
from harness.rooms.preparing import all_mounts, code_root, environment, path_of, resource_limits, spelled
from harness.rooms.watching import Start, supervise

PASSED = ("CUDA_VISIBLE_DEVICES", "LD_LIBRARY_PATH")
"""The host's variables that a job gets: which GPUs a cluster assigned, and where its modules keep their libraries."""


class ProcessRoom:
    """Runs a job as a plain process. A place is spelled by its path on the host."""

    name: RoomName = "process"
    official = False

    def profile(self) -> Mapping[str, object]:
        """What is limited, and that nothing is closed."""
        return {"room": self.name, "system": sys.platform, "isolation": "none", "passed": list(PASSED)}

    def run(self, job: Job, watch: Callable[[float], None]) -> Outcome:
        """Run a job; see Room. Raises HarnessError where it cannot be run."""
        all_mounts(job)
        command = spelled(job, _on_host)
        with tempfile.TemporaryDirectory(prefix="room-", ignore_cleanup_errors=True) as scratch:
            home, temporary = Path(scratch, "home"), Path(scratch, "tmp")
            home.mkdir()
            temporary.mkdir()
            directory = Path(path_of(job.directory, job, _on_host)) if job.directory else temporary
            passed = {name: os.environ[name] for name in PASSED if name in os.environ}
            variables = environment(job, str(home), str(temporary), code_root(), passed)
            resources = resource_limits(job.limits, memory_backstop=False)
            return supervise(Start(command, variables, directory, resources), job, watch)


def _on_host(mount: Mount) -> str:
    return str(mount.host.absolute())
