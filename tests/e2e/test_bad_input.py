"""What nobody should send, type or set: answered clearly, and nothing is lost by it."""

import asyncio
from functools import partial
from pathlib import Path

import pytest

from bot.simulators.base import SimulatedPerson
from tests.e2e.support import COLUMNS, World, until, world

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

FORGED = (
    "rsvp:999999:going:a",
    "rsvp:99999999999999999:going",
    "rsvp:" + "9" * 50 + ":going",
    "rsvp:-1:going",
    "rsvp:1:going; DROP TABLE rsvp",
    "rsvp:1' OR '1'='1:going",
    "rsvp:1:perhaps",
    "rsvp:١:going",
    "rsvp:1:going:b",
    "event:1e3",
    "event:4294967297",
    "late:1:send",
    "late:x:cancel",
    "command:revoke",
    "nobody:knows",
    "rsvp",
    ":::",
    "\ud83d",
    "\x00",
    " ",
)


async def still_answers(here: World, *users: str) -> None:
    """The service goes on for these people: the answer to a question arrives."""
    for user in users:
        before = sum("hall 42" in one.text for one in here.from_bot(user))
        here.say(user, "Where is the cafeteria?")
        await here.gets(user, "hall 42", before + 1)


async def test_messages_and_buttons(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        await talk_nonsense(here)


@pytest.mark.postgres
async def test_messages_and_buttons_on_postgresql(tmp_path: Path, postgres_url: str) -> None:
    async with world(tmp_path, CONVOKE_DATABASE_URL=postgres_url) as here:
        await talk_nonsense(here)


async def talk_nonsense(here: World) -> None:
    await here.furnish(4, 2)
    number = await here.announce("--rsvp", "forum", title="Invitation")
    run = await here.started()
    await here.is_sent(number)
    telegram, slack = here.telegram, here.slack
    card = here.from_bot("1001")[0]

    # Pressed twice: one answer, one change, and the second press is told so.
    here.press("1001", card, "Going")
    here.press("1001", card, "Going")
    await until(lambda: len(telegram.journal.notices("1001")) == 2, "both presses are answered")
    await here.gets("1001", "✅ Noted")
    slack_card = here.from_bot("U00000001")[0]
    here.press("U00000001", slack_card, "Going")
    here.press("U00000001", slack_card, "Going")
    await here.gets("U00000001", "✅ Noted")

    # Forged by another member and by a stranger: the victim's chat stays as it is.
    victim = [(one.text, list(one.history)) for one in telegram.journal.messages("1001")]
    for forger in ("1002", "666666"):
        telegram.press(forger, card.id, "rsvp:1:declined:a", chat="1001")
        await until(partial(telegram.journal.notices, forger), "the forger is told")
    slack.press("U00000002", slack_card.id, "rsvp:1:declined:a", chat="U00000001")
    for data in FORGED:
        telegram.press("1002", "1", data)
    for data in FORGED[::4]:  # Slack is answered once a second
        slack.press("U00000002", slack_card.id, data)
    # Long, empty, strange.
    for text in (
        "x" * 10_000,
        "?" * 4097,
        "\ud83d lone",
        "nul \x00 here",
        "\u202eabc",
        "/" + "y" * 300,
    ):
        here.say("1003", text)
    here.say("U00000002", "x" * 10_000)
    here.say("U00000002", "\ud83d \x00")
    person = telegram.world.user("1004")
    chat = telegram.world.chat("1004")
    sticker = {"file_id": "a", "file_unique_id": "b", "type": "regular", "width": 9, "height": 9}
    common = {"message_id": 77, "from": person, "chat": chat, "date": 1600000000}
    telegram.inject("message", {**common, "sticker": {**sticker, "is_animated": 0, "is_video": 0}})
    telegram.inject("message", {**common, "message_id": 78, "text": ""})
    telegram.inject("message", {"message_id": "no number"})
    telegram.inject("callback_query", {"id": "1", "from": person, "chat_instance": "1"})
    await still_answers(here, "1002", "1003", "1004", "U00000002", "1001")
    await until(
        lambda: len(telegram.journal.notices("1002")) == 1 + len(FORGED), "each press is answered"
    )
    assert "too long" in " ".join(one.text for one in here.from_bot("1003"))
    seen = [(one.text, list(one.history)) for one in telegram.journal.messages("1001")]
    assert seen[: len(victim)] == victim
    assert "Your answer: going" in here.from_bot("1001")[0].text
    assert "Your answer: going" in here.from_bot("U00000001")[0].text
    taken = await here.rows("SELECT taken FROM event_seats")
    assert sum(row.taken for row in taken) == 2
    failed = await here.rows("SELECT payload, error FROM inbox WHERE state <> 'done'")
    assert list(failed) == []
    await run.stopped()


async def test_platform_trouble(tmp_path: Path) -> None:
    """Blocked, gone, lost, flooded, broken: each ends where the report says."""
    async with world(tmp_path) as here:
        await here.furnish(8, 3)
        telegram, slack = here.telegram, here.slack
        run = await here.started()
        telegram.block("1001")
        telegram.vanish("1002")
        slack.block("U00000001")
        here.say("1003", "/stop")
        await here.gets("1003", "nnouncements")
        await here.is_idle()
        telegram.lose_answers(1)
        slack.lose_answers(1)
        one = await here.is_sent(await here.announce(title="One"))
        assert one["total"] == 11
        assert (one["failed"], one["skipped"], one["unconfirmed"]) in ((2, 2, 2), (3, 1, 2)), one
        assert one["delivered"] == 5
        why = {row["to"]: (row["state"], row["reason"]) for row in one["unreached"]}
        assert why["p1003@center.example"] == ("skipped", "stopped")
        assert why["p1001@center.example"][1].startswith("blocked")
        # What was lost arrived, and is not sent again.
        reached = set(here.everybody()) - {"1001", "1002", "1003", "U00000001"}
        assert {here.copies(user, "One") for user in reached} == {1}

        # Flooded for two seconds and broken three times; blocked ones are left out.
        telegram.answer_errors(1, 429, retry_after=2)
        slack.answer_errors(1, 429, retry_after=2)
        at = len(telegram.journal.requests)
        two = await here.is_sent(await here.announce(title="Two"))
        assert (two["skipped"], two["failed"], two["unconfirmed"]) == (4, 0, 0), two
        assert two["delivered"] == 7
        sends = [r for r in telegram.journal.requests[at:] if r.method == "sendMessage"]
        flooded = next(r for r in sends if r.status == "429")
        after = [r for r in sends if r.at > flooded.at + 0.1]
        assert after
        assert min(r.at for r in after) - flooded.at >= 2.0

        # Whoever writes again is reached again; a server error may have sent it or not.
        telegram.block("1001", False)
        here.say("1001", "Where is the cafeteria?")
        slack.block("U00000001", False)
        here.say("U00000001", "Where is the cafeteria?")
        here.say("1003", "/start")
        await here.gets("1001", "hall 42")
        await here.gets("U00000001", "hall 42")
        await until(lambda: len(here.from_bot("1003")) > 1, "a welcome")
        telegram.answer_errors(2, 500)
        three = await here.is_sent(await here.announce(title="Three"))
        assert (three["total"], three["skipped"], three["unconfirmed"]) == (11, 1, 2), three
        for user in ("1001", "1003", "U00000001"):
            assert here.copies(user, "Three") <= 1
        assert here.copies("U00000001", "Three") == 1
        await run.stopped()


async def test_commands_say_what_is_wrong(tmp_path: Path) -> None:
    """Exit 1 or 2 and a sentence; a traceback is a bug."""
    async with world(tmp_path) as here:
        await here.furnish(2)
        letter = here.write("letter.md", "Hello")
        here.write("latin.md", b"Gr\xfc\xdfe")
        here.write("nul.md", "a\x00b")
        here.write("empty.md", " \n")
        here.write("not-a-database.db", "This is no SQLite file. " * 100)
        create = ["announce", "create", "--title", "T", "--text-file", letter]
        long_rows = "\n".join(
            (
                COLUMNS,
                "Org,XX,A,a@o.example,contact,en,Europe/Berlin,,,,",
                "Org,DE,B,no-mail,contact,en,Europe/Berlin,,,,",
                "Org,DE,C,c@o.example,boss,en,Europe/Berlin,,,,",
                "Org,DE,D,d@o.example,contact,en,Mars/Phobos,,,,",
                "Org,DE,E,e@o.example,contact,en,Europe/Berlin,,not-a-number,,",
                "Org,DE,F,f@o.example,contact,en,Europe/Berlin,,,,",
                '"unclosed',
            )
        )
        here.write("bad.csv", long_rows)
        here.write("columns.csv", "name,mail\nA,b\n")
        here.write("latin.csv", COLUMNS.encode("utf-16-le"))
        here.write("fake.xlsx", COLUMNS)
        here.write("page.json", "<html>")
        here.write("deep.json", '{"a":' * 100_000)
        here.write("bomb.xml", '<!DOCTYPE x [<!ENTITY a "b">]><schedule>&a;</schedule>')
        here.write("empty.ics", "BEGIN:VCALENDAR\nEND:VCALENDAR\n")
        here.write("huge.json", b" " * 11_000_000)
        url = here.settings["CONVOKE_DATABASE_URL"]
        wrong: list[tuple[list[str], dict[str, str], int, str]] = [
            (["roster", "import", "bad.csv"], {}, 1, "line 3"),
            (["roster", "import", "columns.csv"], {}, 1, "columns"),
            (["roster", "import", "latin.csv"], {}, 1, "UTF-8"),
            (["roster", "import", "missing.csv"], {}, 1, "missing.csv"),
            (["roster", "import", "."], {}, 1, ""),
            (["roster", "import", "fake.xlsx"], {}, 1, "fake.xlsx"),
            (["roster", "import", "fake.xlsx", "--dry-run"], {}, 1, "fake.xlsx"),
            (["roster", "export", "--out", "none/r.csv"], {}, 1, "none/r.csv"),
            (["import", "missing"], {}, 1, "missing"),
            (["import", "missing.ics"], {}, 1, "missing.ics"),
            (["import", "page.json"], {}, 1, "page.json line 1"),
            (["import", "deep.json", "--dry-run"], {}, 1, "deep.json"),
            (["import", "bomb.xml"], {}, 1, "entities"),
            (["import", "empty.ics"], {}, 1, "no VEVENT"),
            (["import", "huge.json"], {}, 1, "larger than 10 MB"),
            (["import", "page.json", "--timezone", "Mars/Phobos"], {}, 1, "Mars/Phobos"),
            (["import", "letter.md"], {}, 1, "letter.md"),
            ([*create, "--audience", "country:"], {}, 1, "character"),
            ([*create, "--audience", "all and (lang:de"], {}, 1, "character"),
            ([*create, "--audience", "org:atlantis"], {}, 1, "org:atlantis"),
            ([*create, "--audience", "event:nothing:going"], {}, 1, "event:nothing"),
            ([*create, "--audience", "(" * 5000], {}, 1, ""),
            ([*create, "--rsvp", "nothing"], {}, 1, "nothing"),
            ([*create, "--at", "2001-01-01T00:00+00:00"], {}, 1, "passed"),
            ([*create, "--at", "2031-01-01T00:00"], {}, 2, "offset"),
            ([*create, "--at", "soon"], {}, 2, "--at"),
            ([*create, "--at", "9999-12-31T23:59:59-23:59"], {}, 2, "beyond"),
            (["announce", "create", "--title", "T", "--text-file", "no.md"], {}, 1, "no.md"),
            (["announce", "create", "--title", "T", "--text-file", "latin.md"], {}, 1, "UTF-8"),
            (["announce", "create", "--title", "T", "--text-file", "empty.md"], {}, 1, "empty"),
            (["announce", "create", "--title", " ", "--text-file", letter], {}, 1, "title"),
            (["announce", "report", "4711", "--json"], {}, 1, "no such announcement"),
            (["announce", "approve", "99999999999999999999999"], {}, 1, "no such announcement"),
            (["announce", "show", "x"], {}, 2, ""),
            (["staff", "grant", "nobody", "admin"], {}, 1, "e-mail"),
            (["staff", "grant", "a@b.example", "king"], {}, 2, "king"),
            (["staff", "revoke", "a@b.example"], {}, 1, "no staff role"),
            (["announce", "list"], {"CONVOKE_DATABASE_URL": "nonsense"}, 1, "DATABASE_URL"),
            (["announce", "list"], {"CONVOKE_DATABASE_URL": "mysql://a:hidden9@b/c"}, 1, "mysql"),
            (
                ["announce", "list"],
                {"CONVOKE_DATABASE_URL": "sqlite:////no/such/x.db"},
                1,
                "/no/such",
            ),
            (["announce", "list"], {"CONVOKE_DATABASE_URL": f"{url}/x"}, 1, ""),
            (
                ["announce", "list"],
                {"CONVOKE_DATABASE_URL": f"sqlite:///{here.folder}/not-a-database.db"},
                1,
                "not-a-database.db",
            ),
            (
                ["run"],
                {"CONVOKE_DATABASE_URL": "postgresql://a:hidden9@127.0.0.1:9/c"},
                1,
                "127.0.0.1",
            ),
            (["run"], {"CONVOKE_ADAPTERS": "telegram,pigeon"}, 1, "pigeon"),
            (["run"], {"CONVOKE_TELEGRAM_TOKEN": "hidden9"}, 1, "CONVOKE_TELEGRAM_TOKEN"),
            (["run"], {"CONVOKE_TELEGRAM_TOKEN": ""}, 1, "CONVOKE_TELEGRAM_TOKEN"),
            (["run"], {"CONVOKE_SLACK_APP_TOKEN": ""}, 1, "CONVOKE_SLACK_APP_TOKEN"),
            (["run"], {"CONVOKE_TELEGRAM_API_URL": "ftp://x"}, 1, "CONVOKE_TELEGRAM_API_URL"),
            (["run"], {"CONVOKE_TELEGRAM_RATE": "0"}, 1, "CONVOKE_TELEGRAM_RATE"),
            (["run"], {"CONVOKE_LOG_LEVEL": "LOUD"}, 1, "CONVOKE_LOG_LEVEL"),
            (["run"], {"CONVOKE_DEFAULT_ZONE": "Mars/Phobos"}, 1, "CONVOKE_DEFAULT_ZONE"),
        ]
        here.secrets.append("hidden9")
        quiet = {**here.settings, "CONVOKE_LOG_LEVEL": "INFO"}
        complaints = []
        for arguments, more, code, words in wrong:
            answer = await here.cli(*arguments, only={**quiet, **more})
            lines = [line for line in answer.err.splitlines() if line.strip()]
            clear = answer.code == code and words in answer.err and "Traceback" not in answer.err
            one_line = len(lines) == 1 or code != 1 or "bad.csv" in arguments
            if not (lines and clear and one_line):
                complaints.append((arguments[:6], more, answer.code, answer.err[-500:]))
        assert not complaints, "\n".join(str(one) for one in complaints)
        # Rows between the bad ones were imported, and nothing else was made.
        listed = await here.done("announce", "list", "--json")
        assert listed.json == []
        people = await here.rows("SELECT email FROM person WHERE email LIKE '%@o.example'")
        assert {row.email for row in people} >= {"f@o.example"}


async def test_refused_tokens_are_explained_and_the_rest_works(tmp_path: Path) -> None:
    """Telegram refuses the token: Slack goes on, and the log says what to do."""
    async with world(tmp_path) as here:
        wrong = "7000000001:" + "w" * 35
        here.secrets.append(wrong)
        here.slack.add_person(SimulatedPerson("U00000001", "S"))
        run = await here.started(CONVOKE_TELEGRAM_TOKEN=wrong)
        await until(lambda: "Telegram refuses the token" in run.text, "it is explained")
        here.say("U00000001", "events")
        await until(lambda: here.from_bot("U00000001"), "Slack works")
        await run.stopped()


async def test_killed_at_its_very_first_start(tmp_path: Path) -> None:
    """The database is made in one go, however often that is interrupted."""
    async with world(tmp_path) as here:
        here.add_people(1)
        here.say("1001", "/start")
        for tenths in (4, 7, 9, 11, 13):
            run = await here.start()
            await asyncio.sleep(tenths / 10)
            await run.killed()
        run = await here.started()
        await until(lambda: here.from_bot("1001"), "a welcome")
        assert len(here.from_bot("1001")) == 1
        await run.stopped()
