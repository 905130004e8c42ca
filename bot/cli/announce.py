"""``convoke announce``: write, schedule and follow announcements."""

import re
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer

from bot.cli import (
    announce_acts,
    announce_by_hand,
    announce_files,
    announce_preview,
    announce_replies,
    announce_report,
)
from bot.cli.announce_words import LangFiles, as_json, bodies_of, due_words
from bot.cli.prompt import (
    WRONG_USE,
    AsJson,
    Desk,
    fail,
    instant,
    run,
    say,
    say_json,
    say_note,
    say_table,
)
from bot.domain.announcement import Announcement, AnnouncementState
from bot.domain.people import CLI
from bot.domain.preferences import Topic
from bot.domain.timing import Repeat
from bot.services.announcements import Draft

app = typer.Typer(no_args_is_help=True, help="Write, schedule and follow announcements.")


@app.command("create")
def create(
    title: Annotated[str, typer.Option(help="The title, in the default language.")] = "",
    text_file: Annotated[Path | None, typer.Option(help="The words, Markdown, UTF-8.")] = None,
    lang_file: LangFiles = None,
    audience: Annotated[
        str, typer.Option(help="For whom, such as 'country:CN and tag:press'.")
    ] = "all",
    at: Annotated[str, typer.Option(help="When: ISO with offset. Without it: at once.")] = "",
    rsvp: Annotated[str, typer.Option(help="The event whose answer buttons go with it.")] = "",
    topic: Annotated[
        Topic | None, typer.Option(help="What it is about; members can switch a topic off.")
    ] = None,
    template: Annotated[
        str, typer.Option(help="Instead of words of your own: greeting, invitation, …")
    ] = "",
    about: Annotated[str, typer.Option(help="The event that a template is about.")] = "",
    at_local: Annotated[
        str, typer.Option(help="When, on each reader's own clock: '2020-01-01 09:00'.")
    ] = "",
    event: Annotated[str, typer.Option(help="When: so long --before this event.")] = "",
    before: Annotated[str, typer.Option(help="How long before --event: 7d, 36h, 30m.")] = "",
    every: Annotated[
        Repeat | None, typer.Option(help="Send it again every day, week, month or year.")
    ] = None,
    until: Annotated[str, typer.Option(help="The last day on which it is sent again.")] = "",
    late_until: Annotated[
        str, typer.Option(help="Those who join until then get it too: ISO with offset.")
    ] = "",
    ack: Annotated[
        bool, typer.Option("--ack", help="Ask every reader to confirm that they have read it.")
    ] = False,
    file: announce_files.FilesOption = None,
    letters: announce_files.LettersOption = None,
    yes: Annotated[bool, typer.Option("--yes", help="Approve and schedule it now.")] = False,
    json: AsJson = False,
) -> None:
    """Write an announcement; with --yes it is approved and scheduled at once.

    A language file's first line may be its own title: a heading such as "# Frohes Neues
    Jahr". Readers of a language without a file get the default one.
    """
    if not template and (not title or text_file is None):
        fail("--title and --text-file are needed, or a --template", WRONG_USE)
    if bool(event) != bool(before):
        fail("--event and --before go together: --event forum --before 7d", WRONG_USE)
    draft = Draft(
        title=title,
        bodies=(),
        audience=audience,
        due=instant("--at", at),
        zone="",
        rsvp_event=rsvp,
        topic=topic,
        local=_wall_time(at_local),
        event=event,
        before=_length(before),
        repeat=every,
        repeat_until=_day(until),
        late_until=instant("--late-until", late_until),
        acknowledge=ack,
        files=announce_files.attachments(file or ()),
        letters=announce_files.letters(letters),
    )

    words = Words(text_file, tuple(lang_file or ()), template, about)
    made, recipients, left_out = _create(draft, words, yes=yes)
    if left_out:
        say_note(f"Without a letter, so they get nothing: {', '.join(left_out)}")
    if json:
        say_json({"id": made.id, "state": made.state.value, "recipients": recipients})
        return
    state, due = made.state.value, due_words(made)
    if made.state is AnnouncementState.REVIEW:
        say(announce_acts.FOR_REVIEW)
    say(f"Announcement {made.id} is {state}, for {recipients} chats, due {due}.")
    if not yes:
        say(f"Nothing is sent yet: `convoke announce approve {made.id}` schedules it.")


@dataclass(frozen=True, slots=True)
class Words:
    """Where the words come from: files, or a template, whose title and defaults count too."""

    text_file: Path | None
    lang_files: tuple[str, ...]
    template: str
    about: str


def _create(draft: Draft, words: Words, *, yes: bool) -> tuple[Announcement, int, tuple[str, ...]]:
    """Store ``draft`` with its words, and approve it with ``yes``; say who has no letter."""

    async def work(desk: Desk) -> tuple[Announcement, int, tuple[str, ...]]:
        from bot.services import announcement_attachments, announcement_reach, announcements

        meant, left_out = await _with_words(draft, words, desk), tuple[str, ...]()
        if meant.letters:
            async with desk.database.read() as read:
                addressed = await announcement_attachments.addressed(
                    read, meant.letters, meant.audience
                )
            meant, left_out = replace(meant, letters=addressed.by_slug), addressed.left_out

        async def store(write: Any) -> Announcement:
            made = await announcements.create(write, meant, actor=CLI, now=desk.now)
            if yes:
                made = await announcements.approve(
                    write,
                    made.id,
                    actor=CLI,
                    now=desk.now,
                    guard=announce_acts.second(desk.settings.guard),
                    platforms=desk.settings.adapter_names,
                )
            return made

        made = await desk.database.write(store)
        async with desk.database.read() as read:
            count = await announcement_reach.recipients(read, made, desk.settings.adapter_names)
            return made, count, left_out

    return run(work)


async def _with_words(draft: Draft, words: Words, desk: Desk) -> Draft:
    from bot.services import announcement_templates

    language, zone = desk.settings.default_language, desk.settings.default_zone
    if not words.template:
        bodies = bodies_of(draft.title, words.text_file, words.lang_files, language)
        return replace(draft, bodies=bodies, zone=zone)
    async with desk.database.read() as read:
        made = await announcement_templates.draft(
            read, words.template, words.about, language=language, zone=zone, now=desk.now
        )
    return replace(
        draft,
        title=draft.title or made.title,
        bodies=made.bodies,
        zone=zone,
        rsvp_event=draft.rsvp_event or made.rsvp_event,
        topic=draft.topic or made.topic,
        late_until=draft.late_until or made.late_until,
        acknowledge=draft.acknowledge or made.acknowledge,
    )


@app.command("list")
def list_all(json: AsJson = False) -> None:
    """Show all announcements, newest first."""

    async def work(desk: Desk) -> tuple[Announcement, ...]:
        from bot.services import announcements

        async with desk.database.read() as read:
            return await announcements.everything(read)

    rows = run(work)
    if json:
        say_json([as_json(row) for row in rows])
    else:
        table = [(row.id, row.state.value, due_words(row), row.audience, row.title) for row in rows]
        say_table(("id", "state", "due", "audience", "title"), table)


app.add_typer(announce_report.app)
app.add_typer(announce_replies.app)
app.add_typer(announce_acts.app)
app.add_typer(announce_preview.app)
app.add_typer(announce_by_hand.app)


_LENGTH = re.compile(r"(\d{1,5})\s*([dhm])")
_UNITS = {"d": "days", "h": "hours", "m": "minutes"}


def _length(text: str) -> timedelta:
    if not text:
        return timedelta()
    match = _LENGTH.fullmatch(text.strip().lower())
    if match is None:
        fail(f"--before {text}: write it as 7d, 36h or 30m", WRONG_USE)
    return timedelta(**{_UNITS[match[2]]: int(match[1])})


def _wall_time(text: str) -> datetime | None:
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is not None or found.year > LAST_YEAR:
        fail(f"--at-local {text}: write it as '2020-01-01 09:00', without an offset", WRONG_USE)
    return found


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        fail(f"--until {text}: write it as 2020-12-31", WRONG_USE)


LAST_YEAR = 9000
