"""An account that nobody has linked yet says whose it is; staff decide.

What is said goes to the secretariat as a request. It grants nothing by itself.
"""

import re
from collections.abc import Mapping
from functools import partial

from bot.domain.incoming import Pressed, Submitted
from bot.domain.joining import Candidates, JoinRequest
from bot.domain.message import Message, plain
from bot.domain.reader import Reader
from bot.i18n import Texts, texts_for
from bot.routing import Context, Reply, Router, ToPerson
from bot.services import joining, people
from bot.views.joining import FORM, introduce_form, request_card
from bot.views.welcome import already_known
from handlers.guards import check_own

router = Router("introduce")

_ADDRESS = re.compile(r"[^\s@<>\"',;]+@[^\s@<>\"',;]+\.[^\s@<>\"',;.]+")


def ask_who(ctx: Context, why: str = "", name: str = "") -> Reply:
    """Return the form for an unknown person; ``why`` is said before."""
    messages = (plain(why),) if why else ()
    return Reply(messages, form=introduce_form(ctx.texts, name))


@router.press("introduce", opens_form=True)
async def begin(incoming: Pressed, ctx: Context) -> Reply:
    """Ask an unknown person who they are."""
    check_own(incoming)
    if ctx.person is not None:
        return Reply((already_known(ctx.person, ctx.texts),))
    return ask_who(ctx, name=incoming.name)


def check(values: Mapping[str, str], texts: Texts) -> Mapping[str, str]:
    """Return what is wrong with the form, by field."""
    wrong = {}
    if "name" in values and not any(one.isalpha() for one in values["name"]):
        wrong["name"] = texts("introduce.no-name")
    if "organisation" in values and not any(one.isalnum() for one in values["organisation"]):
        wrong["organisation"] = texts("introduce.no-organisation")
    if "email" in values and not _ADDRESS.fullmatch(values["email"].strip()):
        wrong["email"] = texts("introduce.no-email")
    return wrong


@router.submit(FORM, check)
async def take(incoming: Submitted, ctx: Context) -> Reply:
    """Hand what was said to the secretariat, and say that a person will look at it."""
    if ctx.person is not None:
        return Reply((already_known(ctx.person, ctx.texts),))
    said = {name: value.strip() for name, value in incoming.values}
    write = await ctx.unit.write()
    request, new = await joining.request(
        write,
        account_id=ctx.account_id,
        name=said.get("name", ""),
        organisation=said.get("organisation", ""),
        email=said.get("email", "").lower(),
        now=ctx.now,
    )
    thanks = Reply((plain(ctx.texts("introduce.thanks" if new else "introduce.again")),))
    if not new:
        return thanks
    found = await joining.candidates(write, request)
    card = partial(_card, request, found)
    asked = await people.staff_to_ask(write)
    return Reply(thanks.messages, others=tuple(ToPerson(one, card) for one in asked))


def _card(request: JoinRequest, found: Candidates, reader: Reader) -> Message:
    return request_card(request, found, texts_for(reader.language))
