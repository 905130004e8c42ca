"""The words of an announcement, read from the files that options name; and how it is printed."""

import math
from collections.abc import Sequence
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.cli.prompt import WRONG_USE, Desk, fail, say, say_table
from bot.domain.announcement import Announcement, Body, FileNote
from bot.domain.announcement_reach import Reach
from bot.domain.timing import Timing
from bot.i18n import length_text, texts_for
from bot.settings import SettingsError

if TYPE_CHECKING:
    from bot.services.estimates import Estimates
    from bot.services.outbox import Outbox

Number = Annotated[int, typer.Argument(metavar="ID", help="The announcement's number.")]
LangFiles = Annotated[
    list[str] | None, typer.Option(help="Another language: de=letter.de.md; repeat it.")
]


def bodies_of(
    title: str, text_file: Path | None, lang_files: Sequence[str], language: str
) -> tuple[Body, ...]:
    """Return the words by language; ``text_file``, if any, holds those in ``language``."""
    found = [Body(language, title, _read(text_file))] if text_file is not None else []
    found += [Body(*_language_file(one, title)) for one in lang_files]
    _check_once([body.language for body in found])
    return tuple(found)


def as_json(one: Announcement) -> dict[str, Any]:
    """Return what programs read of an announcement."""
    return {
        "id": one.id,
        "title": one.title,
        "state": one.state.value,
        "audience": one.audience,
        "due": None if one.waits_for_date else one.due,
        "event": one.rsvp_event or None,
        "timing": one.timing.value,
        "acknowledge": one.acknowledge,
        "revision": one.revision,
        "recalled": one.recalled_at,
        "files": [asdict(file) for file in one.files],
    }


def say_reach(reach: Reach, people: int, organisations: int) -> None:
    """Say to whom it goes, and before it is sent also whom it cannot reach, and why."""
    chats = ", ".join(f"{n} on {name}" for name, n in reach.chats.items()) or "no chat"
    say(f"goes to   {people} people of {organisations} organisations: {chats}")
    if reach.organisations:
        say(f"of        {reach.people} people of {reach.homes} organisations in the audience")
    if reach.missed:
        say(f"\nCannot be reached ({reach.in_vain}):")
        rows = [
            (one.who, one.organisation, one.platform, reason_words(one.reason))
            for one in reach.missed
        ]
        say_table(("to", "organisation", "messenger", "why"), rows)
    nobody = [one.slug for one in reach.organisations if one.slug and not one.reachable]
    if nobody:
        say(f"\nOrganisations of which nobody can be reached: {', '.join(nobody)}")


def reach_as_json(reach: Reach) -> dict[str, Any]:
    """Return what programs read of whom it would reach."""
    return {
        "chats": reach.chats,
        "people": reach.people,
        "reachable": reach.reachable,
        "organisations": [asdict(one) for one in reach.organisations],
        "unreachable": [
            {
                "to": one.who,
                "organisation": one.organisation,
                "platform": one.platform,
                "reason": one.reason,
                "words": reason_words(one.reason),
            }
            for one in reach.missed
        ],
    }


def reason_words(stored: str) -> str:
    """Return a stored reason in words; what a platform said itself stands in brackets."""
    word, _, detail = stored.partition(": ")
    known = texts_for("en").get(f"reason.{word}")
    if known is None:
        return stored
    return f"{known} ({detail})" if detail else known


def file_words(file: FileNote) -> str:
    """Return a file's name, size, and whose it is if not everybody's."""
    whose = f", for {file.organisation}" if file.organisation else ""
    return f"{file.name} ({math.ceil(file.size / 1024)} KB{whose})"


def due_words(one: Announcement) -> str:
    """Return when it is due, as it was meant and in UTC."""
    local = f"{one.due_local:%Y-%m-%d %H:%M}"
    if one.waits_for_date:
        words = f"as soon as {one.before_event} has a date"
    elif one.timing is Timing.READER:
        words = f"{local} on each reader's clock (first {one.due:%Y-%m-%d %H:%M}Z)"
    else:
        words = f"{local} {one.zone} ({one.due:%Y-%m-%d %H:%M}Z)"
        if one.timing is Timing.EVENT:
            words += f", {days_words(one)} before {one.before_event}"
    if one.repeat is not None:
        words += f", every {one.repeat.value}"
        words += f" until {one.repeat_until}" if one.repeat_until else ""
    return words


def estimates_of(desk: Desk) -> "Estimates":
    """Return what tells how long things take; nothing does where the messengers are not set up."""
    from bot.services.estimates import Estimates

    outbox = _outbox(desk)
    return outbox.estimates if outbox else Estimates()


def reconciled_by(desk: Desk) -> frozenset[str]:
    """Return the messengers that can tell what became of a message, as far as set up here."""
    outbox = _outbox(desk)
    return outbox.reconciled if outbox else frozenset()


def _outbox(desk: Desk) -> "Outbox | None":
    from bot.app import assemble

    try:
        return assemble(desk.settings, desk.database).outbox
    except SettingsError:
        return None


def length_words(seconds: float) -> str:
    """Return how long something takes, in words."""
    return length_text(timedelta(seconds=seconds), "en")


def days_words(one: Announcement) -> str:
    """Return how long before its event it is due, such as ``7d`` or ``36h``."""
    seconds = int(one.before.total_seconds())
    return f"{seconds // 86400}d" if seconds % 86400 == 0 else f"{seconds / 3600:g}h"


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
