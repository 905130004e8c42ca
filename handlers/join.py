"""Invitations: redeemed by a link or by typing, and taken back by whoever they do not fit."""

from functools import partial

from bot.domain.incoming import Commanded, Pressed
from bot.domain.joining import token_in
from bot.domain.message import Message
from bot.domain.people import Actor, Person
from bot.domain.reader import Reader
from bot.domain.refusal import Refusal
from bot.i18n import Texts, best_language, texts_for
from bot.routing import Context, Reply, Router, ToPerson
from bot.services import joining, people
from bot.views.joining import linked_message, unlinked_message, unlinked_notice
from bot.views.welcome import already_known
from handlers.guards import check_own
from handlers.introduce import ask_who

router = Router("join")


@router.command("join", opens_form=True)
async def join(incoming: Commanded, ctx: Context) -> Reply:
    """Redeem the invitation that was typed; without one, ask who it is."""
    if incoming.argument:
        token = token_in(incoming.argument)
        if not token:
            raise Refusal("refusal.invite-unknown")
        return await redeem(token, ctx)
    if ctx.person is not None:
        return Reply((already_known(ctx.person, ctx.texts),))
    return ask_who(ctx, name=incoming.name)


async def redeem(token: str, ctx: Context) -> Reply:
    """Link the account of whoever shows the invitation, and welcome them in their language."""
    write = await ctx.unit.write()
    person = await joining.redeem(write, token=token, account_id=ctx.account_id, now=ctx.now)
    texts = texts_of(person, ctx)
    return Reply((linked_message(person, ctx.alliance, texts),), introduces=True)


@router.press("unlink")
async def unlink(incoming: Pressed, ctx: Context) -> Reply:
    """Take the account from a person it does not belong to, and tell staff."""
    check_own(incoming)
    if ctx.person is None:
        return Reply((unlinked_message(ctx.texts),))
    write = await ctx.unit.write()
    actor = Actor(ctx.person.email, person_id=ctx.person.id)
    person = await joining.unlink(write, account_id=ctx.account_id, actor=actor, now=ctx.now)
    said = unlinked_message(ctx.texts)
    if person is None:
        return Reply((said,))
    notice = partial(_notice, person, incoming.where.platform, incoming.name)
    asked = await people.staff_to_ask(write)
    return Reply((said,), others=tuple(ToPerson(one, notice) for one in asked))


def _notice(person: Person, platform: str, shown: str, reader: Reader) -> Message:
    return unlinked_notice(person, platform, shown, texts_for(reader.language))


def texts_of(person: Person, ctx: Context) -> Texts:
    """Return the texts of somebody who was unknown until now."""
    language = best_language(person.language, person.locale, default=ctx.reader.language)
    return texts_for(language)
