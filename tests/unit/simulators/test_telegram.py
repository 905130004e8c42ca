"""The loopback Telegram, driven by the real PTB over PTB's own transport (httpx)."""

import asyncio
import os
from collections.abc import AsyncIterator
from datetime import timedelta

os.environ.setdefault("PTB_TIMEDELTA", "true")

import aiohttp
import pytest
from telegram import Bot, BotCommand, InlineKeyboardButton, InlineKeyboardMarkup
from telegram.error import BadRequest, Conflict, Forbidden, InvalidToken, NetworkError, RetryAfter

from bot.adapters.conformance import HandClock
from bot.simulators.base import SimulatedPerson
from bot.simulators.telegram import TelegramSimulator

ANA = 4242


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
async def simulator(clock: HandClock) -> AsyncIterator[TelegramSimulator]:
    simulator = TelegramSimulator(clock)
    simulator.add_person(SimulatedPerson(str(ANA), "Ana", language="de"))
    async with simulator.serving():
        yield simulator


def client(simulator: TelegramSimulator, token: str = "") -> Bot:
    given = simulator.environment()
    url = given["CONVOKE_TELEGRAM_API_URL"]
    return Bot(token or given["CONVOKE_TELEGRAM_TOKEN"], base_url=f"{url}/bot")


@pytest.fixture
async def bot(simulator: TelegramSimulator) -> AsyncIterator[Bot]:
    async with client(simulator) as bot:
        yield bot


def keyboard(data: str, label: str = "Go") -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup([[InlineKeyboardButton(label, callback_data=data)]])


async def test_a_message_is_read_without_its_markup(bot: Bot, simulator: TelegramSimulator) -> None:
    html = (
        '<b>Hi</b> &lt;you&gt; <tg-time unix="1827036000" format="wDt">24 Nov</tg-time> 😀<i>x</i>'
    )
    sent = await bot.send_message(ANA, html, parse_mode="HTML", reply_markup=keyboard("a:1"))
    (seen,) = simulator.journal.from_bot(str(ANA))
    assert seen.text == sent.text == "Hi <you> 24 Nov 😀x"
    assert [(one.label, one.data) for one in seen.buttons] == [("Go", "a:1")]
    assert [one.type for one in sent.entities] == ["bold", "date_time", "italic"]
    assert sent.parse_entity(sent.entities[2]) == "x"


async def test_without_a_parse_mode_markup_is_text(bot: Bot, simulator: TelegramSimulator) -> None:
    await bot.send_message(ANA, "<b>Hi</b> &amp;")
    assert simulator.journal.from_bot(str(ANA))[0].text == "<b>Hi</b> &amp;"


@pytest.mark.parametrize(
    ("html", "reason"),
    [
        ("<script>x</script>", 'Unsupported start tag "script" at byte offset 0'),
        ("ä<b>x", 'Can\'t find end tag corresponding to start tag "b"'),
        ("ä <b>x</i>", 'Unmatched end tag at byte offset 7, expected "</b>", found "</i>"'),
        ("x</b>", "Unexpected end tag at byte offset 1"),
        ("a < b", "Unclosed start tag at byte offset 2"),
        ('<tg-time unix="x">y</tg-time>', 'Invalid attributes of the tag "tg-time"'),
        ('<span class="big">y</span>', 'Tag "span" must have class "tg-spoiler"'),
    ],
)
async def test_bad_markup_is_refused(bot: Bot, html: str, reason: str) -> None:
    with pytest.raises(BadRequest, match=r"(?i)can't parse entities") as caught:
        await bot.send_message(ANA, html, parse_mode="HTML")
    assert reason.lower() in str(caught.value).lower()


async def test_sizes_are_counted_after_parsing(bot: Bot) -> None:
    await bot.send_message(ANA, f"<b>{'&lt;' * 4096}</b>", parse_mode="HTML")
    for text in ("x" * 4097, "😀" * 2049):
        with pytest.raises(BadRequest, match=r"(?i)message is too long"):
            await bot.send_message(ANA, text)
    with pytest.raises(BadRequest, match=r"(?i)message text is empty"):
        await bot.send_message(ANA, "<b> </b>\n", parse_mode="HTML")
    await bot.send_message(ANA, "<b>x</b> " * 100, parse_mode="HTML")
    with pytest.raises(BadRequest, match=r"(?i)entities_too_long"):
        await bot.send_message(ANA, "<b>x</b> " * 101, parse_mode="HTML")


async def test_button_data_holds_64_bytes(bot: Bot) -> None:
    await bot.send_message(ANA, "x", reply_markup=keyboard("é" * 32))
    with pytest.raises(BadRequest, match=r"(?i)button_data_invalid"):
        await bot.send_message(ANA, "x", reply_markup=keyboard("é" * 33))


async def test_edits_and_deletes(bot: Bot, simulator: TelegramSimulator, clock: HandClock) -> None:
    sent = await bot.send_message(ANA, "one", reply_markup=keyboard("a:"))
    with pytest.raises(BadRequest, match=r"(?i)message is not modified"):
        await bot.edit_message_text("one", ANA, sent.message_id, reply_markup=keyboard("a:"))
    await bot.edit_message_text("two", ANA, sent.message_id)
    await bot.edit_message_reply_markup(ANA, sent.message_id, reply_markup=keyboard("b:"))
    (seen,) = simulator.journal.from_bot(str(ANA))
    assert (seen.text, seen.buttons[0].data, seen.history) == ("two", "b:", ["one", "two"])
    with pytest.raises(BadRequest, match=r"(?i)message to edit not found"):
        await bot.edit_message_text("x", ANA, 999)
    assert await bot.delete_message(ANA, sent.message_id)
    with pytest.raises(BadRequest, match=r"(?i)message to delete not found"):
        await bot.delete_message(ANA, sent.message_id)
    old = await bot.send_message(ANA, "old")
    clock.advance(timedelta(hours=49).total_seconds())
    with pytest.raises(BadRequest, match=r"(?i)can't be deleted for everyone"):
        await bot.delete_message(ANA, old.message_id)


async def test_who_cannot_be_reached(bot: Bot, simulator: TelegramSimulator) -> None:
    simulator.add_person(SimulatedPerson("2", "Never started"), started=False)
    simulator.add_person(SimulatedPerson("3", "Gone"))
    simulator.vanish("3")
    simulator.block(str(ANA))
    for user, reason in (
        (2, "bot can't initiate conversation with a user"),
        (3, "user is deactivated"),
        (ANA, "bot was blocked by the user"),
    ):
        with pytest.raises(Forbidden, match=reason):
            await bot.send_message(user, "x")
    with pytest.raises(BadRequest, match=r"(?i)chat not found"):
        await bot.send_message(99, "x")
    simulator.say("2", "/start")
    await bot.send_message(2, "now it works")


async def test_a_wrong_token_is_unauthorized(simulator: TelegramSimulator) -> None:
    other = client(simulator, f"{simulator.token}x")
    with pytest.raises(InvalidToken):
        await other.initialize()
    await other.shutdown()
    url = f"{simulator.environment()['CONVOKE_TELEGRAM_API_URL']}/bot{simulator.token}x/getMe"
    async with aiohttp.ClientSession() as http, http.get(url) as answer:
        assert answer.status == 401
        assert await answer.json() == {
            "ok": False,
            "error_code": 401,
            "description": "Unauthorized",
        }


async def test_every_encoding_is_understood(bot: Bot, simulator: TelegramSimulator) -> None:
    url = f"{simulator.environment()['CONVOKE_TELEGRAM_API_URL']}/bot{simulator.token}/sendMessage"
    multipart = aiohttp.FormData({"chat_id": str(ANA)})
    multipart.add_field("text", "multipart", content_type="text/plain")
    multipart.add_field("document", b"bytes", filename="a.bin")
    async with aiohttp.ClientSession() as http:
        for sending in (
            http.post(url, json={"chat_id": ANA, "text": "json"}),
            http.post(url, data={"chat_id": ANA, "text": "form"}),
            http.post(url, data=multipart),
            http.get(url, params={"chat_id": ANA, "text": "query"}),
            http.post(
                url.lower().replace(simulator.token.lower(), simulator.token),
                json={"chat_id": ANA, "text": "lower case"},
            ),
        ):
            async with sending as answer:
                assert (await answer.json())["ok"]
        async with http.post(url, data="{", headers={"Content-Type": "application/json"}) as bad:
            assert bad.status == 400
    texts = [one.text for one in simulator.journal.from_bot(str(ANA))]
    assert texts == ["json", "form", "multipart", "query", "lower case"]


async def test_other_hosts_are_refused(simulator: TelegramSimulator) -> None:
    url = f"{simulator.environment()['CONVOKE_TELEGRAM_API_URL']}/bot{simulator.token}/getMe"
    async with (
        aiohttp.ClientSession() as http,
        http.get(url, headers={"Host": "rebound.example"}) as answer,
    ):
        assert answer.status == 403


async def test_a_flood_and_an_error_and_a_lost_answer(
    bot: Bot, simulator: TelegramSimulator
) -> None:
    simulator.answer_errors(1, 429, retry_after=12)
    with pytest.raises(RetryAfter) as caught:
        await bot.send_message(ANA, "x")
    assert caught.value.retry_after == timedelta(seconds=12)
    simulator.answer_errors(1, 500)
    with pytest.raises(NetworkError, match="Internal Server Error"):
        await bot.send_message(ANA, "x")
    assert simulator.journal.from_bot(str(ANA)) == []
    simulator.lose_answers(1)
    with pytest.raises(NetworkError):
        await bot.send_message(ANA, "arrived")
    assert [one.text for one in simulator.journal.from_bot(str(ANA))] == ["arrived"]
    assert [one.status for one in simulator.journal.requests][-3:] == ["429", "500", "lost"]


async def test_a_lost_answer_waits_for_a_message_that_is_delivered(
    bot: Bot, simulator: TelegramSimulator
) -> None:
    simulator.lose_answers(1)
    with pytest.raises(BadRequest):
        await bot.send_message(404, "nobody is there")
    with pytest.raises(NetworkError):
        await bot.send_message(ANA, "arrived")
    await bot.send_message(ANA, "and then")
    sends = [one for one in simulator.journal.requests if one.method == "sendMessage"]
    assert [one.status for one in sends] == ["400", "lost", "ok"]


async def test_a_rate_limit_asks_to_wait(
    bot: Bot, simulator: TelegramSimulator, clock: HandClock
) -> None:
    simulator.meter.set("window", 2)
    await bot.send_message(ANA, "1")
    await bot.send_message(ANA, "2")
    with pytest.raises(RetryAfter):
        await bot.send_message(ANA, "3")
    clock.advance(1.1)
    await bot.send_message(ANA, "4")


async def test_each_chat_can_have_a_limit_of_its_own(
    bot: Bot, simulator: TelegramSimulator, clock: HandClock
) -> None:
    simulator.limit_chats()
    simulator.add_group("-5", "Board")
    await bot.send_message(ANA, "1")
    with pytest.raises(RetryAfter):
        await bot.send_message(ANA, "2")
    for number in range(20):
        await bot.send_message(-5, str(number))
    with pytest.raises(RetryAfter) as caught:
        await bot.send_message(-5, "21")
    assert caught.value.retry_after == timedelta(seconds=60)
    clock.advance(1.0)
    await bot.send_message(ANA, "2")


async def test_a_file_can_be_sent_again_by_its_id(bot: Bot, simulator: TelegramSimulator) -> None:
    sent = await bot.send_document(ANA, b"%PDF", filename="Bericht 年度.pdf", caption="here")
    assert sent.document
    again = await bot.send_document(ANA, sent.document.file_id)
    assert again.document
    assert again.document.file_name == "Bericht 年度.pdf"
    with pytest.raises(BadRequest, match=r"(?i)wrong file identifier"):
        await bot.send_document(ANA, "made up")
    files = [(one.files[0].name, one.files[0].size) for one in simulator.journal.from_bot(str(ANA))]
    assert files == [("Bericht 年度.pdf", 4)] * 2


async def test_a_group_can_move(bot: Bot, simulator: TelegramSimulator) -> None:
    simulator.add_group("-5", "Board")
    await bot.send_message(-5, "x")
    simulator.migrate_group("-5", "-100")
    with pytest.raises(Exception, match="New chat id: -100"):
        await bot.send_message(-5, "x")


async def test_small_methods(bot: Bot, simulator: TelegramSimulator) -> None:
    assert await bot.send_chat_action(ANA, "typing")
    assert await bot.set_my_commands([BotCommand("help", "Help")], language_code="en")
    assert [one.command for one in await bot.get_my_commands(language_code="en")] == ["help"]
    assert (await bot.get_me()).username == "convoke_simulator_bot"


class TestUpdates:
    async def test_the_offset_confirms(self, bot: Bot, simulator: TelegramSimulator) -> None:
        for text in ("one", "two", "/start x"):
            simulator.say(str(ANA), text)
        updates = await bot.get_updates()
        assert [one.message.text for one in updates if one.message] == ["one", "two", "/start x"]
        assert updates[0].message
        assert updates[0].message.from_user
        assert updates[0].message.from_user.language_code == "de"
        assert len(await bot.get_updates(limit=1)) == 1
        rest = await bot.get_updates(offset=updates[1].update_id)
        assert [one.update_id for one in rest] == [one.update_id for one in updates[1:]]
        assert await bot.get_updates(offset=updates[2].update_id + 1) == ()
        assert await bot.get_updates() == ()

    async def test_a_negative_offset_counts_from_the_end(
        self, bot: Bot, simulator: TelegramSimulator
    ) -> None:
        for text in ("one", "two", "three"):
            simulator.say(str(ANA), text)
        assert [one.message.text for one in await bot.get_updates(offset=-1) if one.message] == [
            "three"
        ]
        assert len(await bot.get_updates()) == 1

    async def test_a_long_poll_ends_with_the_first_update(
        self, bot: Bot, simulator: TelegramSimulator
    ) -> None:
        poll = asyncio.create_task(bot.get_updates(timeout=30))
        await bot.get_me()
        assert not poll.done()
        simulator.say(str(ANA), "wake up")
        assert [one.message.text for one in await poll if one.message] == ["wake up"]

    async def test_two_pollers_conflict(self, simulator: TelegramSimulator) -> None:
        async with client(simulator) as first, client(simulator) as second:
            poll = asyncio.create_task(first.get_updates(timeout=30))
            await second.get_me()
            simulator_waits = asyncio.create_task(second.get_updates(timeout=30))
            with pytest.raises(Conflict, match="terminated by other getUpdates request"):
                await poll
            simulator.say(str(ANA), "x")
            assert len(await simulator_waits) == 1

    async def test_a_webhook_stands_in_the_way(
        self, bot: Bot, simulator: TelegramSimulator
    ) -> None:
        await bot.set_webhook("https://x.example/hook")
        simulator.say(str(ANA), "waits")
        with pytest.raises(Conflict, match="webhook is active"):
            await bot.get_updates()
        info = await bot.get_webhook_info()
        assert (info.url, info.pending_update_count) == ("https://x.example/hook", 1)
        await bot.delete_webhook()
        assert len(await bot.get_updates()) == 1

    async def test_only_what_was_asked_for(self, bot: Bot, simulator: TelegramSimulator) -> None:
        await bot.get_updates(allowed_updates=["callback_query"])
        simulator.say(str(ANA), "not wanted")
        simulator.press(str(ANA), "1", "x:")
        (update,) = await bot.get_updates()
        assert update.callback_query

    async def test_updates_live_a_day(
        self, bot: Bot, simulator: TelegramSimulator, clock: HandClock
    ) -> None:
        simulator.say(str(ANA), "old")
        clock.advance(timedelta(hours=24, seconds=1).total_seconds())
        simulator.say(str(ANA), "new")
        assert [one.message.text for one in await bot.get_updates() if one.message] == ["new"]

    async def test_blocking_is_told(self, bot: Bot, simulator: TelegramSimulator) -> None:
        simulator.block(str(ANA))
        simulator.block(str(ANA), False)
        changes = [one.my_chat_member for one in await bot.get_updates()]
        assert [one.new_chat_member.status for one in changes if one] == ["kicked", "member"]

    async def test_state_outlives_the_server(self, simulator: TelegramSimulator) -> None:
        other = TelegramSimulator()
        other.add_person(SimulatedPerson("1", "Bo"))
        async with other.serving():
            before = other.environment()
            other.say("1", "first")
        other.say("1", "while nobody serves")
        async with other.serving(), client(other) as bot:
            assert other.environment() == before
            assert len(await bot.get_updates()) == 2


class TestPresses:
    async def test_a_press_is_answered_once(self, bot: Bot, simulator: TelegramSimulator) -> None:
        sent = await bot.send_message(ANA, "?", reply_markup=keyboard("a:1"))
        simulator.press(str(ANA), str(sent.message_id), "a:1")
        (update,) = await bot.get_updates()
        query = update.callback_query
        assert query
        assert (query.data, query.message and query.message.message_id) == ("a:1", sent.message_id)
        assert await query.answer("noted")
        assert simulator.journal.notices(str(ANA)) == ["noted"]
        with pytest.raises(BadRequest, match=r"(?i)query is too old"):
            await query.answer("again")

    async def test_after_150_seconds_it_is_too_late(
        self, bot: Bot, simulator: TelegramSimulator, clock: HandClock
    ) -> None:
        simulator.press(str(ANA), "1", "a:1")
        (update,) = await bot.get_updates()
        assert update.callback_query
        clock.advance(151)
        with pytest.raises(BadRequest, match=r"(?i)query is too old and response timeout expired"):
            await update.callback_query.answer()

    async def test_a_notice_holds_200_characters(
        self, bot: Bot, simulator: TelegramSimulator
    ) -> None:
        simulator.press(str(ANA), "1", "a:1")
        (update,) = await bot.get_updates()
        assert update.callback_query
        with pytest.raises(BadRequest):
            await update.callback_query.answer("x" * 201)
