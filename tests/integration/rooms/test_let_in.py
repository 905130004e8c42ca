"""Let in, removed, let in again, moved, renamed: one room, one hello, nothing lost."""

import asyncio
from datetime import timedelta

import pytest

from bot.domain.address import Address
from bot.domain.outcome import Reason
from bot.domain.people import CLI, StaffRole
from bot.domain.refusal import Refusal
from bot.services import rooms
from tests.support.desk import Desk
from tests.support.in_rooms import (
    ROOM,
    ask_card,
    card,
    known_rooms,
    let_in,
    make_staff,
    refresh,
    standing,
)


async def test_a_room_is_told_once_who_we_are_and_staff_where_we_are(desk: Desk) -> None:
    await make_staff(desk, "anna@example.org", StaffRole.ADMIN)
    await make_staff(desk, "bo@example.org", StaffRole.EDITOR)
    (hello,) = await let_in(desk, by="300")
    assert "I write for the secretariat" in hello
    assert "mention me" in hello
    assert "I read only what is addressed to me" in hello
    assert "chat.example/alliance" in hello
    (room,) = await known_rooms(desk)
    assert (room.name, room.title, room.language) == ("frontier-forum", "Frontier Forum", "en")
    (told,) = desk.adapter.platform.journal.from_bot("100")
    assert "chi@example.org has let me into the room Frontier Forum (Fake)" in told.text
    assert "room:frontier-forum" in told.text
    assert [one.label for one in told.buttons] == ["Leave room"]
    (editor,) = desk.adapter.platform.journal.from_bot("200")
    assert "frontier-forum" in editor.text
    assert editor.buttons == (), "an editor may not make us leave"


async def test_let_in_twice_is_one_hello(desk: Desk) -> None:
    await let_in(desk)
    assert await let_in(desk) == []
    desk.clock.advance(timedelta(days=2).total_seconds())
    assert len(await let_in(desk)) == 1


async def test_removed_and_let_in_again(desk: Desk) -> None:
    await make_staff(desk, "anna@example.org")
    await let_in(desk)
    desk.adapter.platform.remove_bot(ROOM, "100")
    await desk.answer()
    (room,) = await known_rooms(desk)
    assert not room.active
    assert await desk.ledger.unreachable(ROOM) == Reason.GONE.value
    before = len(desk.seen("100"))
    assert await let_in(desk, title="Forum 2020") == [], "it has not forgotten us within a day"
    (room,) = await known_rooms(desk)
    assert (room.active, room.name, room.title) == (True, "frontier-forum", "Forum 2020")
    assert await desk.ledger.unreachable(ROOM) == ""
    assert len(desk.seen("100")) == before + 1, "staff hear of it again"


async def test_titles_in_any_script_and_the_same_title_twice(desk: Desk) -> None:
    titles = ("科学中心联络群", "科学中心联络群", "  ", "!!!", 'A "b" <i>c</i> *d*', "Ünïted №5")
    for number, title in enumerate(titles):
        hello = await let_in(desk, room=f"-{number}", title=title)
        assert len(hello) == 1
    names = sorted(room.name for room in await known_rooms(desk))
    assert names == sorted(
        ["科学中心联络群", "科学中心联络群-2", "room", "room-2", "a-b-i-c-i-d", "united-no5"]
    )


async def test_many_rooms_of_one_title_at_once(desk: Desk) -> None:
    async def add(number: int) -> None:
        where = Address("fake", "bot", f"-{number}")
        await desk.database.write(
            lambda write: rooms.let_in(
                write,
                where,
                title="Forum",
                language="en",
                account_id=1,
                by="x",
                now=desk.clock.now(),
            )
        )

    await asyncio.gather(*(add(number) for number in range(8) for _twice in range(2)))
    found = await known_rooms(desk)
    assert len({room.name for room in found}) == len(found) == 8


async def test_a_direct_chat_never_becomes_a_room(desk: Desk) -> None:
    desk.adapter.platform.rooms["200"] = "Not a room"  # a platform that is wrong, or lied to
    await desk.mention("100", "200", "Where will the meetings be held?")
    desk.adapter.platform.add_bot("200", "100")
    await desk.answer()
    assert await known_rooms(desk) == ()


async def test_a_room_that_we_are_in_already_is_found_without_a_hello(desk: Desk) -> None:
    desk.adapter.platform.rooms[ROOM] = "Old friends"
    said = await desk.mention("100", ROOM, "help")
    assert len(said) == 1
    (room,) = await known_rooms(desk)
    assert (room.name, room.active) == ("old-friends", True)


async def test_a_title_is_followed_and_the_name_stays(desk: Desk) -> None:
    await let_in(desk)
    desk.adapter.platform.rooms[ROOM] = "Forum & friends"
    await desk.mention("100", ROOM, "help")
    (room,) = await known_rooms(desk)
    assert (room.name, room.title) == ("frontier-forum", "Forum & friends")


@pytest.mark.parametrize("spoken_first", [False, True])
async def test_a_room_that_moves_keeps_its_name_and_its_answers(
    desk: Desk, spoken_first: bool
) -> None:
    await make_staff(desk, "bo@example.org")
    await let_in(desk)
    await ask_card(desk)
    await desk.press("100", f"rsvp:{desk.events['talk']}:going", card(desk).id, ROOM)
    told = len(desk.seen("200"))
    platform = desk.adapter.platform
    platform.rooms["-1005"] = platform.rooms[ROOM]
    if spoken_first:
        await desk.mention("300", "-1005", "help")
        assert len(await known_rooms(desk)) == 2
    before = len(desk.seen("-1005"))
    assert platform.upgrade_room(ROOM) == "-1005"
    await desk.answer()
    (room,) = await known_rooms(desk)
    assert (room.name, room.address.chat, room.active) == ("frontier-forum", "-1005", True)
    assert len(desk.seen("-1005")) == before, "no second hello"
    assert len(desk.seen("200")) == told
    await ask_card(desk, room="-1005")
    assert "Anna Center 1" in card(desk, "-1005").text
    await desk.press("300", f"rsvp:{desk.events['talk']}:maybe", card(desk, "-1005").id, "-1005")
    await refresh(desk)
    assert "Maybe (1): Chi Center 1" in card(desk, "-1005").text


async def test_what_waits_for_a_room_follows_it_when_the_platform_says_so(desk: Desk) -> None:
    await let_in(desk)
    desk.adapter.platform.rooms["-1005"] = "Frontier Forum"
    desk.adapter.platform.moved[ROOM] = "-1005"
    desk.adapter.platform.say("100", "help", ROOM)
    await desk.answer()
    assert len(desk.seen("-1005")) == 1
    (room,) = await known_rooms(desk)
    assert (room.name, room.address.chat) == ("frontier-forum", "-1005")


async def test_an_admin_lets_us_leave_and_nobody_else(desk: Desk) -> None:
    await make_staff(desk, "anna@example.org", StaffRole.ADMIN)
    await make_staff(desk, "bo@example.org", StaffRole.EDITOR)
    await let_in(desk, by="300")
    (told,) = desk.adapter.platform.journal.from_bot("100")
    (button,) = told.buttons
    await desk.press("200", button.data, told.id)
    await desk.press("300", button.data, told.id)
    await desk.press("300", button.data, told.id, chat="100")
    assert desk.adapter.chats("leave") == []
    await desk.press("100", button.data, told.id)
    assert desk.adapter.chats("leave") == [ROOM]
    assert "Nothing more will be sent to the room Frontier Forum." in told.text
    assert told.buttons == ()
    (room,) = await known_rooms(desk)
    assert not room.active


async def test_names_are_given_by_staff_and_never_twice(desk: Desk) -> None:
    await let_in(desk)
    await let_in(desk, room="-6", title="Other")
    now = desk.clock.now()

    async def rename(old: str, new: str) -> str:
        work = rooms.rename
        room = await desk.database.write(lambda write: work(write, old, new, actor=CLI, now=now))
        return room.name

    assert await rename("Frontier Forum", "Die Große Runde!") == "die-grosse-runde"
    with pytest.raises(Refusal) as taken:
        await rename("other", "die-grosse-runde")
    assert taken.value.key == "refusal.room-taken"
    with pytest.raises(Refusal) as unknown:
        await rename("frontier-forum", "x")
    assert unknown.value.fields["known"] == "die-grosse-runde, other"
    assert standing(desk) == []
