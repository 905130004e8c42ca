"""An account that nobody has linked yet says whose it is; staff decide.

One step: ``organisation``. What is typed goes to the secretariat like a question; it
grants nothing by itself.
"""

from bot.domain.incoming import Pressed, Said
from bot.domain.message import plain
from bot.routing import END_DIALOG, Context, Dialog, Reply, Router
from bot.services import questions
from bot.views.labels import command_word
from bot.views.welcome import already_known, ask_organisation
from handlers.guards import check_own
from handlers.questions import answer_question

router = Router("introduce")

LIMIT = 500
"""Characters of a name and an organisation, generously."""


def ask_who(ctx: Context, why: str = "") -> Reply:
    """Return the question for the organisation and begin the dialog; ``why`` comes first."""
    asked = ask_organisation(ctx.texts, why)
    return Reply((asked,), dialog=Dialog("introduce", "organisation"))


@router.press("introduce")
async def begin(incoming: Pressed, ctx: Context) -> Reply:
    """Ask an unknown person for their organisation."""
    check_own(incoming)
    if ctx.person is not None:
        return Reply((already_known(ctx.person, ctx.texts),))
    return ask_who(ctx)


@router.step("introduce", "organisation")
async def take(incoming: Said, ctx: Context) -> Reply:
    """Hand what was typed to the secretariat; a question in between is answered instead."""
    text = incoming.text.strip()
    if ctx.person is not None:
        return Reply((already_known(ctx.person, ctx.texts),), dialog=END_DIALOG)
    if not text:
        asked = ctx.texts("introduce.empty", word=command_word(ctx.texts, "cancel"))
        return Reply((plain(asked),))
    if len(text) > LIMIT:
        return Reply((plain(ctx.texts("refusal.too-long", limit=LIMIT)),))
    if text.endswith(("?", "？")):
        return await answer_question(incoming, ctx)
    note = ctx.texts("introduce.note", text=text)
    write = await ctx.unit.write()
    await questions.hand_over(
        write,
        text=note,
        account_id=ctx.account_id,
        person_id=None,
        conversation=incoming.where.conversation,
        now=ctx.now,
    )
    return Reply((plain(ctx.texts("introduce.thanks")),), dialog=END_DIALOG)
