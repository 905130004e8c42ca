"""``convoke announce approve``, ``pause``, ``correct`` …: what is done with one announcement."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.announce_words import (
    LangFiles,
    Number,
    bodies_of,
    due_words,
    estimates_of,
    length_words,
    reconciled_by,
)
from bot.cli.prompt import Desk, fail, run, say
from bot.domain.announcement import Announcement, AnnouncementState, Body, Guard
from bot.domain.change import Follow
from bot.domain.people import CLI
from bot.storage.database import Write

app = typer.Typer()

FOR_REVIEW = "It goes to many: somebody else of the staff must approve it, in the chat."


def second(guard: Guard) -> Guard:
    """With --yes the number of chats need not be typed in; a second person is still needed."""
    return guard if guard.second else Guard()


@app.command("approve")
def approve(
    number: Number,
    recipients: Annotated[
        int | None, typer.Option(help="To how many chats it goes; asked where these are many.")
    ] = None,
) -> None:
    """Approve and schedule a draft; send a missed one after all."""

    async def work(desk: Desk) -> tuple[Announcement, int]:
        from bot.services import announcement_reach, announcements

        approved = await desk.database.write(
            lambda write: announcements.approve(
                write,
                number,
                actor=CLI,
                now=desk.now,
                guard=desk.settings.guard,
                confirmed=recipients,
                platforms=desk.settings.adapter_names,
            )
        )
        async with desk.database.read() as read:
            return approved, await announcement_reach.recipients(
                read, approved, desk.settings.adapter_names
            )

    approved, count = run(work)
    state, due = approved.state.value, due_words(approved)
    say(f"Announcement {number} is {state}, for {count} chats, due {due}.")
    if approved.state is AnnouncementState.REVIEW:
        say(FOR_REVIEW)


@app.command("cancel")
def cancel(number: Number) -> None:
    """Cancel it; in the middle of being sent, nothing more leaves."""
    from bot.services import announcements

    _act(number, announcements.cancel)


@app.command("pause")
def pause(number: Number) -> None:
    """Stop sending for now; `resume` goes on where it stopped."""
    from bot.services import announcement_stops

    _act(number, announcement_stops.pause)


@app.command("resume")
def resume(number: Number) -> None:
    """Go on with what was paused."""
    from bot.services import announcement_stops

    _act(number, announcement_stops.resume)


@app.command("late")
def late(
    number: Number,
    send: Annotated[bool, typer.Option("--send", help="Send them now.")] = False,
    leave_out: Annotated[bool, typer.Option("--leave-out", help="Send them no more.")] = False,
) -> None:
    """Decide about copies whose reader's own hour passed while nothing ran."""
    if send == leave_out:
        fail("Say either --send or --leave-out.", 2)

    async def work(desk: Desk) -> Announcement:
        from bot.services import late_copies

        return await desk.database.write(
            lambda write: late_copies.decide(
                write,
                number,
                send=send,
                actor=CLI,
                now=desk.now,
                default_zone=desk.settings.default_zone,
            )
        )

    run(work)
    say(f"The late copies of announcement {number} are {'sent now' if send else 'left out'}.")


@app.command("correct")
def correct(
    number: Number,
    text_file: Annotated[
        Path | None, typer.Option(help="The new words in the first language, Markdown.")
    ] = None,
    lang_file: LangFiles = None,
    title: Annotated[str, typer.Option(help="A new title; without it the old one stays.")] = "",
    tell: Annotated[
        bool, typer.Option("--tell", help="Send everybody a new message with the words as well.")
    ] = False,
    follow_up: Annotated[
        bool,
        typer.Option("--follow-up", help="Send one where the old message cannot be edited."),
    ] = False,
) -> None:
    """Change the words, and edit every copy that stands in a chat already."""
    if text_file is None and not lang_file:
        fail("Nothing to correct: name the new words with --text-file or --lang-file.", 2)

    async def work(desk: Desk) -> tuple[Announcement | None, int, float]:
        from bot.services import announcement_changes, announcement_reports, announcements

        estimates = estimates_of(desk)
        async with desk.database.read() as read:
            found = await announcements.get(read, number)
        first = found.bodies[0]
        bodies = bodies_of(title or first.title, text_file, lang_file or [], first.language)
        follow = Follow.ALL if tell else Follow.FAILED if follow_up else Follow.NONE
        corrected = await desk.database.write(
            lambda write: announcement_changes.correct(
                write,
                number,
                bodies,
                title=title,
                follow=follow,
                guard=desk.settings.guard,
                actor=CLI,
                now=desk.now,
            )
        )
        async with desk.database.read() as read:
            report = await announcement_reports.report(read, number, desk.now)
            seconds = await estimates.to_change(read, number)
        return corrected.telling, report.tally.delivered, seconds

    telling, copies, seconds = run(work)
    say(f"Announcement {number} has new words; {copies} copies are being edited.")
    _say_length(seconds)
    if telling is not None:
        say(f"The new message is announcement {telling.id}, {telling.state.value}.")
    if telling is not None and telling.state in (AnnouncementState.DRAFT, AnnouncementState.REVIEW):
        say(f"It goes to many, so it waits: `convoke announce approve {telling.id}` schedules it.")
    say(f"How far that is, and what could not be edited: convoke announce show {number}")


@app.command("recall")
def recall(number: Number) -> None:
    """Take it back: delete every copy that stands in a chat."""

    async def work(desk: Desk) -> float:
        from bot.services import announcement_changes

        estimates = estimates_of(desk)
        await desk.database.write(
            lambda write: announcement_changes.recall(write, number, actor=CLI, now=desk.now)
        )
        async with desk.database.read() as read:
            return await estimates.to_change(read, number)

    seconds = run(work)
    say(f"Announcement {number} is being taken back.")
    _say_length(seconds)
    say(f"How far that is, and where it stays: convoke announce show {number}")


def _say_length(seconds: float) -> None:
    if seconds >= 1:
        say(f"That takes about {length_words(seconds)}, as long as `convoke run` runs.")


@app.command("resend")
def resend(number: Number) -> None:
    """Send again what is unconfirmed; some may get it twice."""

    async def work(desk: Desk) -> tuple[int, int]:
        from bot.services import announcement_stops

        reconciled = reconciled_by(desk)
        again = await desk.database.write(
            lambda write: announcement_stops.resend(
                write,
                number,
                default_zone=desk.settings.default_zone,
                reconciled=reconciled,
                actor=CLI,
                now=desk.now,
            )
        )
        async with desk.database.read() as read:
            return again, await announcement_stops.looked_for(read, number, reconciled)

    again, left = run(work)
    say(f"{again} unconfirmed messages of announcement {number} go out again.")
    if left:
        say(f"{left} are still being looked up at the messenger; ask again in a few minutes.")


@app.command("chase")
def chase(
    number: Number,
    text_file: Annotated[
        Path | None, typer.Option(help="The reminder's words; without it a friendly line.")
    ] = None,
    title: Annotated[str, typer.Option(help="The reminder's title.")] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Approve it now.")] = False,
) -> None:
    """Remind the organisations none of whose contacts has confirmed."""

    async def work(desk: Desk) -> Announcement:
        from bot.services import acknowledgements, announcements

        bodies: tuple[Body, ...] = ()
        if text_file is not None:
            async with desk.database.read() as read:
                found = await announcements.get(read, number)
            bodies = bodies_of(title or found.title, text_file, [], found.bodies[0].language)

        async def store(write: Write) -> Announcement:
            made = await acknowledgements.chase(write, number, bodies, actor=CLI, now=desk.now)
            if yes:
                made = await announcements.approve(
                    write,
                    made.id,
                    actor=CLI,
                    now=desk.now,
                    guard=second(desk.settings.guard),
                    platforms=desk.settings.adapter_names,
                )
            return made

        return await desk.database.write(store)

    made = run(work)
    say(f"The reminder is announcement {made.id}, {made.state.value}.")
    if made.state is AnnouncementState.REVIEW:
        say(FOR_REVIEW)
    if not yes:
        say(f"Nothing is sent yet: `convoke announce approve {made.id}` schedules it.")


Act = Callable[..., Awaitable[Announcement]]


def _act(number: int, act: Act) -> None:
    async def work(desk: Desk) -> Announcement:
        return await desk.database.write(
            lambda write: act(write, announcement_id=number, actor=CLI, now=desk.now)
        )

    say(f"Announcement {number} is {run(work).state.value}.")
