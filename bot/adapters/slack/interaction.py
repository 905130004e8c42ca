"""What a press or a slash command lets us do at once: open a form.

::

    trigger alive → opening → shown → (updated …)
    trigger alive → expired
    opening → failed          Slack took it too late, or the answer was lost

A trigger lives three seconds from the click (FACTS, "Surfaces"); part of that has gone by
when it reaches us. A form that is shown can be changed for as long as the person has it
open, so what a worker finds out later replaces the skeleton.

A skeleton that nobody replaces (its update is another process's to handle, or its worker
died) is replaced by a word that the answer comes in the chat: it must not stand for ever.

Slack shows no notice beside a press. Only where a skeleton is on the screen a notice is
put there, since the person looks at it.
"""

import asyncio
from typing import Any

from bot.adapters.slack.bodies import text
from bot.adapters.slack.forms import form_view, notice_view
from bot.adapters.slack.outcomes import VIEW_OPEN, VIEW_UPDATE, Trouble
from bot.adapters.slack.web import Web
from bot.clock import Clock
from bot.domain.form import Form
from bot.i18n import texts_for

TRIGGER_SECONDS = 2.5
"""How long a trigger is used after its arrival; Slack's three seconds begin with the click."""

SKELETON_SECONDS = 20.0
"""After which a skeleton is thought forgotten."""

SHOWN_SECONDS = 600.0
"""How long a form that was opened is thought to be looked at."""


ACKNOWLEDGED_SECONDS = 0.5
"""How long an acknowledgement is thought to be on its way: what it carries must not come
after what replaces it."""


class SlackInteraction:
    """Implements :class:`~bot.adapters.abilities.OpensForm` for one trigger."""

    def __init__(self, web: Web, clock: Clock, trigger: str) -> None:
        """Use ``trigger`` from now on."""
        self._web = web
        self._clock = clock
        self._trigger = trigger
        self._expires = clock.monotonic() + TRIGGER_SECONDS
        self._turn = asyncio.Lock()
        self._skeleton: Form | None = None
        self._view = ""
        self._forgotten = 0.0
        self._watch: asyncio.Task[None] | None = None

    @property
    def open(self) -> bool:
        """Whether a notice can be shown: only in place of a skeleton."""
        return self._skeleton is not None and self._is_shown

    @property
    def can_open(self) -> bool:
        """Whether a form can still be shown: opened, or in place of what was opened."""
        return self._is_shown or self._clock.monotonic() < self._expires

    @property
    def _is_shown(self) -> bool:
        return self._clock.monotonic() < self._forgotten

    async def open_form(self, form: Form) -> bool:
        """Make one ``views.open`` if the trigger lives; False if nothing is shown."""
        self._begin(form)
        async with self._turn:
            shown = await self._open(form)
        if shown and not form.fields:
            self._watch = asyncio.create_task(self._replace_if_forgotten(), name="slack-skeleton")
        return shown

    async def _replace_if_forgotten(self) -> None:
        await self._clock.sleep(SKELETON_SECONDS)
        await self.answer("")

    def _attended(self) -> None:
        """Somebody cares for the skeleton: nobody else need watch it."""
        if self._watch is not None and self._watch is not asyncio.current_task():
            self._watch.cancel()
        self._watch = None

    async def update_form(self, form: Form) -> bool:
        """Put ``form`` where one is shown, or open it."""
        self._attended()
        async with self._turn:
            if not self._view:
                return await self._open(form)
            self._skeleton = form if not form.fields else None
            return await self._update(form_view(form))

    async def answer(self, notice: str) -> bool:
        """Say ``notice`` in place of the skeleton; False where there is none."""
        self._attended()
        async with self._turn:
            skeleton, self._skeleton = self._skeleton, None
            if skeleton is None or not self._view:
                return False
            said = notice or texts_for(skeleton.language)("form.see-chat")
            return await self._update(notice_view(skeleton.title, said))

    def _begin(self, form: Form) -> None:
        """From here on the form counts as shown: its worker may be quicker than Slack."""
        if self._clock.monotonic() < self._expires:
            self._shows(form)

    async def _open(self, form: Form) -> bool:
        if self._clock.monotonic() >= self._expires:
            self._fail()
            return False
        body: dict[str, Any] = {"trigger_id": self._trigger, "view": form_view(form)}
        answer = await self._web.post(VIEW_OPEN, body)
        self._expires = 0.0  # a trigger opens one view
        if isinstance(answer, Trouble):
            self._fail()
            return False
        self._view = text(answer.data if isinstance(answer.data, dict) else {}, "view", "id")
        self._shows(form)
        return True

    def _shows(self, form: Form) -> None:
        self._forgotten = self._clock.monotonic() + SHOWN_SECONDS
        self._skeleton = form if not form.fields else None

    def _fail(self) -> None:
        self._view, self._skeleton, self._forgotten = "", None, 0.0

    async def _update(self, view: dict[str, Any]) -> bool:
        """Change what is shown; False where the person has closed it meanwhile."""
        answer = await self._web.post(VIEW_UPDATE, {"view_id": self._view, "view": view})
        if isinstance(answer, Trouble):
            self._fail()
            return False
        return True


class SlackSubmission(SlackInteraction):
    """The same for a form that was sent: another may follow in its place.

    It closes with its acknowledgement, unless that carries a skeleton (``response_action``
    ``update``); then it has the same id as before, and can be updated as any other.
    """

    def __init__(self, web: Web, clock: Clock, view: str) -> None:
        """Let what is in ``view`` be replaced, once a skeleton is noted."""
        super().__init__(web, clock, "")
        self._view_sent = view
        self._expires = 0.0
        self._acknowledged = clock.monotonic() + ACKNOWLEDGED_SECONDS

    async def open_form(self, form: Form) -> bool:
        """Note the skeleton for the acknowledgement; no request is made."""
        self._view = self._view_sent
        self._shows(form)
        self._watch = asyncio.create_task(self._replace_if_forgotten(), name="slack-skeleton")
        return True

    @property
    def acknowledgement(self) -> dict[str, Any] | None:
        """The view that the acknowledgement puts in place of the form; None closes it."""
        return form_view(self._skeleton) if self._skeleton is not None else None

    async def _update(self, view: dict[str, Any]) -> bool:
        await self._clock.sleep(max(0.0, self._acknowledged - self._clock.monotonic()))
        return await super()._update(view)
