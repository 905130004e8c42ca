"""Everything else that is typed is a question: an answer with its source, or an honest no."""

from bot.answers.courtesies import is_courtesy
from bot.domain.incoming import Said
from bot.domain.message import Message
from bot.routing import Context, Reply, Router
from bot.services import questions
from bot.views.answers import (
    answer_message,
    courtesy_message,
    empty_message,
    too_long_message,
    unknown_message,
)
from bot.views.courtesies import courtesy_kind
from bot.views.rooms import short_answer, unknown_in_room

router = Router("questions")

LIMIT = 2000
"""Characters of a question. Longer ones are no questions, and a search for them is slow."""


@router.on(Said, rooms=True)
async def said(incoming: Said, ctx: Context) -> Reply:
    """Answer what somebody wrote."""
    hint = _hint(incoming.text, ctx)
    return Reply((hint,)) if hint else await answer_question(incoming, ctx)


async def answer_question(incoming: Said, ctx: Context) -> Reply:
    """Answer a question, or hand it over to the secretariat and say so."""
    found = await ctx.knowledge.answer(incoming.text, ctx.reader, ctx.now)
    if found is not None:
        source = found.source_title or found.source
        if not incoming.is_direct:
            return Reply((short_answer(found.text, source, ctx.direct_link, ctx.texts),))
        return Reply((answer_message(found.text, source, ctx.texts),))
    write = await ctx.unit.write()
    await questions.hand_over(
        write,
        text=incoming.text,
        account_id=ctx.account_id,
        person_id=ctx.person.id if ctx.person else None,
        conversation=incoming.where.conversation,
        now=ctx.now,
    )
    said = (
        unknown_message(ctx.texts, ctx.office) if incoming.is_direct else unknown_in_room(ctx.texts)
    )
    return Reply((said,))


def _hint(text: str, ctx: Context) -> Message | None:
    """Return the line for what is no question at all."""
    if not text.strip():
        return empty_message(ctx.texts)
    if len(text) > LIMIT:
        return too_long_message(LIMIT, ctx.texts)
    if is_courtesy(text):
        return courtesy_message(courtesy_kind(text), ctx.texts)
    return None
