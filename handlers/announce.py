"""An announcement's card: staff look at it, approve it, follow it, correct it and take it back.

A button's value is ``<announcement>:<what>``. Who may is asked of the sender, never of the
button.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import partial

from bot.domain.announcement import Announcement, AnnouncementState, Body
from bot.domain.announcement_report import Status
from bot.domain.change import Follow
from bot.domain.incoming import Commanded, Pressed, Submitted
from bot.domain.message import Message
from bot.domain.people import Actor, StaffRole
from bot.domain.reader import Reader
from bot.domain.refusal import Refusal
from bot.i18n import texts_for, texts_in
from bot.routing import Context, Reply, Router, ToPerson
from bot.services import (
    acknowledgements,
    announcement_attachments,
    announcement_changes,
    announcement_reach,
    announcement_reports,
    announcement_stops,
    announcements,
    people,
)
from bot.services import announcement_status as statuses
from bot.services.announcement_fields import values_for
from bot.storage import announcement_cards
from bot.storage.database import Read, Write
from bot.views import announcement_forms as forms
from bot.views import announcing as views
from bot.views.announcements import trial_message
from handlers.guards import actor_of, check_own, number_in, words_in

router = Router("announce")


@router.command("announcements", listed=False)
async def list_them(incoming: Commanded, ctx: Context) -> Reply:
    """Show the newest ones."""
    check_editor(actor_of(ctx))
    async with ctx.unit.read() as read:
        return Reply((views.announcements_list(await announcements.everything(read), ctx.texts),))


@router.submit(forms.NUMBER_FORM)
async def take_number(incoming: Submitted, ctx: Context) -> Reply:
    """Approve, if the number of chats that was typed is the right one."""
    typed = "".join(one for one in dict(incoming.values).get("count", "") if one.isdecimal())
    number = number_in(incoming.context)
    write = await ctx.unit.write()
    await announcements.approve(
        write,
        number,
        actor=actor_of(ctx),
        now=ctx.now,
        guard=ctx.guard,
        platforms=tuple(ctx.estimates.paces),
        confirmed=int(typed[:9] or 0),
    )
    return Reply((await card_of(write, number, ctx),))


@router.submit(forms.CORRECT_FORM)
async def take_correction(incoming: Submitted, ctx: Context) -> Reply:
    """Correct the words of one language, and every copy."""
    number, language, revision = words_in(incoming.context)
    values = dict(incoming.values)
    follow = values.get("follow", "none")
    if follow not in set(Follow):
        raise Refusal("refusal.button")
    write = await ctx.unit.write()
    body = Body(language, values.get("title", "").strip(), values.get("text", ""))
    corrected = await announcement_changes.correct(
        write,
        number,
        (body,),
        revision=revision,
        follow=Follow(follow),
        guard=ctx.guard,
        actor=actor_of(ctx),
        now=ctx.now,
    )
    seconds = await _seconds_to_change(write, number, ctx)
    said = [views.being_changed("correct", seconds, ctx.texts)]
    said.append(await card_of(write, number, ctx))
    others: tuple[ToPerson, ...] = ()
    if corrected.telling is not None:
        said.append(await card_of(write, corrected.telling.id, ctx))
        if corrected.telling.state is AnnouncementState.REVIEW:
            others = await _ask_others(write, corrected.telling.id, actor_of(ctx), ctx)
    return Reply(tuple(said), others=others)


@router.press(views.ACTION)
async def press(incoming: Pressed, ctx: Context) -> Reply:
    """Do what the button says; its card follows."""
    check_own(incoming)
    actor = actor_of(ctx)
    check_editor(actor)
    which, _, what = incoming.value.partition(":")
    number = number_in(which)
    if what in _ASKS:
        return await _ASKS[what](incoming, number, ctx)
    which_form, dash, language = what.partition("-")
    if dash and which_form in _WORDS:
        return await _words_in(which_form, language, number, ctx)
    if what not in _ACTS:
        raise Refusal("refusal.button")
    write = await ctx.unit.write()
    await _ACTS[what](write, number, actor=actor, now=ctx.now)
    return await _followed(write, number, incoming, ctx)


async def _followed(write: Write, number: int, incoming: Pressed, ctx: Context) -> Reply:
    """Return the card where the button was pressed, and keep it up to date from now on."""
    status = await _status(write, number, ctx)
    if statuses.is_moving(status.announcement.state) and ctx.person is not None:
        await announcement_cards.watch(write, number, incoming.ref, ctx.person.id)
    return Reply(card=views.status_card(status, ctx.now, ctx.texts))


async def _show(incoming: Pressed, number: int, ctx: Context) -> Reply:
    async with ctx.unit.read() as read:
        return Reply((await card_of(read, number, ctx),))


async def _refresh(incoming: Pressed, number: int, ctx: Context) -> Reply:
    return await _followed(await ctx.unit.write(), number, incoming, ctx)


async def _preview(incoming: Pressed, number: int, ctx: Context) -> Reply:
    async with ctx.unit.read() as read:
        found = await announcements.get(read, number)
        person_id = ctx.person.id if ctx.person else None
        files = await announcement_attachments.trial(read, found, person_id)
        shown = [
            trial_message(
                found,
                body.language,
                ctx.texts,
                signature=ctx.signature,
                fields=await values_for(read, found, person_id, texts_in(body.language)),
                files=files if body is found.bodies[0] else (),
            )
            for body in found.bodies
        ]
    return Reply(tuple(shown))


async def _add_language(incoming: Pressed, number: int, ctx: Context) -> Reply:
    async with ctx.unit.read() as read:
        found = await announcements.get(read, number)
    taken = [body.language for body in found.bodies]
    form = forms.language_form(number, taken, ctx.texts)
    if not form.fields[0].choices:
        return Reply(notice=ctx.texts("announce.all-languages"))
    return Reply(form=form)


async def _approve(incoming: Pressed, number: int, ctx: Context) -> Reply:
    """Approve it, or ask what the guard asks."""
    actor = actor_of(ctx)
    async with ctx.unit.read() as read:
        found = await announcements.get(read, number)
        count = await announcement_reach.recipients(read, found, tuple(ctx.estimates.paces))
    if ctx.guard.minds(count) and not ctx.guard.second:
        return Reply(form=forms.number_form(number, ctx.texts))
    write = await ctx.unit.write()
    approved = await announcements.approve(
        write,
        number,
        actor=actor,
        now=ctx.now,
        guard=ctx.guard,
        platforms=tuple(ctx.estimates.paces),
    )
    reply = await _followed(write, number, incoming, ctx)
    if approved.state is not AnnouncementState.REVIEW:
        return reply
    others = await _ask_others(write, number, actor, ctx)
    notice = ctx.texts("announce.for-review" if others else "announce.nobody-else")
    return Reply(card=reply.card, notice=notice, others=others)


async def _ask_others(
    write: Write, number: int, actor: Actor, ctx: Context
) -> tuple[ToPerson, ...]:
    """Show the card to the other editors: one of them has to approve."""
    others = [one for one in await people.staff_to_ask(write) if one != actor.person_id]
    ask = partial(_review, await _status(write, number, ctx), ctx.now)
    return tuple(ToPerson(one, ask) for one in others)


def _review(status: Status, now: datetime, reader: Reader) -> Message:
    return views.status_card(status, now, texts_for(reader.language))


async def _ask_recall(incoming: Pressed, number: int, ctx: Context) -> Reply:
    async with ctx.unit.read() as read:
        found = await announcements.get(read, number)
        seconds = await _seconds_to_change(read, number, ctx)
    return Reply(card=views.ask_recall(found, seconds, ctx.texts))


async def _recall(incoming: Pressed, number: int, ctx: Context) -> Reply:
    write = await ctx.unit.write()
    await announcement_changes.recall(write, number, actor=actor_of(ctx), now=ctx.now)
    seconds = await _seconds_to_change(write, number, ctx)
    card = await card_of(write, number, ctx)
    return Reply((views.being_changed("recall", seconds, ctx.texts),), card=card)


async def _ask_correct(incoming: Pressed, number: int, ctx: Context) -> Reply:
    return await _ask_words("correct", number, ctx)


async def _ask_redraft(incoming: Pressed, number: int, ctx: Context) -> Reply:
    return await _ask_words("words", number, ctx)


async def _ask_words(what: str, number: int, ctx: Context) -> Reply:
    async with ctx.unit.read() as read:
        found = await announcements.get(read, number)
    if len(found.bodies) > 1:
        return Reply(card=views.choose_language(found, what, ctx.texts))
    return await _words_in(what, found.bodies[0].language, number, ctx)


async def _words_in(what: str, language: str, number: int, ctx: Context) -> Reply:
    async with ctx.unit.read() as read:
        found = await announcements.get(read, number)
        seconds = await _seconds_to_change(read, number, ctx)
    return _WORDS[what](found, language, seconds, ctx)


def _correct_in(found: Announcement, language: str, seconds: float, ctx: Context) -> Reply:
    """Ask for the new words; what a form cannot hold must not be cut off in it."""
    if len(found.body(language).text) > forms.WORDS:
        raise Refusal("refusal.correct-long", number=found.id)
    return Reply(form=forms.correct_form(found, language, seconds, ctx.texts))


def _redraft_in(found: Announcement, language: str, _seconds: float, ctx: Context) -> Reply:
    if found.state is not AnnouncementState.DRAFT:
        raise Refusal("refusal.announcement-state", number=found.id, state=found.state.value)
    if len(found.body(language).text) > forms.WORDS:
        raise Refusal("refusal.words-long", number=found.id)
    return Reply(form=forms.words_form(found, language, ctx.texts))


_WORDS: dict[str, Callable[[Announcement, str, float, Context], Reply]] = {
    "correct": _correct_in,
    "words": _redraft_in,
}


async def _report(incoming: Pressed, number: int, ctx: Context) -> Reply:
    async with ctx.unit.read() as read:
        report = await announcement_reports.report(read, number, ctx.now)
    return Reply((views.report_message(report, ctx.reader.language, ctx.texts),))


async def _chase(incoming: Pressed, number: int, ctx: Context) -> Reply:
    write = await ctx.unit.write()
    made = await acknowledgements.chase(write, number, actor=actor_of(ctx), now=ctx.now)
    return Reply((await card_of(write, made.id, ctx),))


async def _resend(incoming: Pressed, number: int, ctx: Context) -> Reply:
    write = await ctx.unit.write()
    again = await announcement_stops.resend(
        write,
        number,
        default_zone=ctx.default_zone,
        reconciled=ctx.reconciled,
        actor=actor_of(ctx),
        now=ctx.now,
    )
    left = await announcement_stops.looked_for(write, number, ctx.reconciled)
    said = [ctx.texts.plural("announce.resent", again)] if again or not left else []
    said += [ctx.texts.plural("announce.looked-for", left)] if left else []
    return Reply(notice=" ".join(said))


Ask = Callable[[Pressed, int, Context], Awaitable[Reply]]
_ASKS: dict[str, Ask] = {
    "show": _show,
    "card": _refresh,
    "refresh": _refresh,
    "preview": _preview,
    "language": _add_language,
    "approve": _approve,
    "recall": _ask_recall,
    "recall-yes": _recall,
    "correct": _ask_correct,
    "words": _ask_redraft,
    "report": _report,
    "chase": _chase,
    "resend": _resend,
}
_ACTS: dict[str, Callable[..., Awaitable[Announcement]]] = {
    "pause": announcement_stops.pause,
    "resume-sending": announcement_stops.resume,
    "stop-sending": announcements.cancel,
    "drop": announcements.cancel,
}


async def _seconds_to_change(read: Read, number: int, ctx: Context) -> float:
    return await ctx.estimates.to_change(read, number)


async def _status(read: Read, number: int, ctx: Context) -> Status:
    return await statuses.status(read, number, ctx.estimates, ctx.default_zone)


async def card_of(read: Read, number: int, ctx: Context) -> Message:
    """Return the announcement's card as it stands now."""
    return views.status_card(await _status(read, number, ctx), ctx.now, ctx.texts)


def check_editor(actor: Actor) -> None:
    """Refuse whoever may not write announcements.

    Raises:
        Refusal: the actor is no editor.
    """
    if not actor.may(StaffRole.EDITOR):
        raise Refusal("refusal.not-staff")
