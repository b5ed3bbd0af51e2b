"""The tutorial, run as it stands against a demo in a process of its own; started again, nothing is lost."""

import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.integration.http.live import free_port

ROOT = Path(__file__).parents[2]
PATIENCE = 90
"""Seconds for a demo to be ready."""


@contextmanager
def demo(folder: Path, port: int) -> Iterator[str]:
    environment = {
        **os.environ,
        "NIKTOKROMENAS_DATA": str(folder),
        "NIKTOKROMENAS_HTTP_PORT": str(port),
        "NIKTOKROMENAS_ESIA_EMULATOR_PORT": str(free_port()),
    }
    command = [sys.executable, "-m", "niktokromenas.adapters.cli", "demo", "--messages", "5"]
    process = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL)
    try:
        base = f"http://localhost:{port}"
        _ready(base, process)
        yield base
    finally:
        process.send_signal(signal.SIGTERM)
        _, told = process.communicate(timeout=30)
    assert process.returncode == 0, told.decode()


def _ready(base: str, process: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{base}/health/ready", timeout=2) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.2)
    pytest.fail("the demo did not become ready")


def _script() -> str:
    page = (ROOT / "docs" / "tutorial.md").read_text("utf-8")
    return "set -euo pipefail\n" + "\n".join(re.findall(r"```bash\n(.*?)```", page, re.DOTALL))


@pytest.mark.clause("3.1")
@pytest.mark.clause("3.8")
def test_the_tutorial_works_as_it_stands_and_the_demo_starts_again_without_loss(tmp_path: Path) -> None:
    port = free_port()
    with demo(tmp_path, port) as base:
        done = subprocess.run(
            ["bash", "-c", _script()],
            env={**os.environ, "BASE": base},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        lines = done.stdout.split()
        told = done.stdout.splitlines()
        number = lines[lines.index("message") + 1]
        assert told[0] == "Лебедева Анна Сергеевна"
        stages = ["accepted", "routed", "routed", "routed", "routed", "answered", "closed"]
        assert [line for line in told if line in set(stages)] == stages
        assert told[-4:-1] == ["done", "Яма заделана горячим асфальтом", number]
        assert int(told[-1]) >= 3
    with demo(tmp_path, port) as base:
        page = urllib.request.urlopen(f"{base}/m/{number}", timeout=5).read().decode()
        assert "Яма заделана горячим асфальтом" in page
