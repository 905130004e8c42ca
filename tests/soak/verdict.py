"""What must hold at the end of a soak, said of plain numbers, so that it can be tested itself.

For each person, what they said is compared with what stands in their chat at the platform,
and with what our ledger lists as not (or perhaps not) arrived. The platform's record is the
truth; the ledger is only believed where it confesses.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Copies:
    """One announcement: copies in each recipient's chat, and what the ledger lists."""

    title: str
    seen: Mapping[str, int]
    listed: Mapping[str, str]
    """Chats whose copy is failed, skipped or unconfirmed, with the state."""
    rows: int


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that was counted.

    Attributes:
        asked: Questions by (chat, words of the right answer).
        answered: The same, as seen in the chat.
        listed: By chat, replies that the ledger lists as failed, skipped or unconfirmed.
        excused: By chat, updates that the platform itself gave up to deliver.
        pressed: The last answer that each person pressed; they are sure that it came in.
        stored: What the tables hold.
        unfinished: Rows that are still new, claimed, pending or sending.
        unconfirmed: Rows of unknown fate at the end.
        lost_answers: Sends whose answer the platform swallowed, on purpose.
        kills: How often the service was killed.
    """

    asked: Mapping[tuple[str, str], int]
    answered: Mapping[tuple[str, str], int]
    listed: Mapping[str, int]
    excused: Mapping[str, int]
    announcements: tuple[Copies, ...]
    pressed: Mapping[str, str]
    stored: Mapping[str, str]
    unfinished: int
    unconfirmed: int
    lost_answers: int
    kills: int
    broken: tuple[str, ...] = field(default=())
    """Lines of the logs that tell of an exception that nobody expected."""


IN_FLIGHT = 32
"""How many requests a kill can leave unknown, at most: DESIGN, section 3."""


def findings(seen: Evidence) -> list[str]:
    """Return what is lost, doubled or unexplained; nothing is what must be found."""
    found = [*_questions(seen), *_presses(seen)]
    for one in seen.announcements:
        found += _copies(one)
    if seen.unfinished:
        found.append(f"{seen.unfinished} rows are unfinished")
    explained = IN_FLIGHT * seen.kills + seen.lost_answers
    if seen.unconfirmed > explained:
        found.append(f"{seen.unconfirmed} unconfirmed, only {explained} explained")
    return found + [f"broken: {line}" for line in seen.broken]


def _questions(seen: Evidence) -> list[str]:
    found = []
    missing: Counter[str] = Counter()
    for key in seen.asked.keys() | seen.answered.keys():
        chat, words = key
        short = seen.asked.get(key, 0) - seen.answered.get(key, 0)
        if short < 0:
            found.append(f"{chat}: {-short} answers too many with {words!r}")
        missing[chat] += max(0, short)
    for chat, count in missing.items():
        listed = seen.listed.get(chat, 0) + seen.excused.get(chat, 0)
        if count > listed:
            found.append(f"{chat}: {count} answers are missing, {listed} are listed")
    return found


def _presses(seen: Evidence) -> list[str]:
    return [
        f"{user}: pressed {answer}, stored is {seen.stored.get(user, 'nothing')}"
        for user, answer in seen.pressed.items()
        if seen.stored.get(user) != answer
    ]


def _copies(one: Copies) -> list[str]:
    found = [
        f"{one.title}: {count} copies for {user}" for user, count in one.seen.items() if count > 1
    ]
    found += [
        f"{one.title}: none for {user}, and it is not listed"
        for user, count in one.seen.items()
        if not count and user not in one.listed
    ]
    found += [
        f"{one.title}: {user} has a copy that is listed as {one.listed[user]}"
        for user, count in one.seen.items()
        if count and one.listed.get(user) in ("failed", "skipped")
    ]
    if one.rows != len(one.seen):
        found.append(f"{one.title}: {one.rows} rows for {len(one.seen)} recipients")
    return found
