"""``convoke announce …`` on an announcement that exists: what it prints, and what it changes."""

import asyncio
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from bot.domain.delivery import Lane
from bot.storage import tables
from bot.storage.database import Database, Write
from tests.integration.cli.test_commands import Convoke, convoke, printed

t: Any = tables
__all__ = ("convoke",)
HOME = "moon-lab"
MADE = ("announce", "create", "--title", "New year", "--text-file", "letter.md")


def test_times_are_said_as_they_were_meant(convoke: Convoke) -> None:
    convoke("roster", "import", "roster.csv")
    for number, (words, said) in enumerate(
        (
            (("--at-local", "2030-01-01 09:00"), "on each reader's clock"),
            (("--at", "2030-01-31T09:00+08:00", "--every", "month"), "every month"),
            (("--at", "2030-01-31T09:00+08:00", "--late-until", "2030-02-28T00:00Z"), "2030-01-31"),
        ),
        1,
    ):
        assert said in convoke(*MADE, *words, "--yes").stdout
        assert said in convoke("announce", "list").stdout
        assert said in convoke("announce", "show", str(number)).stdout
    assert "joiners   until 2030-02-28" in convoke("announce", "show", "3").stdout
    assert printed(convoke("announce", "show", "1", "--json"))["timing"] == "reader"


def test_what_was_not_sent_can_be_neither_corrected_nor_recalled_nor_chased(
    convoke: Convoke,
) -> None:
    convoke(*MADE, "--ack")
    for words in (
        ("correct", "1", "--text-file", "letter.md"),
        ("recall", "1"),
        ("resend", "1"),
        ("chase", "1"),
        ("pause", "1"),
        ("resume", "1"),
    ):
        assert "1" in convoke("announce", *words, expect=1).stderr
    assert "draft" in convoke("announce", "show", "1").stdout
    assert printed(convoke("announce", "show", "1", "--json"))["acknowledge"] is True
    report = printed(convoke("announce", "report", "1", "--json"))
    assert (report["acknowledged"], report["changes"], report["organisations"]) == (0, [], [])


def test_files_and_letters_go_with_it(convoke: Convoke, tmp_path: Path) -> None:
    convoke("roster", "import", "roster.csv")
    (tmp_path / "poster.png").write_bytes(b"picture")
    folder = tmp_path / "letters"
    folder.mkdir()
    empty = convoke(*MADE, "--letters", "letters", expect=1)
    assert "name each" in empty.stderr
    (folder / "nobody.pdf").write_bytes(b"x")
    assert "nobody.pdf" in convoke(*MADE, "--letters", "letters", expect=1).stderr
    (folder / "nobody.pdf").rename(folder / f"{HOME}.pdf")
    made = convoke(*MADE, "--letters", "letters", "--file", "poster.png")
    assert "is draft" in made.stdout
    shown = convoke("announce", "show", "1").stdout
    assert "poster.png (1 KB)" in shown
    assert f"{HOME}.pdf (1 KB, for {HOME})" in shown
    assert "letter:1" in shown
    files = printed(convoke("announce", "show", "1", "--json"))["files"]
    assert [one["organisation"] for one in files] == ["", HOME]
    assert "no folder" in convoke(*MADE, "--letters", "letter.md", expect=2).stderr
    assert "gone.pdf" in convoke(*MADE, "--file", "gone.pdf", expect=1).stderr
    (tmp_path / "huge.pdf").write_bytes(b"x" * (6 * 1024 * 1024))
    assert "5 MB" in convoke(*MADE, "--file", "huge.pdf", expect=1).stderr
    assert len(printed(convoke("announce", "list", "--json"))) == 1


def test_the_report_as_tables(convoke: Convoke, tmp_path: Path) -> None:
    convoke("roster", "import", "roster.csv")
    convoke(*MADE)
    told = convoke("announce", "report", "1", "--out", "homes.csv", "--unreached", "who.csv")
    assert "homes.csv" in told.stderr
    assert (tmp_path / "homes.csv").read_text("utf-8-sig").startswith("organisation,name,sent to")
    lines = (tmp_path / "who.csv").read_text("utf-8-sig").splitlines()
    assert lines[0] == "state,why,messenger,to,organisation"
    assert any("eve@example.org" in line for line in lines[1:])


def test_whom_it_cannot_reach_is_said_before_it_is_sent(convoke: Convoke) -> None:
    convoke("roster", "import", "roster.csv")
    assert "for 2 chats" in convoke(*MADE).stdout
    said = convoke("announce", "show", "1").stdout
    assert "goes to   2 people of 2 organisations: 2 on telegram" in said
    assert "eve@example.org" in said
    assert "The person is on no messenger." in said
    reach = printed(convoke("announce", "show", "1", "--json"))["reach"]
    assert reach["chats"] == {"telegram": 2}
    assert (reach["people"], reach["reachable"]) == (3, 2)
    assert [one["reason"] for one in reach["unreachable"]] == ["no_messenger"]


async def _sent_to_all() -> None:
    """Let announcement 1 have arrived in every chat."""
    database = Database(os.environ["CONVOKE_DATABASE_URL"])

    async def work(write: Write) -> None:
        now = datetime(2020, 1, 1, tzinfo=UTC)
        await write.count(update(t.Announcement).values(state="sent", frozen_at=now))
        chats = select(t.Address, t.Account.person_id).join(
            t.Account, t.Account.id == t.Address.account_id
        )
        for one in await write.all(chats):
            copy = {"platform": one.platform, "account": one.account, "address_id": one.id}
            copy |= {"person_id": one.person_id, "announcement_id": 1, "state": "delivered"}
            await write.execute(insert(t.Delivery).values(lane=int(Lane.BULK), **copy))

    await database.write(work)
    await database.close()


def test_a_reminder_waits_for_a_second_person_as_well(
    convoke: Convoke, monkeypatch: pytest.MonkeyPatch
) -> None:
    convoke("roster", "import", "roster.csv")
    convoke(*MADE, "--ack")
    asyncio.run(_sent_to_all())
    monkeypatch.setenv("CONVOKE_APPROVAL", "second")
    monkeypatch.setenv("CONVOKE_LARGE_AUDIENCE", "1")
    said = convoke("announce", "chase", "1", "--yes").stdout
    assert "announcement 2, review" in said
    assert "somebody else" in said
    monkeypatch.setenv("CONVOKE_APPROVAL", "number")
    assert "announcement 3, scheduled" in convoke("announce", "chase", "1", "--yes").stdout
