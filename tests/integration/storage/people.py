"""Members for the tests: organisations, people, accounts and their direct chats."""

from collections.abc import Sequence

from sqlalchemy import insert, text

from bot.domain.people import ContactRole, RosterRow
from bot.storage import tables
from bot.storage.database import Database, Write


def row(number: int, **fields: object) -> RosterRow:
    """Return a roster row of the member ``number`` with a Telegram account."""
    values: dict[str, object] = {
        "line": number + 1,
        "organisation_slug": f"center-{number}",
        "organisation_names": {"": f"Center {number}"},
        "country": "CH",
        "names": {"": f"Person {number}"},
        "email": f"p{number}@example.org",
        "role": ContactRole.CONTACT,
        "locale": "en",
        "timezone": "Europe/Zurich",
        "accounts": (("telegram", "bot", str(number)),),
    }
    return RosterRow(**{**values, **fields})  # type: ignore[arg-type]  # the names are checked when it is made


async def add_members(database: Database, numbers: Sequence[int]) -> None:
    """Add people with the given ids, each with a Telegram account and address of that id."""

    async def work(write: Write) -> None:
        await write.execute(
            insert(tables.Person),
            [{"id": n, "email": f"p{n}@example.org", "names": {"": f"P {n}"}} for n in numbers],
        )
        await write.execute(
            insert(tables.Account),
            [
                {"id": n, "platform": "telegram", "account": "bot", "user": str(n), "person_id": n}
                for n in numbers
            ],
        )
        await write.execute(
            insert(tables.Address),
            [
                {"id": n, "platform": "telegram", "account": "bot", "chat": str(n), "account_id": n}
                for n in numbers
            ],
        )

        if not database.is_sqlite:
            for table in ("person", "account", "address"):  # numbers that the tests chose count too
                last = f"SELECT setval('{table}_id_seq', (SELECT max(id) FROM {table}))"  # noqa: S608 - names of our own tables only, never input
                await write.execute(text(last))

    await database.write(work)
