"""``convoke roster invite``, and the requests of people whom nobody knows yet."""

import csv
import io
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from bot.adapters.abilities import InvitesByLink
from bot.adapters.base import Adapter
from bot.cli.files import write_private
from bot.cli.prompt import WRONG_USE, AsJson, Desk, fail, run, say, say_json, say_table
from bot.domain.joining import readable
from bot.domain.message import Message
from bot.domain.people import CLI, Person
from bot.domain.reader import Reader
from bot.domain.refusal import Refusal
from bot.domain.spreadsheet import as_cell
from bot.i18n import texts_for
from bot.services import joining
from bot.services.introductions import Introductions
from bot.services.outbox import Cause, Outbox
from bot.services.readers import Readers
from bot.settings import Settings, SettingsError
from bot.storage import people
from bot.storage.database import Write
from bot.views.joining import approved_message, refused_message

COLUMNS = ("name", "email", "organisation", "link", "code", "text")


@dataclass(frozen=True, slots=True)
class Written:
    """One invitation, ready to be sent."""

    person: Person
    link: str
    code: str
    text: str

    def as_row(self) -> dict[str, str]:
        """Return it by column; the file opens in spreadsheet programs."""
        organisation = self.person.organisation
        return {
            "name": self.person.name(""),
            "email": self.person.email,
            "organisation": organisation.name("") if organisation else "",
            "link": self.link,
            "code": self.code,
            "text": self.text,
        }


def register(app: typer.Typer) -> None:
    """Add the commands to ``convoke roster``."""
    app.command("invite")(invite_command)
    app.command("requests")(requests_command)
    app.command("approve")(approve_command)
    app.command("refuse")(refuse_command)
    app.command("unlink")(unlink_command)


def invite_command(
    email: Annotated[str, typer.Argument(help="Whom; or --all.")] = "",
    everybody: Annotated[
        bool, typer.Option("--all", help="Everybody who is on no messenger yet.")
    ] = False,
    out: Annotated[Path | None, typer.Option(help="CSV file to write, with --all.")] = None,
    json: AsJson = False,
) -> None:
    """Make invitations: a link for Telegram, a code for other messengers, and a ready text.

    Each is good once, for CONVOKE_INVITE_DAYS, and ends the person's earlier ones. Only its
    hash is stored: what is printed or written here is not to be had again.
    """
    if bool(email) == everybody:
        fail("Name one e-mail address, or use --all.", WRONG_USE)
    if everybody and out is None:
        fail("With --all, name the file: --out invites.csv", WRONG_USE)
    if out is not None and not everybody:
        fail("--out goes with --all.", WRONG_USE)

    async def work(desk: Desk) -> list[Written]:
        from bot.services.invitations import Invitations

        invitations, adapters = (
            Invitations(desk.database, desk.settings, desk.clock),
            _adapters(desk),
        )
        made = []
        for person in await invitations.whom(email):
            token = await invitations.token(person)
            link = await _link_of(adapters, token)
            text = invitations.text(person, token, link)
            made.append(Written(person, link, readable(token), text))
        return made

    made = run(work)
    if out is not None:
        _write(out, made)
    _tell(made, out, json)


async def _link_of(adapters: Mapping[str, Adapter], token: str) -> str:
    """Return the link of the first messenger that has links; the bot's name is asked once."""
    for adapter in adapters.values():
        if not isinstance(adapter, InvitesByLink):
            continue
        if await adapter.invite_link(token) is None:
            async with adapter.session():
                await adapter.check()
        return await adapter.invite_link(token) or ""
    return ""


def _adapters(desk: Desk) -> dict[str, Adapter]:
    """Return the adapters that can be made; one whose token is missing has nothing to say."""
    from bot.adapters import registry
    from bot.storage.key_values import AdapterMemory

    made = {}
    for name in desk.settings.adapter_names:
        memory = AdapterMemory(desk.database, name)
        with suppress(SettingsError):
            made[name] = registry.factory(name)(desk.settings, memory, desk.clock)
    return made


def _outbox(desk: Desk) -> Outbox:
    """Return what writes messages for the running service to send."""
    settings = desk.settings
    readers = Readers(settings.default_language, settings.default_zone)
    introductions = Introductions(settings.alliance, desk.clock)
    return Outbox(_adapters(desk), readers, introductions)


def _write(out: Path, made: Sequence[Written]) -> None:
    written = io.StringIO()
    writer = csv.DictWriter(written, COLUMNS)
    writer.writeheader()
    for one in made:
        writer.writerow({name: as_cell(cell) for name, cell in one.as_row().items()})
    write_private(out, written.getvalue())


def _tell(made: Sequence[Written], out: Path | None, json: bool) -> None:
    if json:
        say_json([one.as_row() for one in made])
    elif out is not None:
        say(f"{len(made)} invitations are in {out}; each is good once.")
        if any(not one.link for one in made):
            say("They have no Telegram link, because the bot's name is not known yet.")
    else:
        for one in made:
            say(one.text)


def requests_command(json: AsJson = False) -> None:
    """List who asked to be let in and waits, oldest first."""

    async def work(desk: Desk) -> list[dict[str, Any]]:
        async with desk.database.read() as read:
            return [
                {
                    "id": one.id,
                    "name": one.name,
                    "organisation": one.organisation,
                    "email": one.email,
                    "platform": one.platform,
                    "shown_name": one.shown_name,
                    "asked_at": one.asked_at.isoformat(timespec="minutes"),
                }
                for one in await joining.waiting(read)
            ]

    found = run(work)
    if json:
        say_json(found)
    else:
        headings = ("id", "name", "organisation", "email", "platform", "shown_name", "asked_at")
        say_table(headings, [[one[name] for name in headings] for one in found])


def approve_command(
    number: Annotated[int, typer.Argument(help="Number of the request.")],
    person: Annotated[str, typer.Option(help="E-mail address of who it is.")] = "",
    organisation: Annotated[
        str, typer.Option(help="Short name of the organisation of a new contact.")
    ] = "",
) -> None:
    """Let somebody in, as a person of the roster or as a new contact of an organisation."""
    if bool(person) == bool(organisation):
        fail("Name either --person EMAIL or --organisation SLUG.", WRONG_USE)

    async def work(desk: Desk) -> str:
        outbox = _outbox(desk)

        async def approve(write: Write) -> Person:
            known = await people.by_email(write, person) if person else None
            if person and known is None:
                raise Refusal("refusal.contact-unknown", email=person)
            wanted, found = await joining.approve(
                write,
                number,
                actor=CLI,
                now=desk.now,
                person_id=known.id if known else None,
                organisation_id=await _organisation(write, organisation) if organisation else None,
            )
            say_so = partial(_approved, found, desk.settings)
            await outbox.tell_account(write, wanted.account_id, say_so, Cause(), introduces=True)
            return found

        return (await desk.database.write(approve)).name("")

    say(f"{run(work)} is let in, and is told as soon as the service runs.")


async def _organisation(write: Write, slug: str) -> int:
    found = {one.slug: one.id for one in await people.organisations(write)}
    if slug not in found:
        raise Refusal("refusal.no-organisation")
    return found[slug]


def _approved(person: Person, settings: Settings, reader: Reader) -> Message:
    return approved_message(person, settings.alliance(reader.language), texts_for(reader.language))


def _refused(settings: Settings, reader: Reader) -> Message:
    return refused_message(texts_for(reader.language), settings.privacy_contact)


def refuse_command(number: Annotated[int, typer.Argument(help="Number of the request.")]) -> None:
    """Refuse somebody."""

    async def work(desk: Desk) -> str:
        outbox = _outbox(desk)

        async def refuse(write: Write) -> str:
            wanted = await joining.refuse(write, number, actor=CLI, now=desk.now)
            await outbox.tell_account(
                write, wanted.account_id, partial(_refused, desk.settings), Cause()
            )
            return wanted.name

        return await desk.database.write(refuse)

    say(f"{run(work)} is refused, and is told as soon as the service runs.")


def unlink_command(
    email: Annotated[str, typer.Argument(help="Whose accounts.")],
) -> None:
    """Take all accounts from a person, who can then join again by a new invitation."""

    async def work(desk: Desk) -> int:
        async with desk.database.read() as read:
            found = await people.by_email(read, email)
        if found is None:
            raise Refusal("refusal.contact-unknown", email=email)
        return await desk.database.write(
            lambda write: joining.unlink_all(write, found, actor=CLI, now=desk.now)
        )

    say(f"{run(work)} accounts are linked to nobody now.")
