"""Many rows with one statement, so that a transaction over a whole file stays short."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, bindparam, update
from sqlmodel import col

from bot.storage import tables
from bot.storage.database import Write
from bot.storage.dialect import insert

Values = dict[str, Any]


async def upsert(
    write: Write,
    table: type[tables.Table],
    rows: Sequence[Values],
    *,
    keys: Sequence[str],
    keep: Sequence[str] = (),
) -> Sequence[Row[Any]]:
    """Add ``rows``, which differ in ``keys``, or update those there; return ids and keys.

    Somebody else may add the same row meanwhile (a member writes while their roster is
    imported), so what was looked up before is no reason to expect that it is new.

    Args:
        keep: Columns that only a new row gets.
    """
    if not rows:
        return ()
    statement = insert(write, table)
    fixed = {*keys, *keep}
    columns = [name for name in rows[0] if name not in fixed] or list(keys[:1])
    statement = statement.on_conflict_do_update(
        index_elements=list(keys), set_={name: statement.excluded[name] for name in columns}
    )
    model: Any = table
    returned = statement.returning(model.id, *(getattr(model, name) for name in keys))
    found: Sequence[Row[Any]] = (await write.execute(returned, list(rows))).all()
    return found


async def update_by_id(
    write: Write, table: type[tables.Table], rows: Sequence[Values], key: str = "id"
) -> None:
    """Update ``rows``, which all have the same columns, where ``key`` is theirs."""
    if not rows:
        return
    columns: Values = {name: bindparam(f"new_{name}") for name in rows[0] if name != key}
    statement = update(table).where(col(getattr(table, key)) == bindparam("this_row"))
    values = [
        {"this_row": row[key], **{f"new_{name}": row[name] for name in columns}} for row in rows
    ]
    await write.execute(statement.values(columns), values)
