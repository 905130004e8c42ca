"""Staff decide who unknown people are."""

from functools import partial

from bot.domain.incoming import Commanded, Pressed
from bot.domain.message import Message
from bot.domain.people import Actor, Person, StaffRole
from bot.domain.reader import Reader
from bot.domain.refusal import Refusal
from bot.i18n import texts_for
from bot.routing import Context, Reply, Router, ToAccount
from bot.services import joining
from bot.views.joining import (
    approved_message,
    decided_card,
    no_requests,
    refused_message,
    request_card,
)
from handlers.guards import actor_of, check_own, number_in

router = Router("requests")

AT_ONCE = 5
"""Cards that one command shows; the oldest first, so that deciding brings up the next."""


@router.command("requests", listed=False)
async def show(incoming: Commanded, ctx: Context) -> Reply:
    """Show who waits to be let in."""
    _check_staff(actor_of(ctx))
    async with ctx.unit.read() as read:
        waiting = (await joining.waiting(read))[:AT_ONCE]
        found = [await joining.candidates(read, one) for one in waiting]
    cards = [request_card(one, some, ctx.texts) for one, some in zip(waiting, found, strict=True)]
    return Reply(tuple(cards) or (no_requests(ctx.texts),))


@router.press("request")
async def decide(incoming: Pressed, ctx: Context) -> Reply:
    """Approve a request as a person or as a new contact, or refuse it; the first one counts."""
    check_own(incoming)
    actor = actor_of(ctx)
    _check_staff(actor)
    number, _, what = incoming.value.partition(":")
    request_id = number_in(number)
    write = await ctx.unit.write()
    if what == "no":
        request = await joining.refuse(write, request_id, actor=actor, now=ctx.now)
        told = ToAccount(request.account_id, partial(_refused, ctx.contact))
        return Reply(card=decided_card(request, None, ctx.texts), others=(told,))
    kind, chosen = what[:1], number_in(what[1:])
    if kind not in ("p", "o"):
        raise Refusal("refusal.button")
    request, person = await joining.approve(
        write,
        request_id,
        actor=actor,
        now=ctx.now,
        person_id=chosen if kind == "p" else None,
        organisation_id=chosen if kind == "o" else None,
    )
    told = ToAccount(request.account_id, partial(_approved, person, ctx), introduces=True)
    return Reply(card=decided_card(request, person, ctx.texts), others=(told,))


def _check_staff(actor: Actor) -> None:
    if not actor.may(StaffRole.EDITOR):
        raise Refusal("refusal.not-staff")


def _approved(person: Person, ctx: Context, reader: Reader) -> Message:
    return approved_message(person, ctx.alliance_in(reader.language), texts_for(reader.language))


def _refused(contact: str, reader: Reader) -> Message:
    return refused_message(texts_for(reader.language), contact)
