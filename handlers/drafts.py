"""/announce: from the template, or none, to a stored draft, and its words in each language.

Everything is asked of staff only, at each step: a form comes from a client, and what it
carries along (a template, an event, a number) proves nothing.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from bot.domain.address import Address
from bot.domain.announcement import Body
from bot.domain.form import Form
from bot.domain.incoming import Commanded, Submitted
from bot.domain.message import Message, plain
from bot.domain.refusal import Refusal
from bot.domain.sent_file import files_from_text
from bot.domain.zoned import to_instant
from bot.i18n import Texts, languages, texts_for
from bot.routing import Context, Reply, Router
from bot.services import (
    announcement_attachments,
    announcement_drafts,
    announcement_templates,
    announcements,
)
from bot.services.announcement_templates import TEMPLATES
from bot.services.announcements import Draft
from bot.storage.database import Read
from bot.views import announcement_forms as forms
from bot.views.announcing import texts_for_name
from handlers.announce import card_of, check_editor
from handlers.guards import actor_of, number_in, words_in

router = Router("drafts")
NOW = frozenset({"now", "现在", "立即", "maintenant", "jetzt", "sofort", "-", ""})
OFFERED = 20
"""Events to choose from; a chat shows each as a button."""


@router.command("announce", listed=False, opens_form=True)
async def begin(incoming: Commanded, ctx: Context) -> Reply:
    """Ask from which template, or none."""
    check_editor(actor_of(ctx))
    return Reply(form=forms.template_form(tuple(TEMPLATES), ctx.texts))


@router.submit(forms.TEMPLATE_FORM, opens_form=True)
async def take_template(incoming: Submitted, ctx: Context) -> Reply:
    """Ask which event it is about, or at once for everything."""
    check_editor(actor_of(ctx))
    name = dict(incoming.values).get("template", "")
    if name == forms.NO_TEMPLATE:
        return Reply(form=_form(incoming.where, ctx, {}, ""))
    async with ctx.unit.read() as read:
        template = announcement_templates.named(name)
        if not template.about_event:
            return Reply(form=await _filled_in(read, incoming, name, "", ctx))
        events = await announcement_templates.events_for(read, template, ctx.now)
    if not events:
        raise Refusal("refusal.template-no-event")
    return Reply(form=forms.event_form(name, events[:OFFERED], ctx.default_zone, ctx.texts))


@router.submit(forms.EVENT_FORM, opens_form=True)
async def take_event(incoming: Submitted, ctx: Context) -> Reply:
    """Ask for everything, filled in as the template has it."""
    check_editor(actor_of(ctx))
    event = forms.event_of(dict(incoming.values).get("event", ""))
    async with ctx.unit.read() as read:
        return Reply(form=await _filled_in(read, incoming, incoming.context, event, ctx))


async def _filled_in(read: Read, incoming: Submitted, name: str, event: str, ctx: Context) -> Form:
    """Return the form with everything that the template proposes, in the person's language."""
    draft = await _from_template(read, name, event, ctx)
    own, late = draft.bodies[0], draft.late_until
    given = {
        "title": own.title,
        "text": own.text,
        "audience": draft.audience,
        "confirm": forms.YES if draft.acknowledge else forms.NO,
        "buttons": forms.YES if draft.rsvp_event else forms.NO,
    }
    if late is not None:
        given["late"] = forms.wall_clock(late, ctx.default_zone)
    return _form(incoming.where, ctx, given, f"{name}:{event}")


def _form(where: Address, ctx: Context, given: Mapping[str, str], context: str) -> Form:
    return forms.announce_form(
        ctx.texts,
        ctx.default_zone,
        given,
        context=context,
        has_buttons=bool(context.partition(":")[2]),
        takes_files=ctx.sent_files.are_taken(where.platform),
    )


async def _from_template(read: Read, name: str, event: str, ctx: Context) -> Draft:
    return await announcement_templates.draft(
        read, name, event, language=ctx.reader.language, zone=ctx.default_zone, now=ctx.now
    )


# -- the whole form -----------------------------------------------------------------


def check_form(values: Mapping[str, str], texts: Texts) -> Mapping[str, str]:
    """Return what is wrong with times and files; whom it is for, the database has to say."""
    wrong = {}
    if "when" in values and not _is_now(values["when"]) and _time_in(values["when"]) is None:
        wrong["when"] = texts("announce.when-wrong", example=forms.WHEN_EXAMPLE)
    late = values.get("late", "")
    if not _is_no(late) and _time_in(late) is None:
        wrong["late"] = texts("announce.late-wrong", example=forms.WHEN_EXAMPLE)
    try:
        announcement_attachments.check_sent(files_from_text(values.get("files", "")))
    except Refusal as refusal:
        wrong["files"] = texts(refusal.key, **refusal.fields)
    return wrong


def _is_now(text: str) -> bool:
    return text.strip().casefold() in NOW


def _is_no(text: str) -> bool:
    """Return whether nobody who joins later gets it; "no" counts in any of our languages."""
    words = {texts_for(one)("announce.no").casefold() for one in languages()}
    return text.strip().casefold() in words | {"-", ""}


def _time_in(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text.strip().replace("/", "-"))
    except ValueError:
        return None
    return found if found.tzinfo is None and found.year < 9000 else None


def _late_until(text: str, zone: str) -> datetime | None:
    """Return the instant; a day alone is meant as a whole."""
    found = None if _is_no(text) else _time_in(text)
    if found is None:
        return None
    is_day = len(text.strip()) <= len("2020-05-14")
    return to_instant(found + timedelta(days=1) if is_day else found, zone)


@router.submit(forms.FORM, check_form)
async def take(incoming: Submitted, ctx: Context) -> Reply:
    """Store the draft and show its card; what cannot be used is asked again, filled in."""
    actor = actor_of(ctx)
    check_editor(actor)
    values = dict(incoming.values)
    sent = files_from_text(values.get("files", ""))
    try:
        files = await ctx.sent_files.fetch(incoming.where.platform, sent)
        write = await ctx.unit.write()
        proposed = await _proposed(write, incoming.context, ctx)
        draft = replace(_draft(values, proposed, ctx), files=files)
        made = await announcements.create(write, draft, actor=actor, now=ctx.now)
    except Refusal as refusal:
        said = plain(ctx.texts(refusal.key, **refusal.fields))
        return Reply((said,), form=_form(incoming.where, ctx, values, incoming.context))
    card = await card_of(write, made.id, ctx)
    return Reply((card, *_others_stand(draft, proposed, ctx.texts)))


async def _proposed(read: Read, context: str, ctx: Context) -> Draft | None:
    """Return what the template proposed, made anew; None where there was no template."""
    name, _, event = context.partition(":")
    return await _from_template(read, name, event, ctx) if name else None


def _draft(values: Mapping[str, str], proposed: Draft | None, ctx: Context) -> Draft:
    at = None if _is_now(values.get("when", "")) else _time_in(values["when"])
    theirs = values.get("clock") == "reader"
    title = values.get("title", "").strip()
    own = Body(ctx.reader.language, title, values.get("text", ""))
    draft = Draft(
        title=title,
        bodies=(own, *(proposed.bodies[1:] if proposed else ())),
        audience=values.get("audience", "") or "all",
        due=to_instant(at, ctx.default_zone) if at and not theirs else None,
        local=at if theirs else None,
        zone=ctx.default_zone,
        late_until=_late_until(values.get("late", ""), ctx.default_zone),
        acknowledge=values.get("confirm") == forms.YES,
    )
    if proposed is not None and values.get("buttons") == forms.YES:
        return replace(draft, rsvp_event=proposed.about)
    return draft


def _others_stand(draft: Draft, proposed: Draft | None, texts: Texts) -> tuple[Message, ...]:
    """Say that the other languages are still the template's where the own words are not."""
    if proposed is None or draft.bodies[0] == proposed.bodies[0]:
        return ()
    names = ", ".join(texts_for_name(one.language) for one in draft.bodies[1:])
    return (plain(texts("announce.others-stand", languages=names)),)


# -- words in each language -----------------------------------------------------------


@router.submit(forms.LANGUAGE_FORM)
async def take_language(incoming: Submitted, ctx: Context) -> Reply:
    """Add the words in one more language."""
    actor = actor_of(ctx)
    check_editor(actor)
    values = dict(incoming.values)
    body = Body(values.get("language", ""), values.get("title", ""), values.get("text", ""))
    write = await ctx.unit.write()
    number = number_in(incoming.context)
    await announcements.add_language(write, number, body, actor=actor, now=ctx.now)
    return Reply((await card_of(write, number, ctx),))


@router.submit(forms.WORDS_FORM)
async def take_words(incoming: Submitted, ctx: Context) -> Reply:
    """Change the words of one language of a draft."""
    actor = actor_of(ctx)
    check_editor(actor)
    number, language, revision = words_in(incoming.context)
    values = dict(incoming.values)
    body = Body(language, values.get("title", "").strip(), values.get("text", ""))
    write = await ctx.unit.write()
    await announcement_drafts.redraft(
        write, number, body, revision=revision, actor=actor, now=ctx.now
    )
    return Reply((await card_of(write, number, ctx),))
