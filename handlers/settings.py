"""/settings and /language: what somebody chooses for themselves, on a card of buttons.

A button's value is what to change, or what and to what: ``language``, ``language:zh``.
"""

from collections.abc import Mapping
from dataclasses import replace

from bot.domain.incoming import Commanded, Pressed, Submitted
from bot.domain.message import Message
from bot.domain.people import Person
from bot.domain.preferences import Topic, quiet_hours
from bot.domain.reader import Reader
from bot.domain.refusal import Refusal
from bot.domain.rest import WEEK, is_days
from bot.i18n import Texts, languages, texts_for
from bot.routing import Context, Reply, Router
from bot.services.zones import zones_for
from bot.storage import preferences
from bot.storage.database import Read, Write
from bot.views import settings as views
from bot.views.days import days_message
from handlers.guards import check_own

router = Router("settings")


@router.command("settings")
async def show(incoming: Commanded, ctx: Context) -> Reply:
    """Show what is set."""
    if ctx.person is None:
        return Reply((views.settings_unknown(ctx.texts),))
    async with ctx.unit.read() as read:
        return Reply((await _card(read, ctx.person, ctx),))


@router.command("language")
async def ask_language(incoming: Commanded, ctx: Context) -> Reply:
    """Offer the languages."""
    if ctx.person is None:
        return Reply((views.settings_unknown(ctx.texts),))
    return Reply((views.language_message(ctx.texts),))


@router.press("set")
async def press(incoming: Pressed, ctx: Context) -> Reply:
    """Ask what a button asks, or change what it says; the card follows."""
    check_own(incoming)
    if ctx.person is None:
        return Reply((views.settings_unknown(ctx.texts),))
    what, _, value = incoming.value.partition(":")
    if ":" not in incoming.value:
        return await _ask(what, ctx.person, ctx)
    write = await ctx.unit.write()
    if what == "topic":
        return Reply(card=await _switch(write, value, ctx.person, ctx))
    if what == "day":
        return Reply(card=await _switch_day(write, value, ctx.person, ctx))
    await _change(write, what, value, ctx.person)
    return Reply(card=await _card(write, ctx.person, ctx))


async def _ask(what: str, person: Person, ctx: Context) -> Reply:
    if what == "zone":
        return Reply(form=views.zone_form(ctx.texts))
    if what == "quiet-other":
        return Reply(form=views.quiet_form(ctx.texts))
    async with ctx.unit.read() as read:
        chosen = await preferences.of(read, person.id)
        platforms = await preferences.platforms_of(read, person.id)
        card = await _card(read, person, ctx)
    asked: Mapping[str, Message] = {
        "": card,
        "language": views.language_message(ctx.texts),
        "messenger": views.messenger_message(platforms, ctx.texts),
        "topics": views.topics_message(chosen, ctx.texts),
        "quiet": views.quiet_message(ctx.texts),
        "days": days_message(chosen.days, ctx.texts),
    }
    if what not in asked:
        raise Refusal("refusal.button")
    return Reply(card=asked[what])


async def _switch(write: Write, value: str, person: Person, ctx: Context) -> Message:
    if value not in set(Topic):
        raise Refusal("refusal.button")
    topic, chosen = Topic(value), await preferences.of(write, person.id)
    await preferences.mute(write, person.id, topic, topic not in chosen.muted)
    return views.topics_message(await preferences.of(write, person.id), ctx.texts)


async def _switch_day(write: Write, value: str, person: Person, ctx: Context) -> Message:
    """Switch a day on or off; the last one stays: silence is ``/stop``."""
    if value not in set(WEEK):
        raise Refusal("refusal.button")
    before = set((await preferences.of(write, person.id)).days or WEEK)
    days = "".join(sorted(before ^ {value}))
    if not days:
        raise Refusal("refusal.last-day")
    await preferences.choose(write, person.id, days=days)
    return days_message(days, ctx.texts)


async def _change(write: Write, what: str, value: str, person: Person) -> None:
    """Change one thing; the value comes from a client.

    Raises:
        Refusal: no button of ours says that.
    """
    match what:
        case "language" if value in languages():
            await preferences.choose(write, person.id, language=value)
        case "zone" if value in zones_for(value):
            await preferences.choose(write, person.id, zone=value)
        case "days" if is_days(value):
            await preferences.choose(write, person.id, days=value)
        case "messenger" if value in ("", *await preferences.platforms_of(write, person.id)):
            await preferences.choose(write, person.id, preferred=value)
        case "quiet" if not value or quiet_hours(value):
            await preferences.choose_quiet(write, person.id, quiet_hours(value))
        case _:
            raise Refusal("refusal.button")


@router.submit(views.ZONE_FORM)
async def take_zone(incoming: Submitted, ctx: Context) -> Reply:
    """Take the zone that was typed, or ask which of several was meant."""
    if ctx.person is None:
        return Reply((views.settings_unknown(ctx.texts),))
    zones = zones_for(dict(incoming.values).get("zone", ""))
    if not zones:
        return Reply((views.no_zone(ctx.texts),), form=views.zone_form(ctx.texts))
    if len(zones) > 1:
        return Reply((views.zones_message(zones, ctx.now, ctx.texts),))
    write = await ctx.unit.write()
    await preferences.choose(write, ctx.person.id, zone=zones[0])
    return Reply((await _card(write, ctx.person, ctx),))


def check_hours(values: Mapping[str, str], texts: Texts) -> Mapping[str, str]:
    """Return what is wrong with the hours."""
    if "hours" in values and quiet_hours(values["hours"]) is None:
        return {"hours": texts("settings.no-hours", example=views.USUAL_HOURS[0])}
    return {}


@router.submit(views.QUIET_FORM, check_hours)
async def take_hours(incoming: Submitted, ctx: Context) -> Reply:
    """Take the quiet hours that were typed."""
    if ctx.person is None:
        return Reply((views.settings_unknown(ctx.texts),))
    write = await ctx.unit.write()
    hours = quiet_hours(dict(incoming.values).get("hours", ""))
    await preferences.choose_quiet(write, ctx.person.id, hours)
    return Reply((await _card(write, ctx.person, ctx),))


async def _card(read: Read, person: Person, ctx: Context) -> Message:
    """Return the card in what is chosen by now, which may be another language than before."""
    chosen = await preferences.of(read, person.id)
    platforms = await preferences.platforms_of(read, person.id)
    reader = ctx.reader
    if chosen.language:
        reader = replace(reader, language=chosen.language)
    if chosen.zone:
        reader = Reader(reader.language, chosen.zone)
    return views.settings_card(chosen, reader, platforms, ctx.now, texts_for(reader.language))
