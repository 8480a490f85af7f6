"""What only the process room can be asked."""

import pytest

from harness.nouns import HarnessError
from harness.rooms.process import ProcessRoom
from tests.rooms.conftest import Stage

pytestmark = pytest.mark.slow  # every test starts real processes


def test_only_two_of_the_hosts_variables_pass(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "3")
    monkeypatch.setenv("NVIDIA_DRIVER_CAPABILITIES", "all")
    stage.run(ProcessRoom(), "import os; print([name for name in os.environ if name[:4] in ('CUDA', 'NVID')])")
    assert stage.said() == "['CUDA_VISIBLE_DEVICES']\n"


def test_a_job_that_kills_its_launcher_gains_nothing(stage: Stage) -> None:
    program = """
        import os, signal, time
        if not os.fork():
            os.setsid()
            time.sleep(60)
        time.sleep(1)
        os.kill(os.getppid(), signal.SIGKILL)
        time.sleep(60)
    """
    with pytest.raises(HarnessError, match="its launcher is gone"):
        stage.run(ProcessRoom(), program)
