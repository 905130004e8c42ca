"""The terminal adapter as its user has it: ``convoke run`` on standard input and output."""

import asyncio
import os
import sys
from pathlib import Path

import pytest

DATA = Path(__file__).parents[1] / "data" / "conferences" / "lighthouse"


async def convoke(folder: Path, *words: str) -> asyncio.subprocess.Process:
    kept = {key: one for key, one in os.environ.items() if not key.startswith("CONVOKE_")}
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", *words),
        cwd=folder,
        env={
            **kept,
            "CONVOKE_ADAPTERS": "terminal",
            "LANG": "zh_CN.UTF-8",
            "CONVOKE_HTTP_PORT": "0",
        }
        | {"PYTHONPATH": str(Path(__file__).parents[2]), "PYTHONUTF8": "1"},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


async def read_until(process: asyncio.subprocess.Process, wanted: str) -> str:
    assert process.stdout is not None
    seen = ""
    async with asyncio.timeout(30):
        while wanted not in seen:
            line = (await process.stdout.readline()).decode()
            assert line, f"it ended; seen so far: {seen}"
            seen += line
    return seen


def type_line(process: asyncio.subprocess.Process, text: str) -> None:
    assert process.stdin is not None
    process.stdin.write(f"{text}\n".encode())


@pytest.mark.e2e
async def test_somebody_asks_at_the_prompt_and_presses_a_number(tmp_path: Path) -> None:
    imported = await convoke(tmp_path, "import", str(DATA))
    await imported.communicate()
    process = await convoke(tmp_path, "run")
    try:
        type_line(process, "有楼梯吗？")
        assert "一百九十九级" in await read_until(process, "来源")
        type_line(process, "/events")
        # Two numbers stand below the first message already: who are you, and privacy.
        listed = await read_until(process, "├ [3]")
        assert "│" in listed
        title = listed.split("├ [3] ")[1].split("\n")[0]
        type_line(process, "3")
        assert title.rstrip("…")[:20] in await read_until(process, "╭ 3") + await read_until(
            process, "╰"
        )
    finally:
        process.terminate()
        _out, log = await process.communicate()
    assert process.returncode == 0
    assert "Traceback" not in log.decode()
