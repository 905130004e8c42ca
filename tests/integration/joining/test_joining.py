"""Becoming known: once, by whoever may, and never by what somebody says of themselves."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from bot.domain.joining import ALPHABET, CODE_LENGTH, TOKEN_LENGTH, code_in, readable, token_in
from bot.domain.people import CLI, Actor, StaffRole
from bot.domain.refusal import Refusal
from bot.services import joining, people
from bot.storage import audit, tables
from bot.storage.database import Database, Write
from tests.integration.conftest import OpenDatabase
from tests.integration.joining.conftest import (
    ADMIN,
    account_of,
    invited,
    person_of,
    unlinked_contact,
)
from tests.support.desk import Desk

t: Any = tables  # SQLModel types a column as its value, so mypy cannot follow a query
DORA = "dora@example.org"


async def everything_kept(desk: Desk) -> str:
    """Return all that stands in the tables through which words come in."""
    async with desk.database.read() as read:
        rows = [await read.all(select(one)) for one in (t.Inbox, t.Invite, t.LinkCode, t.Audit)]
    return str(rows)


class TestInvitations:
    @pytest.mark.parametrize(
        "said", ["/start {}", "/join {}", "join {}", "{}", "https://t.me/x?start={}"]
    )
    async def test_one_links_the_account_however_it_is_shown(self, desk: Desk, said: str) -> None:
        await unlinked_contact(desk)
        token = await invited(desk, DORA)
        shown = said.format(
            token if "start=" in said or "/start" in said else readable(token).lower()
        )
        (welcome,) = await desk.say("700", shown)
        assert "Hello Dora!" in welcome
        assert "Your invitation is accepted." in welcome
        assert await account_of(desk, "700") == DORA
        assert token not in await everything_kept(desk), "it is not kept once it is used"
        assert readable(token).lower() not in await everything_kept(desk)

    async def test_it_is_good_once_and_pressing_it_again_is_harmless(self, desk: Desk) -> None:
        await unlinked_contact(desk)
        token = await invited(desk, DORA)
        await desk.say("700", f"/start {token}")
        (again,) = await desk.say("700", f"/start {token}")
        assert "Hello Dora!" in again
        (stranger,) = await desk.say("701", f"/start {token}")
        assert "used already" in stranger
        assert await account_of(desk, "701") == ""

    async def test_it_expires_and_a_newer_one_ends_it(self, desk: Desk) -> None:
        await unlinked_contact(desk)
        first = await invited(desk, DORA)
        second = await invited(desk, DORA, days=1)
        (old,) = await desk.say("700", first)
        assert "no longer good" in old
        desk.clock.advance(timedelta(days=1, seconds=1).total_seconds())
        (late,) = await desk.say("700", second)
        assert "no longer good" in late
        assert await account_of(desk, "700") == ""

    async def test_a_wrong_one_is_a_clear_no(self, desk: Desk) -> None:
        for shown in ("A" * TOKEN_LENGTH, "/join rubbish", "/join " + "B" * TOKEN_LENGTH):
            (said,) = await desk.say("700", shown)
            assert "do not know this invitation" in said

    async def test_an_account_of_somebody_else_cannot_be_taken(self, desk: Desk) -> None:
        await unlinked_contact(desk)
        token = await invited(desk, DORA)
        (said,) = await desk.say("300", f"/start {token}")
        assert "linked to somebody already" in said
        assert await account_of(desk, "300") == "chi@example.org"
        (welcome,) = await desk.say("700", f"/start {token}")
        assert "Hello Dora!" in welcome, "what was refused has not used it up"

    async def test_of_many_who_try_at_once_one_gets_it(
        self, desk: Desk, open_database: OpenDatabase
    ) -> None:
        await unlinked_contact(desk)
        token = await invited(desk, DORA)
        accounts = []
        for number in range(20):
            await desk.say(f"8{number:02}", "/start")
            async with desk.database.read() as read:
                where = select(t.Account.id).where(t.Account.user == f"8{number:02}")
                accounts.append(await read.scalar(where))
        databases = [open_database() for _one in range(4)]

        async def attempt(database: Database, account_id: int) -> bool:
            try:
                await database.write(
                    lambda write: joining.redeem(
                        write, token=token, account_id=account_id, now=desk.clock.now()
                    )
                )
            except Refusal:
                return False
            return True

        tries = (attempt(databases[at % 4], one) for at, one in enumerate(accounts))
        assert sum(await asyncio.gather(*tries)) == 1
        for database in databases:
            await database.close()

    async def test_who_was_taken_for_somebody_else_says_so(self, desk: Desk) -> None:
        await unlinked_contact(desk)
        await desk.say("700", await invited(desk, DORA))
        before = len(desk.seen("100"))
        await desk.press("700", "unlink:")
        assert await account_of(desk, "700") == ""
        assert "belongs to nobody" in desk.seen("700")[-1]
        (told,) = desk.seen("100")[before:]
        assert "not Dora" in told

    async def test_staff_join_by_invitation(self, desk: Desk) -> None:
        await desk.database.write(
            lambda write: people.grant_staff(
                write, email="new@alliance.example", role=StaffRole.EDITOR, actor=CLI,
                now=desk.clock.now(),
            )
        )  # fmt: skip
        await desk.say("700", await invited(desk, "new@alliance.example"))
        assert (await person_of(desk, "new@alliance.example")).staff is StaffRole.EDITOR
        assert await account_of(desk, "700") == "new@alliance.example"


async def ask_to_join(desk: Desk, user: str, name: str, organisation: str, email: str) -> None:
    await desk.press(user, "introduce:")
    for said in (name, organisation, email):
        await desk.say(user, said)


async def request_number(desk: Desk) -> int:
    async with desk.database.read() as read:
        return (await joining.waiting(read))[-1].id


class TestRequests:
    async def test_staff_are_asked_and_a_known_address_is_offered(self, desk: Desk) -> None:
        await unlinked_contact(desk)
        before = len(desk.seen("100"))
        await ask_to_join(desk, "700", "Dora D.", "Anna Center", "Dora@Example.org")
        (card,) = desk.seen("100")[before:]
        assert "Dora D." in card
        assert "roster has this address" in card
        assert await account_of(desk, "700") == "", "what is said grants nothing"
        number, person = await request_number(desk), await person_of(desk, DORA)
        await desk.press("100", f"request:{number}:p{person.id}")
        assert await account_of(desk, "700") == DORA
        assert "has added you" in desk.seen("700")[-1]

    async def test_a_new_contact_of_an_organisation_that_is_alike(self, desk: Desk) -> None:
        await ask_to_join(desk, "700", "Eva", "the bo center", "eva@example.org")
        buttons = desk.adapter.platform.journal.from_bot("100")[-1].buttons
        (offered,) = [one for one in buttons if "Bo Center" in one.label]
        await desk.press("100", offered.data)
        eva = await person_of(desk, "eva@example.org")
        assert eva.organisation is not None
        assert eva.organisation.slug == "bo-center"
        assert eva.staff is None

    async def test_the_first_decision_counts_and_others_are_told_whose(self, desk: Desk) -> None:
        await desk.database.write(
            lambda write: people.grant_staff(
                write, email="chi@example.org", role=StaffRole.EDITOR, actor=CLI,
                now=desk.clock.now(),
            )
        )  # fmt: skip
        await ask_to_join(desk, "700", "Eva", "Bo Center", "eva@example.org")
        number = await request_number(desk)
        await desk.press("100", f"request:{number}:no")
        assert "could not find out" in desk.seen("700")[-1]
        await desk.press("300", f"request:{number}:o1")
        assert ADMIN in desk.notices("300")[-1]
        assert await account_of(desk, "700") == ""

    @pytest.mark.parametrize("what", ["p1", "o1", "no", "p999", "o999", "x1", "", "p", "p-1"])
    async def test_nobody_but_staff_decides(self, desk: Desk, what: str) -> None:
        await ask_to_join(desk, "700", "Eva", "Bo Center", "eva@example.org")
        number = await request_number(desk)
        for user in ("200", "700"):
            await desk.press(user, f"request:{number}:{what}")
        assert await account_of(desk, "700") == ""
        async with desk.database.read() as read:
            assert len(await joining.waiting(read)) == 1

    async def test_an_address_of_staff_is_never_given_by_approval(self, desk: Desk) -> None:
        await ask_to_join(desk, "700", "Anna", "Anna Center", ADMIN)
        card = desk.adapter.platform.journal.from_bot("100")[-1]
        assert "member of staff" in card.text
        assert [one.label for one in card.buttons] == ["Refuse"]
        number, anna = await request_number(desk), await person_of(desk, ADMIN)
        await desk.press("100", f"request:{number}:p{anna.id}")
        assert "invitation only" in desk.notices("100")[-1]
        assert await account_of(desk, "700") == ""

    async def test_two_who_decide_at_once_decide_once(
        self, desk: Desk, open_database: OpenDatabase
    ) -> None:
        await unlinked_contact(desk)
        await ask_to_join(desk, "700", "Dora", "Anna Center", DORA)
        number, person = await request_number(desk), await person_of(desk, DORA)
        databases = [open_database() for _one in range(4)]
        actor = Actor(ADMIN, StaffRole.ADMIN)

        async def decide(at: int) -> bool:
            async def work(write: Write) -> object:
                if at % 2:
                    return await joining.refuse(write, number, actor=actor, now=desk.clock.now())
                return await joining.approve(
                    write, number, actor=actor, now=desk.clock.now(), person_id=person.id
                )

            try:
                await databases[at].write(work)
            except Refusal:
                return False
            return True

        assert sum(await asyncio.gather(*(decide(at) for at in range(4)))) == 1
        for database in databases:
            await database.close()

    async def test_an_invitation_ends_the_request(self, desk: Desk) -> None:
        await unlinked_contact(desk)
        await ask_to_join(desk, "700", "Dora", "Anna Center", DORA)
        await desk.say("700", await invited(desk, DORA))
        async with desk.database.read() as read:
            assert await joining.waiting(read) == ()

    async def test_staff_list_who_waits(self, desk: Desk) -> None:
        (nobody,) = await desk.say("100", "/requests")
        assert "Nobody waits" in nobody
        await ask_to_join(desk, "700", "Eva", "Bo Center", "eva@example.org")
        (card,) = await desk.say("100", "/requests")
        assert "Eva" in card
        (no,) = await desk.say("200", "/requests")
        assert "Eva" not in no

    @pytest.mark.parametrize("wrong", ["eva", "eva@", "@x.org", "a b@x.org", "eva@x", "x" * 300])
    async def test_an_address_that_is_none_is_asked_again(self, desk: Desk, wrong: str) -> None:
        await ask_to_join(desk, "700", "Eva", "Bo Center", wrong)
        assert "e-mail" in desk.seen("700")[-1]
        async with desk.database.read() as read:
            assert await joining.waiting(read) == ()


async def code_shown(desk: Desk, user: str) -> str:
    (shown,) = await desk.say(user, "/link")
    return code_in(shown.partition("link ")[2].split()[0])


class TestSecondMessenger:
    async def test_it_is_linked_after_a_yes_on_the_first(self, desk: Desk) -> None:
        code = await code_shown(desk, "300")
        (typed,) = await desk.say("700", f"link {readable(code).lower()}")
        assert "confirm it on" in typed
        assert await account_of(desk, "700") == "", "the code alone grants nothing"
        card = desk.adapter.platform.journal.from_bot("300")[-1]
        assert "Is that you?" in card.text
        await desk.press("300", card.buttons[0].data, card.id)
        assert await account_of(desk, "700") == "chi@example.org"
        assert "Done" in desk.seen("700")[-1]
        assert code not in await everything_kept(desk)

    async def test_a_no_links_nothing_and_ends_the_code(self, desk: Desk) -> None:
        code = await code_shown(desk, "300")
        await desk.say("700", f"/link {code}")
        card = desk.adapter.platform.journal.from_bot("300")[-1]
        yes, no = (one.data for one in card.buttons)
        await desk.press("300", no, card.id)
        assert await account_of(desk, "700") == ""
        await desk.press("300", yes, card.id)
        assert await account_of(desk, "700") == "", "a no cannot become a yes"
        (said,) = await desk.say("701", f"/link {code}")
        assert "not right" in said

    async def test_only_the_account_it_was_shown_to_confirms(self, desk: Desk) -> None:
        code = await code_shown(desk, "300")
        await desk.say("700", f"/link {code}")
        card = desk.adapter.platform.journal.from_bot("300")[-1]
        for user in ("700", "200"):
            await desk.press(user, card.buttons[0].data, "m1")
        assert await account_of(desk, "700") == ""

    async def test_it_lives_ten_minutes_and_a_newer_one_ends_it(self, desk: Desk) -> None:
        first = await code_shown(desk, "300")
        second = await code_shown(desk, "300")
        assert "not right" in (await desk.say("700", f"/link {first}"))[0]
        desk.clock.advance(601)
        assert "not right" in (await desk.say("700", f"/link {second}"))[0]

    async def test_a_confirmation_that_comes_too_late_links_nothing(self, desk: Desk) -> None:
        await desk.say("700", f"/link {await code_shown(desk, '300')}")
        card = desk.adapter.platform.journal.from_bot("300")[-1]
        desk.clock.advance(601)
        await desk.press("300", card.buttons[0].data, card.id)
        assert await account_of(desk, "700") == ""

    async def test_guessing_is_bounded(self, desk: Desk) -> None:
        for number in range(5):
            (said,) = await desk.say("700", f"/link {ALPHABET[number] * CODE_LENGTH}")
            assert "not right" in said
        (enough,) = await desk.say("700", f"/link {'Z' * CODE_LENGTH}")
        assert "wait an hour" in enough
        desk.clock.advance(3601)
        assert "not right" in (await desk.say("700", f"/link {'Z' * CODE_LENGTH}"))[0]

    async def test_an_account_that_is_somebodys_needs_no_code(self, desk: Desk) -> None:
        (said,) = await desk.say("200", f"/link {await code_shown(desk, '300')}")
        assert await account_of(desk, "200") == "bo@example.org"
        assert said


class TestFirstMessage:
    async def forget(self, desk: Desk) -> None:
        async def work(write: Write) -> None:
            await write.count(update(t.Address).values(introduced_at=None))

        await desk.database.write(work)

    async def test_the_first_reply_says_who_writes_and_the_second_does_not(
        self, desk: Desk
    ) -> None:
        await self.forget(desk)
        (first,) = await desk.say("300", "Where will the meetings be held?")
        assert "I write for the secretariat of the Alliance" in first
        assert "contact of Chi Center" in first
        labels = [one.label for one in desk.adapter.platform.journal.from_bot("300")[-1].buttons]
        assert labels[-2:] == ["Stop announcements", "Privacy"]
        (second,) = await desk.say("300", "Where will the meetings be held?")
        assert "I write for" not in second

    async def test_a_welcome_needs_nothing_below_it(self, desk: Desk) -> None:
        (welcome,) = await desk.say("700", "/start")
        assert welcome.count("I write for") == 1
        (next_one,) = await desk.say("700", "Where will the meetings be held?")
        assert "I write for" not in next_one

    async def test_a_notice_introduces_too(self, desk: Desk) -> None:
        await self.forget(desk)
        await ask_to_join(desk, "700", "Eva", "Bo Center", "eva@example.org")
        (card,) = desk.seen("100")
        assert "I write for" in card


def test_tokens_and_codes_are_found_however_they_are_written() -> None:
    token = "ABCD" * 7
    for text in (
        token,
        token.lower(),
        readable(token),
        f" {readable(token).lower()} ",
        f"https://t.me/b?start={token}",
    ):
        assert token_in(text) == token
    for text in ("", "hello", "A" * 27, "A" * 29, "I" * 28, "0" * 28, f"my token is {token}"):
        assert token_in(text) == ""
    assert code_in("abcd-efgh") == "ABCDEFGH"
    assert code_in("tomorrow") == "", "a word with an O is no code"
    assert code_in("children") == "", "nor is one with an I"


async def test_what_staff_did_is_in_the_audit_log(desk: Desk) -> None:
    await unlinked_contact(desk)
    await desk.say("700", await invited(desk, DORA))
    async with desk.database.read() as read:
        actions = [action for _at, _who, action, _what in await audit.newest(read)]
    assert {"roster invite", "account linked by invite"} <= set(actions)
