"""Accounts on platforms, and the addresses of their direct chats."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, astuple, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, bindparam, exists, func, literal, select, update
from sqlalchemy.orm import aliased
from sqlmodel import col

from bot.domain.address import ANY_ACCOUNT, AccountRef, Address
from bot.storage import bulk, tables, unwanted
from bot.storage.database import Read, Write
from bot.storage.dialect import insert, locked

t: Any = tables  # SQLModel types a column as its value, so mypy cannot follow a query

UNHEARD = {"locale": "", "name": ""}
"""What a platform says of an account, before it has said anything."""


@dataclass(frozen=True, slots=True)
class KnownAccount:
    """An account that we have a row for."""

    id: int
    person_id: int | None
    locale: str
    name: str = ""

    def says(self, locale: str, name: str) -> bool:
        """Return whether the platform's words are known; that it says nothing is no news."""
        return locale in ("", self.locale) and name in ("", self.name)


@dataclass(frozen=True, slots=True)
class DirectAddress:
    """Where a person can be reached; ``unreachable`` is a reason, or ``""``."""

    id: int
    address: Address
    locale: str
    unreachable: str


async def find(read: Read, ref: AccountRef) -> KnownAccount | None:
    """Return the account, or None if it was never seen."""
    row = await read.first(
        select(t.Account.id, t.Account.person_id, t.Account.locale, t.Account.name).where(
            col(t.Account.platform) == ref.platform,
            col(t.Account.account) == ref.account,
            col(t.Account.user) == ref.user,
        )
    )
    return KnownAccount(row.id, row.person_id, row.locale, row.name) if row else None


async def ensure(write: Write, ref: AccountRef, *, locale: str = "", name: str = "") -> int:
    """Return the row id of the account, adding it if it is new; note what the platform says."""
    statement = insert(write, t.Account).values(
        platform=ref.platform,
        account=ref.account,
        user=ref.user,
        locale=locale,
        name=name,
    )
    seen = {key: value for key, value in (("locale", locale), ("name", name)) if value}
    seen["platform"] = ref.platform
    account_id: int = await write.scalar(
        statement.on_conflict_do_update(
            index_elements=["platform", "account", "user"], set_=seen
        ).returning(t.Account.id)
    )
    return account_id


async def owners(write: Write, refs: Collection[AccountRef]) -> dict[AccountRef, int]:
    """Return whose those of ``refs`` are that are linked, held until the transaction ends."""
    users: dict[tuple[str, str], list[str]] = {}
    for ref in sorted(refs, key=astuple):
        users.setdefault((ref.platform, ref.account), []).append(ref.user)
    found: dict[AccountRef, int] = {}
    for (platform, account), some in users.items():  # rows of three in one IN take no index
        linked = select(t.Account.user, t.Account.person_id).where(
            col(t.Account.platform) == platform,
            col(t.Account.account) == account,
            col(t.Account.user).in_(some),
            col(t.Account.person_id).is_not(None),
        )
        for row in await write.all(locked(write, linked)):
            found[AccountRef(platform, account, row.user)] = row.person_id
    return found


async def link(write: Write, persons: Mapping[AccountRef, int]) -> None:
    """Link accounts and their direct chats to people, whoever held them before."""
    rows = [{**asdict(ref), "person_id": one, **UNHEARD} for ref, one in persons.items()]
    found = await bulk.upsert(
        write, t.Account, rows, keys=["platform", "account", "user"], keep=list(UNHEARD)
    )
    chats = [
        {
            "platform": row.platform,
            "account": row.account,
            "chat": row.user,
            "thread": "",
            "account_id": row.id,
            "unreachable": "",
        }
        for row in found
    ]
    keys = ["platform", "account", "chat", "thread"]
    await bulk.upsert(write, t.Address, chats, keys=keys, keep=["unreachable"])


async def ensure_direct(write: Write, ref: AccountRef, account_id: int) -> int:
    """Return the row id of the account's direct chat, adding it if it is new."""
    return await ensure_address(write, Address(ref.platform, ref.account, ref.user), account_id)


async def ensure_address(write: Write, address: Address, account_id: int | None = None) -> int:
    """Return the row id of ``address``, adding it if it is new."""
    values = {
        "platform": address.platform,
        "account": address.account,
        "chat": address.chat,
        "thread": address.thread,
    }
    keep = {"account_id": account_id} if account_id is not None else {"chat": address.chat}
    statement = insert(write, t.Address).values(**values, account_id=account_id, unreachable="")
    address_id: int = await write.scalar(
        statement.on_conflict_do_update(index_elements=list(values), set_=keep).returning(
            t.Address.id
        )
    )
    return address_id


async def set_unreachable(write: Write, address: Address, why: str) -> None:
    """Note that the chat cannot be reached (``why``), or can be again (``""``).

    What an announcement still has for it follows: :mod:`bot.storage.unwanted`.
    """
    await write.count(
        update(t.Address)
        .where(
            col(t.Address.platform) == address.platform,
            col(t.Address.account) == address.account,
            col(t.Address.chat) == address.chat,
        )
        .values(unreachable=why)
    )
    if why:
        await unwanted.skip_for_chat(write, address, why)
    else:
        await unwanted.bring_back_to(write, address)


async def can_reach(read: Read, address: Address) -> bool:
    """Return whether nothing is known that keeps a message from ``address``."""
    why = await read.scalar(
        select(t.Address.unreachable).where(
            col(t.Address.platform) == address.platform,
            col(t.Address.account) == address.account,
            col(t.Address.chat) == address.chat,
            col(t.Address.thread) == address.thread,
        )
    )
    return not why


async def revive(write: Write, ref: AccountRef) -> None:
    """The person behind the account has shown up: their direct chat can be reached."""
    revived = await write.count(
        update(t.Address)
        .where(
            col(t.Address.platform) == ref.platform,
            col(t.Address.account) == ref.account,
            col(t.Address.chat) == ref.user,
            col(t.Address.unreachable) != "",
        )
        .values(unreachable="")
    )
    if revived:
        await unwanted.bring_back_to(write, Address(ref.platform, ref.account, ref.user))


async def introduce(write: Write, address: Address, now: datetime) -> bool:
    """Note that whoever reads in the direct chat knows who writes; True if that is new."""
    noted = await write.count(
        update(t.Address)
        .where(
            col(t.Address.platform) == address.platform,
            col(t.Address.account) == address.account,
            col(t.Address.chat) == address.chat,
            col(t.Address.account_id).is_not(None),
            col(t.Address.introduced_at).is_(None),
        )
        .values(introduced_at=now)
    )
    return noted > 0


async def introduce_all(write: Write, address_ids: Sequence[int], now: datetime) -> None:
    """Note the same for the direct chats with these row ids."""
    if address_ids:
        await write.count(_INTRODUCE, {"ids": list(address_ids), "at": now})


_INTRODUCE = (
    update(t.Address)
    .where(
        col(t.Address.id).in_(bindparam("ids", expanding=True)),
        col(t.Address.account_id).is_not(None),
        col(t.Address.introduced_at).is_(None),
    )
    .values(introduced_at=bindparam("at"))
)


async def move(write: Write, address_id: int, to: Address) -> None:
    """The chat lives at ``to`` now; keep its row, unless ``to`` has one already."""
    taken = await write.scalar(
        select(t.Address.id).where(
            col(t.Address.platform) == to.platform,
            col(t.Address.account) == to.account,
            col(t.Address.chat) == to.chat,
            col(t.Address.thread) == to.thread,
        )
    )
    if taken is None:
        await write.count(
            update(t.Address)
            .where(col(t.Address.id) == address_id)
            .values(chat=to.chat, thread=to.thread)
        )


async def direct_addresses(read: Read, person_id: int) -> tuple[DirectAddress, ...]:
    """Return the person's direct chats, those that can be reached first, then by age."""
    rows = await read.all(
        select(t.Address, col(t.Account.locale).label("locale"))
        .join(t.Account, col(t.Account.id) == col(t.Address.account_id))
        .where(col(t.Account.person_id) == person_id)
        .order_by(col(t.Address.unreachable) != "", col(t.Address.id))
    )
    return tuple(
        DirectAddress(
            row.id,
            Address(row.platform, row.account, row.chat, row.thread),
            row.locale,
            row.unreachable,
        )
        for row in rows
    )


async def adopt(write: Write, platform: str, account: str) -> None:
    """Give what was imported before the bot was known to the bot ``account``.

    Where the same user has been met by that bot already, the met account takes over the
    person, and the imported row stays behind unused. An announcement may have begun
    meanwhile: its rows are given to the bot as well, or they would wait for ever.
    """
    waiting = aliased(t.Account)
    persons = select(waiting.person_id).where(
        col(waiting.platform) == platform,
        col(waiting.account) == ANY_ACCOUNT,
        col(waiting.user) == t.Account.user,
    )
    await write.count(
        update(t.Account)
        .where(
            col(t.Account.platform) == platform,
            col(t.Account.account) == account,
            col(t.Account.person_id).is_(None),
            persons.exists(),
        )
        .values(person_id=persons.scalar_subquery())
    )
    await _adopt_rows(write, t.Account, "user", platform, account)
    await _adopt_rows(write, t.Address, "chat", platform, account)
    await write.count(
        update(t.Account)
        .where(col(t.Account.platform) == platform, col(t.Account.account) == ANY_ACCOUNT)
        .values(person_id=None)
    )
    await write.count(
        update(t.Delivery)
        .where(col(t.Delivery.platform) == platform, col(t.Delivery.account) == ANY_ACCOUNT)
        .values(account=account)
    )


async def _adopt_rows(
    write: Write,
    table: Any,
    key: str,
    platform: str,
    account: str,
) -> None:
    known = aliased(table)
    met = exists().where(
        col(known.platform) == platform,
        col(known.account) == account,
        getattr(known, key) == getattr(table, key),
    )
    waiting = and_(col(table.platform) == platform, col(table.account) == ANY_ACCOUNT)
    await write.count(update(table).where(waiting, ~met).values(account=account))


async def hand_over(write: Write, platform: str, account: str) -> int:
    """Give the people of all other accounts of ours to ``account``; return how many.

    Only where a person has the same id whatever bot looks at them. The new bot's direct
    chats count as reachable, whatever the old bot had met there: only the platform knows
    whether somebody has opened them, and says so for each message. The old rows keep
    their history without a person, so nobody is written to twice, and giving them back
    finds them.
    """
    others = and_(
        col(t.Account.platform) == platform,
        col(t.Account.account) != account,
        col(t.Account.person_id).is_not(None),
    )
    newest = select(func.max(t.Account.id)).where(others).group_by(t.Account.user)
    columns = ["platform", "account", "user", "person_id", "locale", "name"]
    copied = select(
        t.Account.platform,
        literal(account),
        t.Account.user,
        t.Account.person_id,
        t.Account.locale,
        t.Account.name,
    ).where(col(t.Account.id).in_(newest))
    statement = insert(write, t.Account).from_select(columns, copied)
    keep_met = func.coalesce(t.Account.person_id, statement.excluded.person_id)
    await write.count(
        statement.on_conflict_do_update(index_elements=columns[:3], set_={"person_id": keep_met})
    )
    await _open_direct_chats(write, platform, account)
    return await write.count(update(t.Account).where(others).values(person_id=None))


async def _open_direct_chats(write: Write, platform: str, account: str) -> None:
    columns = ["platform", "account", "chat", "thread", "account_id", "unreachable"]
    chats = select(
        t.Account.platform,
        t.Account.account,
        t.Account.user,
        literal(""),
        t.Account.id,
        literal(""),
    ).where(
        col(t.Account.platform) == platform,
        col(t.Account.account) == account,
        col(t.Account.person_id).is_not(None),
    )
    statement = insert(write, t.Address).from_select(columns, chats)
    await write.count(statement.on_conflict_do_nothing(index_elements=columns[:4]))
