"""``convoke demo`` as its user runs it, and that nothing of it is left behind."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]
COMMAND = [sys.executable, "-m", "bot", "demo"]
Demo = subprocess.Popen[bytes]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the demo puts its files; nothing may stay there."""
    return tmp_path


@pytest.fixture
def demo(folder: Path) -> Iterator[Demo]:
    """An interactive demo whose service is up."""
    with start(folder) as process:
        yield process
        process.kill()


def start(folder: Path, *arguments: str) -> Demo:
    environment = {
        **os.environ,
        "TMPDIR": str(folder),
        "CONVOKE_ADAPTERS": "none-such",
        "PYTHONIOENCODING": "utf-8",
    }
    return subprocess.Popen(
        [*COMMAND, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=environment,
    )


def read_until(process: Demo, wanted: str) -> str:
    """Read until ``wanted`` stands there; the test's own time-out ends a vain wait."""
    assert process.stdout
    text = b""
    while wanted.encode() not in text:
        piece = os.read(process.stdout.fileno(), 4096)
        assert piece, text.decode()
        text += piece
    return text.decode("utf-8", "replace")


def started_by(process: int) -> list[int]:
    """Return the processes that this one has started."""
    listed = subprocess.run(
        ["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=True
    )
    pairs = [line.split() for line in listed.stdout.splitlines()]
    return [int(pid) for pid, parent in pairs if int(parent) == process]


def gone(pids: list[int], seconds: float = 10) -> bool:
    """Wait until none of them runs any more; one that nobody has buried yet does not run."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        states = subprocess.run(
            ["ps", "-o", "stat=", "-p", ",".join(map(str, pids))],
            capture_output=True,
            text=True,
            check=False,
        ).stdout.split()
        if all(state.startswith("Z") for state in states):
            return True
        time.sleep(0.1)
    return False


def test_headless_keeps_every_promise(folder: Path) -> None:
    with start(folder, "--headless") as process:
        out, _ = process.communicate(timeout=280)
    text = out.decode()
    assert process.returncode == 0, text
    assert "kill -9" in text
    assert "checks hold" in text
    assert "FAILED" not in text
    assert list(folder.iterdir()) == []


def test_one_asks_presses_and_leaves(folder: Path) -> None:
    typed = "\n".join(
        ["When is the Frontier Forum?", "events", "1", "1", "9", ":as 13", "谢谢", ":nonsense",
         ":convoke announce list", ":convoke run", ":time 2020-01-01 00:00", ":quit", "never said"]
    )  # fmt: skip
    with start(folder) as process:
        out, _ = process.communicate(typed.encode(), timeout=240)
    text = out.decode()
    assert process.returncode == 0, text
    for wanted in (
        "first half of 2020",
        "[1] ✅ Going",
        "Your seat is confirmed.",
        "There are 3 buttons",
        "不客气",
        "There is no :nonsense",
        "None.",
        "`convoke run` runs already",
        "01 January 2020",
    ):
        assert wanted in text
    assert "never said" not in text
    assert "Traceback" not in text
    assert "INFO" not in text
    assert list(folder.iterdir()) == []


def test_the_end_of_the_input_ends_it(demo: Demo, folder: Path) -> None:
    read_until(demo, "> ")
    children = started_by(demo.pid)
    assert children
    demo.communicate(timeout=90)
    assert demo.returncode == 0
    assert gone(children)
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it(demo: Demo, folder: Path, number: signal.Signals) -> None:
    read_until(demo, "> ")
    children = started_by(demo.pid)
    demo.send_signal(number)
    demo.wait(30)
    assert demo.returncode == 0
    assert gone(children)
    assert list(folder.iterdir()) == []


def test_the_service_dies_with_a_demo_that_is_killed(demo: Demo) -> None:
    read_until(demo, "> ")
    children = started_by(demo.pid)
    assert children
    demo.kill()
    demo.wait(10)
    assert gone(children)


def test_a_killed_service_comes_back_and_answers(demo: Demo) -> None:
    assert demo.stdin
    read_until(demo, "> ")
    children = started_by(demo.pid)
    demo.stdin.write(b":kill\n")
    demo.stdin.flush()
    read_until(demo, "It is back")
    assert gone(children)
    demo.stdin.write(b"Who leads the Alliance?\n:quit\n")
    demo.stdin.flush()
    text = read_until(demo, "The demo is over")
    assert "WANG Enge" in text
    assert demo.wait(30) == 0


def test_a_port_in_use_is_explained(folder: Path) -> None:
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with start(folder, "--port", str(taken.getsockname()[1])) as process:
            out, _ = process.communicate(timeout=90)
    assert process.returncode == 1
    assert "Choose another with --port" in out.decode()
    assert "Traceback" not in out.decode()
    assert list(folder.iterdir()) == []
