"""``convoke announce``: write, schedule and follow announcements."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from bot.cli.prompt import WRONG_USE, AsJson, Desk, fail, instant, run, say, say_json, say_table
from bot.domain.announcement import Announcement, Body
from bot.domain.people import CLI
from bot.domain.preferences import Topic
from bot.i18n import texts_for
from bot.services.announcements import Draft, Report

app = typer.Typer(no_args_is_help=True, help="Write, schedule and follow announcements.")
Number = Annotated[int, typer.Argument(metavar="ID", help="The announcement's number.")]


@app.command("create")
def create(
    title: Annotated[str, typer.Option(help="The title, in the default language.")],
    text_file: Annotated[Path, typer.Option(help="The words, Markdown, UTF-8.")],
    lang_file: Annotated[
        list[str] | None, typer.Option(help="Another language: de=letter.de.md; repeat it.")
    ] = None,
    audience: Annotated[
        str, typer.Option(help="For whom, such as 'country:CN and tag:press'.")
    ] = "all",
    at: Annotated[str, typer.Option(help="When: ISO with offset. Without it: at once.")] = "",
    rsvp: Annotated[str, typer.Option(help="The event whose answer buttons go with it.")] = "",
    topic: Annotated[
        Topic | None, typer.Option(help="What it is about; members can switch a topic off.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Approve and schedule it now.")] = False,
    json: AsJson = False,
) -> None:
    """Write an announcement; with --yes it is approved and scheduled at once.

    A language file's first line may be its own title: a heading such as "# Frohes Neues
    Jahr". Readers of a language without a file get the default one.
    """
    due = instant("--at", at)
    texts = [("", title, _read(text_file))]
    texts += [_language_file(one, title) for one in lang_file or ()]

    async def work(desk: Desk) -> tuple[Announcement, int]:
        from bot.services import announcements

        settings = desk.settings
        bodies = [Body(code or settings.default_language, *words) for code, *words in texts]
        _check_once([body.language for body in bodies])
        draft = Draft(title, tuple(bodies), audience, due, settings.default_zone, rsvp, topic)

        async def store(write: Any) -> Announcement:
            made = await announcements.create(write, draft, actor=CLI, now=desk.now)
            if yes:
                made = await announcements.approve(write, made.id, actor=CLI, now=desk.now)
            return made

        made = await desk.database.write(store)
        async with desk.database.read() as read:
            return made, await announcements.recipients(read, made)

    made, recipients = run(work)
    if json:
        say_json({"id": made.id, "state": made.state.value, "recipients": recipients})
        return
    say(f"Announcement {made.id} is {made.state.value}, for {recipients} chats, due {_due(made)}.")
    if not yes:
        say(f"Nothing is sent yet: `convoke announce approve {made.id}` schedules it.")


@app.command("list")
def list_all(json: AsJson = False) -> None:
    """Show all announcements, newest first."""

    async def work(desk: Desk) -> tuple[Announcement, ...]:
        from bot.services import announcements

        async with desk.database.read() as read:
            return await announcements.everything(read)

    rows = run(work)
    if json:
        say_json([_as_json(row) for row in rows])
    else:
        table = [(row.id, row.state.value, _due(row), row.audience, row.title) for row in rows]
        say_table(("id", "state", "due", "audience", "title"), table)


@app.command("show")
def show(number: Number, json: AsJson = False) -> None:
    """Show one announcement: words, audience, when, and how far it is."""
    report = _report(number)
    one = report.announcement
    if json:
        bodies = [asdict(body) for body in one.bodies]
        say_json({**_as_json(one), **_waiting(report), "bodies": bodies})
        return
    say(f"{one.id}  {one.title}  [{one.state.value}]")
    say(f"due       {_due(one)}")
    say(f"audience  {one.audience}")
    if one.rsvp_event:
        say(f"event     {one.rsvp_event}")
    _say_tally(report)
    for body in one.bodies:
        say(f"\n--- {body.language}: {body.title}\n{body.text}")
    if one.state.value == "missed":
        say(f"\nIt was due while nothing ran. Send it now: convoke announce approve {one.id}")
        say(f"Or drop it: convoke announce cancel {one.id}")


@app.command("report")
def report_command(number: Number, json: AsJson = False) -> None:
    """Report what became of it, counted in deliveries, and who was not reached and why."""
    report = _report(number)
    if json:
        unreached = [
            dict(zip(("state", "reason", "platform", "to"), row, strict=True))
            for row in report.unreached
        ]
        without = [{"email": email, "organisation": org} for email, org in report.no_messenger]
        rooms = [dict(zip(("name", "title", "state"), row, strict=True)) for row in report.rooms]
        say_json(
            {
                "state": report.announcement.state.value,
                **asdict(report.tally),
                **_waiting(report),
                "unreached": unreached,
                "no_messenger": without,
                "rooms": rooms,
            }
        )
        return
    say(f"{report.announcement.title}  [{report.announcement.state.value}]")
    _say_tally(report)
    if report.unreached:
        say()
        rows = [(state, _reason(why), *rest) for state, why, *rest in report.unreached]
        say_table(("state", "why", "platform", "to"), rows)
    if report.rooms:
        say("\nRooms:")
        say_table(("room", "title", "state"), report.rooms)
    if report.no_messenger:
        say(f"\nOn no messenger ({len(report.no_messenger)}):")
        say_table(("e-mail", "organisation"), report.no_messenger)


@app.command("approve")
def approve(number: Number) -> None:
    """Approve and schedule a draft; send a missed one after all."""

    async def work(desk: Desk) -> tuple[Announcement, int]:
        from bot.services import announcements

        approved = await desk.database.write(
            lambda write: announcements.approve(write, number, actor=CLI, now=desk.now)
        )
        async with desk.database.read() as read:
            return approved, await announcements.recipients(read, approved)

    approved, recipients = run(work)
    state, due = approved.state.value, _due(approved)
    say(f"Announcement {number} is {state}, for {recipients} chats, due {due}.")


@app.command("cancel")
def cancel(number: Number) -> None:
    """Cancel what has not begun to be sent."""

    async def work(desk: Desk) -> Announcement:
        from bot.services import announcements

        return await desk.database.write(
            lambda write: announcements.cancel(write, number, actor=CLI, now=desk.now)
        )

    say(f"Announcement {number} is {run(work).state.value}.")


def _report(number: int) -> Report:
    async def work(desk: Desk) -> Report:
        from bot.services import announcements

        async with desk.database.read() as read:
            return await announcements.report(read, number, desk.now)

    return run(work)


def _reason(stored: str) -> str:
    """Return a stored reason in words; what a platform said itself stands in brackets."""
    word, _, detail = stored.partition(": ")
    known = texts_for("en").get(f"reason.{word}")
    if known is None:
        return stored
    return f"{known} ({detail})" if detail else known


def _say_tally(report: Report) -> None:
    counts = asdict(report.tally)
    say("deliveries  " + ", ".join(f"{n} {state}" for state, n in counts.items() if n))
    if report.waiting_until is not None:
        until = f"{report.waiting_until:%Y-%m-%d %H:%MZ}"
        say(f"waiting     {report.waiting} for the end of quiet hours, the last until {until}")


def _waiting(report: Report) -> dict[str, Any]:
    return {"waiting": report.waiting, "waiting_until": report.waiting_until}


def _as_json(one: Announcement) -> dict[str, Any]:
    return {
        "id": one.id,
        "title": one.title,
        "state": one.state.value,
        "audience": one.audience,
        "due": one.due,
        "event": one.rsvp_event or None,
    }


def _due(one: Announcement) -> str:
    return f"{one.due_local:%Y-%m-%d %H:%M} {one.zone} ({one.due:%Y-%m-%d %H:%M}Z)"


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except OSError as error:
        fail(f"{file}: {error.strerror}")
    except UnicodeDecodeError:
        fail(f"{file}: is not UTF-8; save it as UTF-8 and try again")


def _language_file(text: str, title: str) -> tuple[str, str, str]:
    """Return (language, title, words) of ``de=letter.de.md``."""
    code, equals, file = text.partition("=")
    if not equals or not code.isalpha() or not 2 <= len(code) <= 3:
        fail(f"--lang-file {text}: write it as de=letter.de.md", WRONG_USE)
    words = _read(Path(file))
    first, _, rest = words.lstrip().partition("\n")
    if first.startswith("# ") and rest.strip():
        return code.lower(), first[2:].strip(), rest.lstrip("\n")
    return code.lower(), title, words


def _check_once(languages: list[str]) -> None:
    twice = {one for one in languages if languages.count(one) > 1}
    if twice:
        fail(f"--lang-file: {', '.join(sorted(twice))} is given twice", WRONG_USE)
