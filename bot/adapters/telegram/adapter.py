"""The Telegram adapter: what :class:`~bot.adapters.base.Adapter` asks for."""

import asyncio
import logging
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, LinkPreviewOptions
from telegram.constants import ParseMode

from bot.adapters.abilities import Menu
from bot.adapters.base import Capabilities, DeliveryKey, Health, KeyValue, Pace, Part, Sink
from bot.adapters.telegram.interaction import NOTICE_LIMIT
from bot.adapters.telegram.outcomes import detail_of, is_gone, is_unchanged, outcome_of
from bot.adapters.telegram.polling import Poller, advice
from bot.adapters.telegram.render import TEXT_LIMIT, render
from bot.adapters.telegram.request import POLL_CONNECTIONS, POLL_SLACK_SECONDS, AiohttpRequest
from bot.adapters.telegram.updates import PLATFORM, Translator
from bot.clock import Clock
from bot.domain.address import Address, MessageRef
from bot.domain.message import Message
from bot.domain.outcome import Delivered, Outcome
from bot.domain.reader import Reader

log = logging.getLogger(__name__)

FREE_RATE = 30.0
BULK_SHARE = 28.6 / FREE_RATE
"""Bulk leaves a little room for conversations (DESIGN, section 5)."""
CHAT_RATE = 1.0
GROUP_RATE = 20 / 60
DELETE_SECONDS = 48 * 3600.0
_TOKEN = re.compile(r"(\d+):[\w-]+", re.ASCII)
_HIDDEN = "token-is-kept-by-the-request"
_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)
"""Previews fetch every link once, and some of ours can be used only once."""


class TelegramAdapter:
    """Telegram's Bot API for one bot."""

    name = PLATFORM
    capabilities = Capabilities(
        text_limit=TEXT_LIMIT,
        delete_within=DELETE_SECONDS,
        threads=True,
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
    ) -> None:
        """Prepare; nothing is asked of the network.

        Args:
            token: As @BotFather gives it: the bot's id, a colon, the secret.
            api_url: ``http://host:port`` of a Bot API server.
            memory: Not needed here: Telegram's ids are the ones we address by.
            clock: For back-off and the life of a press.
            rate: Messages a second that the account may send.
            paid_broadcast: Pay Stars to go beyond the free rate; never implied by ``rate``.

        Raises:
            ValueError: the token has another form; it is not repeated in the message.
        """
        match = _TOKEN.fullmatch(token)
        if match is None:
            raise ValueError(
                "CONVOKE_TELEGRAM_TOKEN does not look like a bot's token: "
                "digits, a colon, letters and digits, as @BotFather shows it"
            )
        self._account = match[1]
        self._clock = clock
        self._paid = paid_broadcast or None
        self.pace = Pace(account=rate, bulk=rate * BULK_SHARE, chat=CHAT_RATE, room=GROUP_RATE)
        root = f"{api_url.rstrip('/')}/bot{token}"
        self._sending = AiohttpRequest(root)
        self._receiving = AiohttpRequest(root, POLL_SLACK_SECONDS, POLL_CONNECTIONS)
        self._bot = Bot(
            f"{self._account}:{_HIDDEN}",
            request=self._sending,
            get_updates_request=self._receiving,
        )

    @property
    def account(self) -> str:
        """The bot's id: the digits of its token."""
        return self._account

    @asynccontextmanager
    async def session(self) -> AsyncIterator[None]:
        """Hold the connections for sending open."""
        await self._sending.initialize()
        try:
            yield
        finally:
            await self._sending.shutdown()

    @asynccontextmanager
    async def running(self, sink: Sink) -> AsyncIterator[None]:
        """Poll inside the block; ``session`` must be open, because presses are answered."""
        await self._receiving.initialize()
        poller = Poller(self._bot, Translator(self._account), sink, self._clock)
        task = asyncio.create_task(poller.run(), name="telegram-polling")
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            await self._receiving.shutdown()

    def render(self, message: Message, reader: Reader) -> tuple[Part, ...]:
        """Return ``message`` as HTML in as few parts as Telegram takes."""
        return render(message, reader)

    async def send(self, to: Address, part: Part, key: DeliveryKey) -> Outcome:
        """Make one attempt; Telegram keeps no key, so a lost answer stays unknown."""
        try:
            sent = await self._bot.send_message(
                to.chat,
                part.payload["html"],
                parse_mode=ParseMode.HTML,
                link_preview_options=_NO_PREVIEW,
                reply_markup=_keyboard(part),
                message_thread_id=int(to.thread) if to.thread.isdigit() else None,
                allow_paid_broadcast=self._paid,
            )
            return Delivered(MessageRef(to, str(sent.message_id)))
        except Exception as error:  # outcomes say it all, whatever PTB raises
            return outcome_of(error, to)

    async def edit(self, ref: MessageRef, part: Part) -> Outcome:
        """Make one attempt to replace text and buttons."""
        try:
            await self._bot.edit_message_text(
                part.payload["html"],
                ref.address.chat,
                int(ref.id),
                parse_mode=ParseMode.HTML,
                link_preview_options=_NO_PREVIEW,
                reply_markup=_keyboard(part),
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

    async def check(self) -> Health:
        """Ask who the bot is."""
        try:
            me = await self._bot.get_me()
        except Exception as error:  # the trouble is the answer
            return Health(False, self._account, problem=advice(error))
        return Health(True, self._account, me.username or me.full_name)


def _keyboard(part: Part) -> InlineKeyboardMarkup | None:
    rows = part.payload.get("buttons")
    if not rows:
        return None
    return InlineKeyboardMarkup(
        [
            [InlineKeyboardButton(one["text"], callback_data=one["data"]) for one in row]
            for row in rows
        ]
    )
