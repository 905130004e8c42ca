"""A second messenger for the same person, proved on both."""

from functools import partial

from bot.domain.incoming import Commanded, Pressed
from bot.domain.joining import CODE_LIFE, code_in
from bot.domain.message import Message
from bot.domain.reader import Reader
from bot.domain.refusal import Refusal
from bot.i18n import texts_for
from bot.routing import Context, Reply, Router, ToAccount
from bot.services import joining
from bot.views.joining import claimed_message, code_message, confirm_card, link_ended
from handlers.guards import check_own, number_in
from handlers.introduce import ask_who

router = Router("link")


@router.command("link")
async def link(incoming: Commanded, ctx: Context) -> Reply:
    """Show a known person a code, or take the code that an unknown account types."""
    if incoming.argument:
        return await claim(incoming, ctx)
    if ctx.person is None:
        return ask_who(ctx, ctx.texts("link.unknown"), incoming.name)
    write = await ctx.unit.write()
    code = await joining.show_code(write, ctx.account_id, ctx.now)
    until = ctx.now + CODE_LIFE
    return Reply((code_message(code, until, ctx.reader.zone, ctx.texts),))


async def claim(incoming: Commanded, ctx: Context) -> Reply:
    """Take a code; whoever it was shown to is asked there."""
    code = code_in(incoming.argument)
    if not code:
        raise Refusal("refusal.code-unknown")
    if ctx.person is not None:
        raise Refusal("refusal.linked-already")
    ctx.attempts.check(ctx.account_id, ctx.now)
    write = await ctx.unit.write()
    claimed, _person = await joining.claim_code(
        write, code=code, account_id=ctx.account_id, now=ctx.now
    )
    platform, name = incoming.where.platform, incoming.name
    ask = ToAccount(claimed.account_id, partial(_ask, claimed.id, platform, name))
    issuer = await joining.platform_of(write, claimed.account_id)
    return Reply((claimed_message(issuer, ctx.texts),), others=(ask,))


@router.press("link")
async def decide(incoming: Pressed, ctx: Context) -> Reply:
    """Confirm or deny; only on the messenger that the code was shown on."""
    check_own(incoming)
    number, _, answer = incoming.value.partition(":")
    if answer not in ("yes", "no"):
        raise Refusal("refusal.button")
    yes = answer == "yes"
    write = await ctx.unit.write()
    code, _person = await joining.decide_code(
        write, code_id=number_in(number), account_id=ctx.account_id, yes=yes, now=ctx.now
    )
    other = code.claimed_by or 0
    here, there = incoming.where.platform, await joining.platform_of(write, other)
    told = ToAccount(other, partial(_ended, here, yes), introduces=yes)
    return Reply(card=link_ended(there, yes, ctx.texts), others=(told,))


def _ask(code_id: int, platform: str, name: str, reader: Reader) -> Message:
    return confirm_card(code_id, platform, name, texts_for(reader.language))


def _ended(platform: str, yes: bool, reader: Reader) -> Message:
    return link_ended(platform, yes, texts_for(reader.language))
