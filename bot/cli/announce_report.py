"""``convoke announce show`` and ``report``: how far it is, and what became of it."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from bot.cli import announce_export
from bot.cli.announce_words import (
    Number,
    as_json,
    due_words,
    estimates_of,
    file_words,
    length_words,
    reach_as_json,
    reason_words,
    say_reach,
)
from bot.cli.prompt import AsJson, Desk, run, say, say_json, say_note, say_table
from bot.domain.announcement import AnnouncementState
from bot.domain.announcement_reach import Reach
from bot.domain.announcement_report import Report
from bot.domain.change import ChangeReport

app = typer.Typer()
ENDED = (AnnouncementState.SENT, AnnouncementState.CANCELLED)


@app.command("show")
def show(number: Number, json: AsJson = False) -> None:
    """Show one announcement: words, audience, when, and how far it is."""
    report, reach, left = _shown(number)
    one = report.announcement
    if json:
        bodies = [asdict(body) for body in one.bodies]
        lengths = {"seconds_to_send": round(left.send), "seconds_to_change": round(left.change)}
        known = {"reach": reach_as_json(reach) if reach else None, "bodies": bodies}
        say_json({**as_json(one), **_waiting(report), **lengths, **known})
        return
    say(f"{one.id}  {one.title}  [{one.state.value}]")
    say(f"due       {due_words(one)}")
    say(f"audience  {one.audience}")
    if one.rsvp_event:
        say(f"event     {one.rsvp_event}")
    for file in one.files:
        say(f"file      {file_words(file)}")
    if one.late_until:
        say(f"joiners   until {one.late_until:%Y-%m-%d %H:%MZ}")
    if one.chases:
        say(f"reminds   those who have not confirmed announcement {one.chases}")
    if one.recalled_at:
        say(f"recalled  {one.recalled_at:%Y-%m-%d %H:%MZ}")
    if reach is not None:
        say_reach(reach, reach.reachable, reach.homes_reachable)
    _say_tally(report)
    if left.send >= 1:
        begun = "sending, about {} left" if one.frozen_at else "sending takes about {}"
        say(f"length      {begun.format(length_words(left.send))}")
    _say_changes(report.changes)
    if left.change >= 1:
        say(f"length      changing copies, about {length_words(left.change)} left")
    for body in one.bodies:
        say(f"\n--- {body.language}: {body.title}\n{body.text}")
    if one.state.value == "missed":
        say(f"\nIt was due while nothing ran. Send it now: convoke announce approve {one.id}")
        say(f"Or drop it: convoke announce cancel {one.id}")


@app.command("report")
def report_command(
    number: Number,
    out: Annotated[Path | None, typer.Option(help="Write organisations to this .csv.")] = None,
    unreached: Annotated[
        Path | None, typer.Option(help="Write who was not reached, and why, to this .csv.")
    ] = None,
    json: AsJson = False,
) -> None:
    """Report what became of it, counted in deliveries, and who was not reached and why."""
    report = _report(number)
    if out is not None:
        announce_export.write_organisations(out, report)
        say_note(f"{len(report.organisations)} organisations are in {out}.")
    if unreached is not None:
        announce_export.write_unreached(unreached, report)
        count = len(report.unreached) + len(report.no_messenger)
        say_note(f"{count} who were not reached are in {unreached}.")
    if json:
        missed = [
            dict(zip(("state", "reason", "platform", "to"), row, strict=True))
            for row in report.unreached
        ]
        without = [{"email": email, "organisation": org} for email, org in report.no_messenger]
        by_hand = [dict(zip(("email", "how", "day"), row, strict=True)) for row in report.by_hand]
        rooms = [dict(zip(("name", "title", "state"), row, strict=True)) for row in report.rooms]
        say_json(
            {
                "state": report.announcement.state.value,
                **asdict(report.tally),
                **_waiting(report),
                "acknowledged": report.acknowledged,
                "resent": report.resent,
                "replies": report.replies.replies,
                "replies_waiting": report.replies.waiting,
                "elsewhere": report.elsewhere,
                "organisations": [asdict(one) for one in report.organisations],
                "changes": [_change_as_json(one) for one in report.changes],
                "by_hand": by_hand,
                "unreached": missed,
                "no_messenger": without,
                "rooms": rooms,
            }
        )
        return
    say(f"{report.announcement.title}  [{report.announcement.state.value}]")
    _say_tally(report)
    _say_changes(report.changes)
    if report.organisations:
        say("\nOrganisations (people):")
        reached = [
            (
                one.names.get("", one.slug) or "-",
                *(one.people, one.reached, one.acknowledged, one.by_hand),
            )
            for one in report.organisations
        ]
        say_table(("organisation", "people", "reached", "confirmed", "by hand"), reached)
    if report.unreached:
        say()
        rows = [(state, reason_words(why), *rest) for state, why, *rest in report.unreached]
        say_table(("state", "why", "platform", "to"), rows)
    if report.rooms:
        say("\nRooms:")
        say_table(("room", "title", "state"), report.rooms)
    if report.by_hand:
        say(f"\nReached by hand ({len(report.by_hand)}):")
        say_table(("e-mail", "how", "day"), report.by_hand)
    if report.no_messenger:
        say(f"\nOn no messenger ({len(report.no_messenger)}):")
        say_table(("e-mail", "organisation"), report.no_messenger)


@dataclass(frozen=True, slots=True)
class _Left:
    """How many seconds sending and changing copies still take, at the platforms' pace."""

    send: float
    change: float


def _shown(number: int) -> tuple[Report, Reach | None, _Left]:
    """Return the report, and before the audience is fixed whom it would reach."""

    async def work(desk: Desk) -> tuple[Report, Reach | None, _Left]:
        from bot.services import announcement_reach, announcement_reports

        estimates = estimates_of(desk)
        async with desk.database.read() as read:
            report = await announcement_reports.report(read, number, desk.now)
            one, reach, send = report.announcement, None, 0.0
            if one.frozen_at is None:
                reach = await announcement_reach.reach(read, one, desk.settings.adapter_names)
            if one.state not in ENDED:
                send = await estimates.to_send(read, one, reach.chats if reach else {})
            return report, reach, _Left(send, await estimates.left_to_change(read, number))

    return run(work)


def _report(number: int) -> Report:
    async def work(desk: Desk) -> Report:
        from bot.services import announcement_reports

        async with desk.database.read() as read:
            return await announcement_reports.report(read, number, desk.now)

    return run(work)


def _say_tally(report: Report) -> None:
    counts = asdict(report.tally)
    say("deliveries  " + ", ".join(f"{n} {state}" for state, n in counts.items() if n))
    if report.announcement.acknowledge or report.acknowledged:
        say(f"confirmed   {report.acknowledged} have confirmed that they have read it")
    if report.resent:
        say(f"resent      {report.resent} were sent again by hand, and may have come twice")
    if report.elsewhere:
        say(f"elsewhere   {report.elsewhere} chats of people who get it in another one")
    if report.replies.replies:
        count = report.replies
        waits = f", {count.waiting} of them wait for you" if count.waiting else ""
        words = f"{count.replies}{waits}: convoke announce replies {report.announcement.id}"
        say(f"replies     {words}")
    if report.waiting_until is not None:
        until = f"{report.waiting_until:%Y-%m-%d %H:%MZ}"
        say(f"waiting     {report.waiting} for their hour, the last until {until}")
    if report.late:
        words = "chats whose hour passed while nothing ran: send them late, or leave them out?"
        say(f"late        {report.late} {words} convoke announce late {report.announcement.id}")


def _say_changes(changes: tuple[ChangeReport, ...]) -> None:
    """Say what became of corrections and recalls, and name each copy that stands as it was."""
    for one in changes:
        recalls = one.change.kind.value == "recall"
        counts = [
            (one.done, "deleted" if recalls else "edited"),
            (one.withdrawn, "say now that it was withdrawn"),
            (one.told, f"were told in a new message, announcement {one.told_by}"),
            (one.waiting, "wait"),
            (len(one.failed), "could not be changed"),
        ]
        words = ", ".join(f"{n} {what}" for n, what in counts if n) or "no copy stands in a chat"
        say(f"{one.change.kind.value:<11} by {one.change.created_by}: {words}")
        for why, platform, whom in one.failed:
            say(f"            {platform} {whom}: {reason_words(why)}")


def _change_as_json(one: ChangeReport) -> dict[str, Any]:
    failed = [dict(zip(("reason", "platform", "to"), row, strict=True)) for row in one.failed]
    return {
        "kind": one.change.kind.value,
        "open": one.change.is_open,
        "by": one.change.created_by,
        "at": one.change.created_at,
        "done": one.done,
        "withdrawn": one.withdrawn,
        "told": one.told,
        "told_by": one.told_by,
        "waiting": one.waiting,
        "failed": failed,
    }


def _waiting(report: Report) -> dict[str, Any]:
    waiting = {"waiting": report.waiting, "waiting_until": report.waiting_until}
    return {**waiting, "late": report.late}
