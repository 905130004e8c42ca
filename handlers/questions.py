"""Everything else that is typed is a question: an answer with its source, or an honest no."""

from bot.answers.courtesies import is_courtesy
from bot.domain.announcement_reply import Met
from bot.domain.incoming import Said
from bot.domain.message import Message
from bot.routing import Context, Reply, Router
from bot.services import announcement_replies, questions
from bot.services.announcement_replies import About
from bot.storage.database import Write
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
    """Answer what somebody wrote; what is a reply to an announcement is kept beside it."""
    async with ctx.unit.read() as read:
        about = await announcement_replies.about(read, incoming, ctx.account_id, ctx.now)
    hint, met = _hint(incoming.text, ctx)
    if hint is None:
        return await answer_question(incoming, ctx, about)
    if about is not None:
        await _note(await ctx.unit.write(), about, incoming, ctx, met=met)
    return Reply((hint,))


async def answer_question(incoming: Said, ctx: Context, about: About | None = None) -> Reply:
    """Answer a question, or hand it over to the secretariat and say so."""
    found = await ctx.knowledge.answer(incoming.text, ctx.reader, ctx.now)
    if found is not None:
        if about is not None:
            await _note(await ctx.unit.write(), about, incoming, ctx, met=Met.ANSWERED)
        source = found.source_title or found.source
        if not incoming.is_direct:
            return Reply((short_answer(found.text, source, ctx.direct_link, ctx.texts),))
        return Reply((answer_message(found.text, source, ctx.texts),))
    write = await ctx.unit.write()
    number = await questions.hand_over(
        write,
        text=incoming.text,
        account_id=ctx.account_id,
        person_id=ctx.person.id if ctx.person else None,
        conversation=incoming.where.conversation,
        now=ctx.now,
    )
    if about is not None:
        await _note(write, about, incoming, ctx, met=Met.SECRETARIAT, question_id=number)
    said = (
        unknown_message(ctx.texts, ctx.office) if incoming.is_direct else unknown_in_room(ctx.texts)
    )
    return Reply((said,))


async def _note(
    write: Write,
    about: About,
    said: Said,
    ctx: Context,
    *,
    met: Met,
    question_id: int | None = None,
) -> None:
    await announcement_replies.note(
        write,
        about,
        said,
        account_id=ctx.account_id,
        person_id=ctx.person.id if ctx.person else None,
        room_id=ctx.room.id if ctx.room else None,
        met=met,
        question_id=question_id,
    )


def _hint(text: str, ctx: Context) -> tuple[Message | None, Met]:
    """Return the line for what is no question at all, and how it meets what was said."""
    if not text.strip():
        return empty_message(ctx.texts), Met.NOTHING
    if len(text) > LIMIT:
        return too_long_message(LIMIT, ctx.texts), Met.NOTHING
    if is_courtesy(text):
        return courtesy_message(courtesy_kind(text), ctx.texts), Met.COURTESY
    return None, Met.NOTHING
