"""Fixing an audience: everybody once, in chunks, whatever happens in between."""

import asyncio
import itertools
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest
from sqlalchemy import delete, insert, select, update

from bot.domain import audience as a
from bot.domain.address import AccountRef
from bot.domain.announcement import Announcement, AnnouncementState, Body
from bot.domain.delivery import Lane
from bot.domain.people import CLI, ContactRole, Person
from bot.services import announcement_reach, roster
from bot.storage import accounts, audiences, claims, freeze, people, tables
from bot.storage import announcements as store
from bot.storage.database import Database, Write
from bot.storage.freeze import Freezing, freeze_chunk, prepare
from tests.integration.conftest import OpenDatabase
from tests.integration.storage.people import add_members, row

NOW = datetime(2020, 1, 1, tzinfo=UTC)
t: Any = tables
PLATFORMS = ("telegram", "slack")
LEDGER = (
    t.Delivery.address_id,
    t.Delivery.part,
    t.Delivery.state,
    t.Delivery.reason,
    t.Delivery.language,
    t.Delivery.zone,
    t.Delivery.platform,
    t.Delivery.account,
)


async def announce(database: Database, *languages: str) -> Announcement:
    draft = Announcement(
        *(0, "News", AnnouncementState.SENDING, "all", NOW, NOW.replace(tzinfo=None), "UTC"),
        bodies=tuple(Body(language, "News", "words") for language in languages or ("en",)),
    )
    number = await database.write(lambda write: store.add(write, draft, None, NOW))
    async with database.read() as read:
        found = await store.find(read, number)
    assert found is not None
    return found


def how(
    expression: str = "all",
    platforms: tuple[str, ...] = PLATFORMS,
    parts: dict[tuple[str, str], int] | None = None,
) -> Freezing:
    both = {
        (*key, introduce): count
        for key, count in (parts or {}).items()
        for introduce in (False, True)
    }
    return Freezing(a.parse(expression), "Asia/Shanghai", platforms, both)


async def freeze_all(
    database: Database, announcement: Announcement, freezing: Freezing | None = None
) -> int:
    """Freeze to the end; return how many transactions it took."""
    chunk = partial(freeze_chunk, prepared=prepare(announcement, freezing or how()), now=NOW)
    for number in itertools.count(1):
        if await database.write(chunk):
            return number
        await asyncio.sleep(0)
    raise AssertionError("unreachable")


async def ledger(database: Database) -> list[Any]:
    async with database.read() as read:
        ordered = select(*LEDGER).order_by(t.Delivery.address_id, t.Delivery.part)
        return list(await read.all(ordered))


async def change(database: Database, table: Any, number: int, **values: object) -> None:
    statement = update(table).where(table.id == number).values(**values)
    await database.write(lambda write: write.execute(statement))


# ------------------------------------------------------------------ chunks


async def test_chunks_cover_everybody_once_also_after_a_crash(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(freeze, "CHUNK", 3)
    await add_members(database, [1, 2, 5, 6, 7, 20, 21])
    announcement = await announce(database)
    chunk = partial(freeze_chunk, prepared=prepare(announcement, how()), now=NOW)
    assert not await database.write(chunk)

    async def crash(write: Write) -> None:
        await chunk(write)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await database.write(crash)
    async with database.read() as read:
        assert (await store.unfrozen(read))[0].id == announcement.id
    assert len(await ledger(database)) == 3
    assert await freeze_all(database, announcement) == 3
    assert [one.address_id for one in await ledger(database)] == [1, 2, 5, 6, 7, 20, 21]
    assert await freeze_all(database, announcement) == 1
    async with database.read() as read:
        assert await store.unfrozen(read) == ()


async def test_processes_that_freeze_at_once_write_each_row_once(
    database: Database, open_database: OpenDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(freeze, "CHUNK", 4)
    await add_members(database, range(1, 60))
    announcement = await announce(database)
    parts = how(parts={("telegram", "en"): 2})
    others = [open_database() for _one in range(4)]
    await asyncio.gather(*(freeze_all(one, announcement, parts) for one in others))
    rows = [(one.address_id, one.part) for one in await ledger(database)]
    assert rows == [(n, part) for n in range(1, 60) for part in (1, 2)]


async def test_nobody_at_all_is_fixed_and_then_sent(database: Database) -> None:
    announcement = await announce(database)
    await freeze_all(database, announcement)
    assert await database.write(store.finish_sent) == (announcement.id,)


# ------------------------------------------------------------------ what a row says


async def test_who_cannot_be_reached_is_listed_with_a_reason(database: Database) -> None:
    await add_members(database, range(1, 6))
    await change(database, t.Person, 1, stopped=True)
    await change(database, t.Address, 2, unreachable="blocked")
    await change(database, t.Address, 3, platform="carrier-pigeon")
    await change(database, t.Account, 4, person_id=None)
    await freeze_all(database, await announce(database), how(parts={("telegram", "en"): 2}))
    assert [
        (one.address_id, one.part, one.state, one.reason) for one in await ledger(database)
    ] == [
        *((1, part, "skipped", "stopped") for part in (1, 2)),
        *((2, part, "skipped", "blocked") for part in (1, 2)),
        (3, 1, "skipped", "no_adapter"),
        *((5, part, "pending", "") for part in (1, 2)),
    ]


async def test_without_any_adapter_everybody_is_skipped(database: Database) -> None:
    await add_members(database, [1])
    await freeze_all(database, await announce(database), how(platforms=()))
    assert [one.reason for one in await ledger(database)] == ["no_adapter"]


LANGUAGE_RULE = (
    # bodies, (chosen, roster, account), language of the copy
    (("en", "de", "zh"), ("zh", "de", "en"), "zh"),
    (("en", "de", "zh"), ("", "de", "zh"), "de"),
    (("en", "de", "zh"), ("", "", "zh-hans"), "zh"),
    (("en", "de", "zh"), ("", "", ""), "en"),
    (("en", "de", "zh"), ("fr", "ru", "it"), "en"),
    (("en", "de", "zh"), ("fr", "ru", "de"), "de"),
    (("en", "de"), ("", "DE_at", ""), "de"),
    (("en", "de"), ("", "deutsch", ""), "en"),
    (("en", "pt-BR"), ("", "pt-br", ""), "pt-BR"),
    (("en", "pt-BR"), ("pt_BR", "", ""), "pt-BR"),
    (("en", "zh", "zh-tw"), ("", "zh-TW", ""), "zh-tw"),
    (("en", "zh", "zh-tw"), ("", "zh-CN", ""), "zh"),
    (("en", "zh_TW"), ("", "zh-TW-x", ""), "zh_TW"),
)


async def test_the_language_is_the_chosen_then_the_rosters_then_the_accounts(
    database: Database,
) -> None:
    await add_members(database, [1])
    for bodies, (chosen, by_roster, by_account), expected in LANGUAGE_RULE:
        await change(database, t.Person, 1, language=chosen, locale=by_roster)
        await change(database, t.Account, 1, locale=by_account)
        await database.write(lambda write: write.execute(delete(t.Delivery)))
        await freeze_all(database, await announce(database, *bodies))
        assert [one.language for one in await ledger(database)] == [expected], bodies


async def test_the_zone_is_the_persons_or_the_default(database: Database) -> None:
    await add_members(database, [1, 2])
    await change(database, t.Person, 1, timezone="Europe/Kyiv")
    await freeze_all(database, await announce(database))
    assert [one.zone for one in await ledger(database)] == ["Europe/Kyiv", "Asia/Shanghai"]


async def test_parts_are_counted_by_platform_and_language(database: Database) -> None:
    await add_members(database, [1, 2, 3])
    await change(database, t.Person, 2, language="de")
    await change(database, t.Address, 3, platform="slack")
    parts = {("telegram", "de"): 3, ("slack", "en"): 2}
    await freeze_all(database, await announce(database, "en", "de"), how(parts=parts))
    rows = await ledger(database)
    assert Counter(one.address_id for one in rows) == {1: 1, 2: 3, 3: 2}
    assert len({(one.address_id, one.part) for one in rows}) == 6


# ------------------------------------------------------------------ the bot is not known yet


async def _imported(database: Database, numbers: list[int], own: dict[str, str]) -> None:
    rows = [row(n, accounts=(("telegram", "", str(n)),)) for n in numbers]
    await database.write(lambda w: roster.save(w, rows, own=own, actor=CLI, now=NOW))


async def _bot_starts(database: Database) -> None:
    await database.write(lambda write: roster.remember_account(write, "telegram", "bot"))


async def _claimed(database: Database) -> list[str]:
    rows = await database.write(
        lambda write: claims.claim(
            write, platform="telegram", account="bot", epoch=1, lane=Lane.BULK, limit=9
        )
    )
    return sorted(row.address.chat for row in rows)


async def test_who_was_met_before_the_bot_adopted_the_roster_gets_one_copy(
    database: Database,
) -> None:
    await _imported(database, [1, 2], {})
    met = AccountRef("telegram", "bot", "1")

    async def meet(write: Write) -> None:
        account_id = await accounts.ensure(write, met)
        await accounts.ensure_direct(write, met, account_id)

    await database.write(meet)
    await _bot_starts(database)
    announcement = await announce(database)
    async with database.read() as read:
        assert await announcement_reach.recipients(read, announcement) == 2
    await freeze_all(database, announcement)
    assert await _claimed(database) == ["1", "2"]
    assert {one.state for one in await ledger(database)} == {"claimed"}


async def test_an_audience_fixed_before_the_bot_was_known_is_sent_when_it_is(
    database: Database,
) -> None:
    await _imported(database, [1, 2], {})
    met = AccountRef("telegram", "bot", "1")
    await freeze_all(database, await announce(database))

    async def meet(write: Write) -> None:
        account_id = await accounts.ensure(write, met)
        await accounts.ensure_direct(write, met, account_id)

    await database.write(meet)
    await _bot_starts(database)
    assert await _claimed(database) == ["1", "2"]


# ------------------------------------------------------------------ audiences


COUNTRIES, TAGS, LANGUAGES = (
    ("CN", "DE", ""),
    ("board", "press"),
    ("en", "de", "de_AT", "pt-BR", ""),
)
TERMS = (
    *("all", "org:o1", "org:o2", "country:CN", "country:DE", "role:contact", "role:focal"),
    *("lang:en", "lang:de", "lang:de-at", "lang:pt-BR", "lang:pt", "tag:board", "tag:press"),
    *(f"event:{e}:{answer}" for e in ("e1", "7") for answer in a.Answered),
    *("room:lobby", "event:e1:silent"),
)


async def _random_world(database: Database, rng: random.Random) -> dict[tuple[int, int], Any]:
    """Fill the database; return each (person, event)'s answer row. Events are 1 = e1 and 7."""
    answers: dict[tuple[int, int], Any] = {}
    tags = []
    persons = []
    for number in range(1, 61):
        persons.append(
            {
                "id": number,
                "email": f"p{number}@x.org",
                "names": {},
                "organisation_id": rng.choice([1, 2, 3, None]),
                "role": rng.choice(list(ContactRole)).value,
                "locale": rng.choice(LANGUAGES),
                "language": rng.choice(("", "", "de", "EN")),
            }
        )
        tags += [{"person_id": number, "tag": tag} for tag in TAGS if rng.random() < 0.4]
        for event in (1, 7):
            if rng.random() < 0.7:
                going = rng.random() < 0.5
                answers[number, event] = {
                    "event_id": event,
                    "person_id": number,
                    "answer": "going" if going else rng.choice(["maybe", "declined"]),
                    "seat": rng.choice(["confirmed", "waitlisted"]) if going else "none",
                    "answered_at": NOW,
                }

    async def work(write: Write) -> None:
        await write.execute(
            insert(t.Organisation),
            [
                {"id": n, "slug": f"o{n}", "names": {}, "country": COUNTRIES[n - 1]}
                for n in (1, 2, 3)
            ],
        )
        await write.execute(insert(t.Person), persons)
        await write.execute(insert(t.PersonTag), tags)
        await write.execute(insert(t.Conference), [{"id": 1, "name": "c", "imported_at": NOW}])
        plain: dict[str, Any] = {"titles": {}, "aka": [], "date_note": {}, "facts": {}}
        events = [
            {"id": n, "slug": slug, "conference_id": 1, "status": "planned", "source": "s", **plain}
            for n, slug in ((1, "e1"), (7, "seven"))
        ]
        await write.execute(insert(t.Event), events)
        await write.execute(insert(t.Rsvp), list(answers.values()))

    await database.write(work)
    return answers


def _holds(
    expression: a.Expression, one: Person, tags: set[str], answer: Callable[[int], Any]
) -> bool:
    """Return whether ``one`` is in the audience, the slow and obvious way."""
    match expression:
        case a.And(left, right):
            return _holds(left, one, tags, answer) and _holds(right, one, tags, answer)
        case a.Or(left, right):
            return _holds(left, one, tags, answer) or _holds(right, one, tags, answer)
        case a.Not(inner):
            return not _holds(inner, one, tags, answer)
        case a.EventAnswer(event, wanted):
            return _answered(answer(1 if event == "e1" else 7), wanted)
        case _:
            return a.unparse(expression) in _terms_of(one, tags)


def _terms_of(one: Person, tags: set[str]) -> set[str]:
    """Return every simple term that is true of ``one``."""
    spoken = (one.language or one.locale).lower().replace("_", "-").split("-")
    terms = {"all", f"role:{one.role}", *(f"tag:{tag}" for tag in tags)}
    terms |= {f"lang:{'-'.join(spoken[:end])}" for end in range(1, len(spoken) + 1)}
    if one.organisation is not None:
        terms |= {f"org:{one.organisation.slug}", f"country:{one.organisation.country}"}
    return terms


def _answered(row_: Any, wanted: a.Answered) -> bool:
    if row_ is None:
        return wanted is a.Answered.SILENT
    if wanted is a.Answered.GOING:
        return bool(row_["seat"] == "confirmed")
    if wanted is a.Answered.WAITLISTED:
        return bool(row_["seat"] == "waitlisted")
    return bool(row_["answer"] == wanted.value)


def _random_expression(rng: random.Random, depth: int) -> str:
    if depth == 0 or rng.random() < 0.2:
        return rng.choice(TERMS)
    inner = _random_expression(rng, depth - 1)
    if rng.random() < 0.3:
        return f"not ({inner})"
    word = rng.choice(["and", "or"])
    other = _random_expression(rng, depth - 1)
    return f"({inner}) {word} {other}" if rng.random() < 0.5 else f"{inner} {word} {other}"


async def test_every_audience_is_whom_the_obvious_reading_names(database: Database) -> None:
    rng = random.Random(12)
    answers = await _random_world(database, rng)
    async with database.read() as read:
        everybody = await people.all_people(read)
        tags: dict[int, set[str]] = {}
        for tagged in await read.all(select(t.PersonTag.person_id, t.PersonTag.tag)):
            tags.setdefault(tagged.person_id, set()).add(tagged.tag)
        expressions = [*TERMS, *(_random_expression(rng, rng.randrange(1, 5)) for _n in range(150))]
        for text in expressions:
            expression = a.parse(text)
            found = await read.all(
                select(t.Person.id)
                .outerjoin(t.Organisation, t.Organisation.id == t.Person.organisation_id)
                .where(audiences.condition(expression))
            )
            expected = {
                one.id
                for one in everybody
                if _holds(
                    expression,
                    one,
                    tags.get(one.id, set()),
                    lambda event, one=one: answers.get((one.id, event)),  # type: ignore[misc]  # a default cannot be inferred
                )
            }
            assert {each.id for each in found} == expected, text


# ------------------------------------------------------------------ preferred messengers


async def test_a_preferred_chat_that_nobody_serves_counts_for_nothing(database: Database) -> None:
    """An earlier bot's chat on the preferred messenger must not silence the other one."""
    both = (("telegram", "bot", "1"), ("slack", "T1", "U1"))
    rows = [row(1, accounts=both)]
    await database.write(lambda w: roster.save(w, rows, own={}, actor=CLI, now=NOW))
    await database.write(lambda write: write.execute(update(t.Person).values(preferred="slack")))
    for team, reasons in (
        ("T1", {"telegram": "other_messenger", "slack": ""}),
        ("T2", {"telegram": "", "slack": "other_account"}),
    ):
        own = replace(how(), own={"telegram": "bot", "slack": team})
        await database.write(lambda write: write.execute(delete(t.Delivery)))
        await freeze_all(database, await announce(database), own)
        assert {one.platform: one.reason for one in await ledger(database)} == reasons


async def test_without_a_choice_the_first_chat_that_is_served_gets_it(database: Database) -> None:
    both = (("telegram", "bot", "1"), ("slack", "T1", "U1"))
    await database.write(
        lambda w: roster.save(w, [row(1, accounts=both)], own={}, actor=CLI, now=NOW)
    )
    for team, bot, expected in (
        ("T1", "bot", {"telegram": "", "slack": "other_messenger"}),
        ("T1", "another", {"telegram": "other_account", "slack": ""}),
        ("T2", "bot", {"telegram": "", "slack": "other_account"}),
        ("T2", "another", {"telegram": "other_account", "slack": "other_account"}),
    ):
        own = replace(how(), own={"telegram": bot, "slack": team})
        await database.write(lambda write: write.execute(delete(t.Delivery)))
        await freeze_all(database, await announce(database), own)
        assert {one.platform: one.reason for one in await ledger(database)} == expected
