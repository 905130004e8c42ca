"""The Telegram adapter: what :class:`~bot.adapters.base.Adapter` asks for."""

import asyncio
import logging
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from telegram import Bot
from telegram.constants import ParseMode

from bot.adapters.abilities import Menu
from bot.adapters.base import Capabilities, DeliveryKey, Health, KeyValue, Pace, Part, Sink
from bot.adapters.http import HttpRoute
from bot.adapters.telegram import received
from bot.adapters.telegram.advice import advice
from bot.adapters.telegram.bodies import NO_PREVIEW, Bodies, keyboard
from bot.adapters.telegram.documents import Documents
from bot.adapters.telegram.identity import ASK_AGAIN_SECONDS, Identity
from bot.adapters.telegram.intake import Intake
from bot.adapters.telegram.interaction import NOTICE_LIMIT
from bot.adapters.telegram.outcomes import detail_of, is_gone, is_unchanged, outcome_of
from bot.adapters.telegram.polling import Poller
from bot.adapters.telegram.render import TEXT_LIMIT, render
from bot.adapters.telegram.request import (
    POLL_CONNECTIONS,
    POLL_SLACK_SECONDS,
    AiohttpRequest,
    encoded,
)
from bot.adapters.telegram.updates import PLATFORM
from bot.adapters.telegram.webhook import WebhookEndpoint, WebhookKeeper, webhook_problems
from bot.clock import Clock
from bot.domain.address import Address, MessageRef
from bot.domain.message import Message as Content
from bot.domain.outcome import Delivered, Later, Never, Outcome, Reason
from bot.domain.reader import Reader

log = logging.getLogger(__name__)

logging.getLogger("telegram").setLevel(logging.INFO)
"""At DEBUG, PTB logs every parameter: what members write, and the webhook's secret."""

FREE_RATE = 30.0
BULK_SHARE = 29 / FREE_RATE
"""One message in thirty is kept free for conversations."""
CHAT_RATE = 1.0
GROUP_RATE = 20 / 60
DELETE_SECONDS = 48 * 3600.0
_TOKEN = re.compile(r"(\d+):[\w-]+", re.ASCII)
_PAYLOAD = re.compile(r"[A-Za-z0-9_-]{1,64}")
_HIDDEN = "token-is-kept-by-the-request"
OVERHEARS = (
    "Telegram sends us all that is said in groups, though we read only what is meant for the "
    "bot; give @BotFather /setprivacy and choose Enable"
)


@dataclass(frozen=True, slots=True)
class Webhook:
    """How updates come by webhook.

    Attributes:
        url: Where Telegram shall post; ``""`` if somebody else tells it.
        secret: What it then shows.
    """

    url: str
    secret: str = field(repr=False)


class TelegramAdapter:
    """Telegram's Bot API for one bot."""

    name = PLATFORM
    capabilities = Capabilities(
        text_limit=TEXT_LIMIT,
        delete_within=DELETE_SECONDS,
        threads=True,
        files=True,
        notice_limit=NOTICE_LIMIT,
    )

    def __init__(
        self,
        *,
        token: str,
        api_url: str,
        memory: KeyValue,
        clock: Clock,
        rate: float = FREE_RATE,
        paid_broadcast: bool = False,
        proxy: str = "",
        webhook: Webhook | None = None,
    ) -> None:
        """Prepare; nothing is asked of the network.

        Args:
            token: As @BotFather gives it: the bot's id, a colon, the secret.
            api_url: ``http://host:port`` of a Bot API server.
            memory: Keeps the bot's name, for links.
            clock: For back-off and the life of a press.
            rate: Messages a second that the account may send.
            paid_broadcast: Pay Stars to go beyond the free rate; never implied by ``rate``.
            proxy: What every request goes through, or ``""``.
            webhook: Receive there; None polls.

        Raises:
            ValueError: the token has another form; it is not repeated in the message.
        """
        match = _TOKEN.fullmatch(token)
        if match is None:
            raise ValueError(
                "CONVOKE_TELEGRAM_TOKEN does not look like a bot's token: "
                "digits, a colon, letters and digits, as @BotFather shows it"
            )
        self._identity = Identity(match[1], memory, clock)
        self._clock = clock
        self._webhook = webhook
        self._intakes: list[Intake] = []
        self._bodies = Bodies(paid_broadcast=paid_broadcast)
        self.pace = Pace(account=rate, bulk=rate * BULK_SHARE, chat=CHAT_RATE, room=GROUP_RATE)
        root = f"{api_url.rstrip('/')}/bot{token}"
        self._sending = AiohttpRequest(root, proxy=proxy)
        self._receiving = AiohttpRequest(root, POLL_SLACK_SECONDS, POLL_CONNECTIONS, proxy)
        self._bot = Bot(
            f"{match[1]}:{_HIDDEN}",
            request=self._sending,
            get_updates_request=self._receiving,
        )
        self._documents = Documents(self._bot, memory, match[1], paid_broadcast or None)

    @property
    def account(self) -> str:
        """The bot's id: the digits of its token."""
        return self._identity.account

    @asynccontextmanager
    async def session(self) -> AsyncIterator[None]:
        """Hold the connections for sending open, and know the bot's name meanwhile."""
        await self._sending.initialize()
        learning = asyncio.create_task(self._learn_name(), name="telegram-name")
        try:
            yield
        finally:
            learning.cancel()
            await asyncio.gather(learning, return_exceptions=True)
            for intake in self._intakes:
                await intake.close()
            await self._sending.shutdown()

    async def _learn_name(self) -> None:
        """Recall the name in every process; by webhook nobody polls, so it is asked for here."""
        while True:
            try:
                known = await self._identity.recalled()
                if self._webhook is not None:
                    await self._identity.learn(self._bot)
                    known = known if self._identity.settled else ""
            except Exception as error:  # the memory is away; the name can wait
                log.debug("telegram: the name is not known yet (%s)", type(error).__name__)
                known = ""
            if known or self._identity.settled:
                return
            await self._clock.sleep(ASK_AGAIN_SECONDS)

    @asynccontextmanager
    async def running(self, sink: Sink) -> AsyncIterator[None]:
        """Poll inside the block, or keep the webhook; ``session`` must be open for presses."""
        await self._receiving.initialize()
        intake = Intake(self._bot, self._identity, sink, self._clock)
        task = asyncio.create_task(self._receive(intake), name="telegram-receiving")
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            await intake.close()
            await self._receiving.shutdown()

    async def _receive(self, intake: Intake) -> None:
        if self._webhook is None:
            await Poller(self._bot, self._identity, intake, self._clock).run()
        else:
            keeper = WebhookKeeper(self._bot, self._webhook.url, self._webhook.secret, self._clock)
            await keeper.run()

    def http_routes(self, sink: Sink) -> tuple[HttpRoute, ...]:
        """Return the webhook's route; nothing while polling."""
        if self._webhook is None:
            return ()
        intake = Intake(self._bot, self._identity, sink, self._clock)
        self._intakes.append(intake)
        return WebhookEndpoint(self._webhook.secret, intake).routes()

    def render(self, message: Content, reader: Reader) -> tuple[Part, ...]:
        """Return ``message`` as HTML in as few parts as Telegram takes."""
        return render(message, reader)

    async def send(self, to: Address, part: Part, key: DeliveryKey) -> Outcome:
        """Make one attempt; Telegram keeps no key, so a lost answer stays unknown."""
        try:
            if "file" not in part.payload:
                return Delivered(MessageRef(to, str(await self._send_text(to, part))))
            sent = await self._documents.send(to.chat, _topic(to), part)
            if isinstance(sent, Later):
                return sent
            return Delivered(MessageRef(to, str(sent.message_id)))
        except Exception as error:  # outcomes say it all, whatever PTB raises
            return outcome_of(error, to)

    async def _send_text(self, to: Address, part: Part) -> int:
        """Send past PTB's objects: a broadcast is thousands of these (decision 0040)."""
        own = {"chat_id": to.chat}
        if (topic := _topic(to)) is not None:
            own["message_thread_id"] = str(topic)
        body = encoded(own) + b"&" + self._bodies.of(part)
        sent = await self._sending.call("sendMessage", body)
        return int(sent["message_id"])

    async def fetch(self, file: str, limit: int) -> bytes | Later | Never:
        """Make one ``getFile``, and fetch what it names."""
        return await received.fetch(self._sending, file, limit)

    async def edit(self, ref: MessageRef, part: Part) -> Outcome:
        """Make one attempt to replace text, or what stands below a file, and buttons."""
        try:
            if "file" in part.payload:
                await self._bot.edit_message_caption(
                    ref.address.chat,
                    int(ref.id),
                    caption=part.payload["html"] or None,
                    parse_mode=ParseMode.HTML,
                    reply_markup=keyboard(part),
                )
            else:
                await self._bot.edit_message_text(
                    part.payload["html"],
                    ref.address.chat,
                    int(ref.id),
                    parse_mode=ParseMode.HTML,
                    link_preview_options=NO_PREVIEW,
                    reply_markup=keyboard(part),
                )
        except Exception as error:  # outcomes say it all, whatever PTB raises
            return Delivered(ref) if is_unchanged(error) else outcome_of(error, ref.address)
        return Delivered(ref)

    async def delete(self, ref: MessageRef) -> Outcome:
        """Make one attempt to remove a message."""
        try:
            await self._bot.delete_message(ref.address.chat, int(ref.id))
        except Exception as error:  # outcomes say it all, whatever PTB raises
            return Delivered(None) if is_gone(error) else outcome_of(error, ref.address)
        return Delivered(ref)

    async def show_menu(self, menu: Menu) -> bool:
        """Set the commands that Telegram lists; one request a language."""
        try:
            for language, commands in menu.items():
                await self._bot.set_my_commands(commands, language_code=language or None)
        except Exception as error:  # a menu is a comfort: the commands work without it
            log.info("telegram: the command menu was not set (%s)", detail_of(error))
            return False
        return True

    def direct_link(self) -> str:
        """Return the address of the bot's own page; ``""`` while nameless."""
        return f"https://t.me/{self._identity.username}" if self._identity.username else ""

    async def leave(self, room: Address) -> Outcome:
        """Make one attempt to leave a group; where we are in it no more that is done."""
        try:
            await self._bot.leave_chat(room.chat)
        except Exception as error:  # outcomes say it all, whatever PTB raises
            outcome = outcome_of(error, room)
            gone = isinstance(outcome, Never) and outcome.why in (Reason.GONE, Reason.NOT_FOUND)
            return Delivered(None) if gone else outcome
        return Delivered(None)

    async def invite_link(self, token: str) -> str | None:
        """Return the deep link that starts the bot with ``token``; None while nameless.

        Raises:
            ValueError: Telegram would not hand the token on.
        """
        if not _PAYLOAD.fullmatch(token):
            raise ValueError("a link carries 1 to 64 of A-Z, a-z, 0-9, _ and -")
        username = await self._identity.recalled()
        return f"https://t.me/{username}?start={token}" if username else None

    async def check(self) -> Health:
        """Ask who the bot is, and whether updates reach us."""
        try:
            me = await self._bot.get_me()
            await self._identity.note(me.username or "")
            problems = await webhook_problems(
                self._bot, self._webhook.url if self._webhook else None
            )
        except Exception as error:  # the trouble is the answer
            return Health(False, self.account, problem=advice(error))
        if me.can_read_all_group_messages:
            problems.append(OVERHEARS)
        return Health(True, self.account, me.username or me.full_name, "; ".join(problems))


def _topic(to: Address) -> int | None:
    return int(to.thread) if to.thread.isdigit() else None
