"""``convoke announce …`` on an announcement that exists: what it prints, and what it changes."""

from tests.integration.cli.test_commands import Convoke, convoke, printed

__all__ = ("convoke",)
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
