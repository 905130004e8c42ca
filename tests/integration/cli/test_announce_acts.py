"""``convoke announce …`` on an announcement that exists: what it prints, and what it changes."""

from pathlib import Path

from tests.integration.cli.test_commands import Convoke, convoke, printed

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
