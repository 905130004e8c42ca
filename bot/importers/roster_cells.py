"""One row of a roster: each cell is checked, and all mistakes of the row are listed."""

import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache

from babel.core import Locale

from bot.domain.people import ContactRole, Problem, RosterRow, StaffRole
from bot.domain.zoned import zone_named
from bot.importers.organisation_slug import organisation_slug
from bot.importers.reading import Problems, language_tag, one_line

Cells = dict[str, str]

MAX_CELL = 500
"""Characters; longer cells are a quoting mistake rather than a name."""

_EMAIL = re.compile(r"[^\s@,;<>\"()]{1,64}@(?:[\w-]{1,63}\.)+[\w-]{2,63}")
_TAG = re.compile(r"[\w.\-]{1,60}")
_TELEGRAM = re.compile(r"[1-9][0-9]{0,15}")
_ROUNDED = re.compile(r"[0-9]+([.,][0-9]+)?[eE]\+?[0-9]+")
_SLACK_USER = re.compile(r"[UW][A-Z0-9]{1,30}")
_SLACK_TEAM = re.compile(r"[TE][A-Z0-9]{1,30}")


class _Mistake(Exception):
    """A cell cannot be used; the text says what to write instead."""


def read_row(
    line: int, cells: Cells, problems: Problems, mistakes: Sequence[str] = ()
) -> RosterRow | None:
    """Return the row, or None with every mistake of it added.

    Args:
        mistakes: What the file itself makes unreadable; then nothing else is looked at,
            because an unreadable cell is no empty one.
    """
    if mistakes:
        problems.extend(Problem(f"line {line}", f"{text}; row refused") for text in mistakes)
        return None
    return _checked_row(line, cells, problems)


def _checked_row(line: int, cells: Cells, problems: Problems) -> RosterRow | None:
    mistakes: list[str] = []

    def checked(check: Callable[..., str], *columns: str) -> str:
        try:
            return check(*(cells.get(column, "") for column in columns))
        except _Mistake as mistake:
            mistakes.append(str(mistake))
            return ""

    mistakes.extend(_unreadable(cells))
    row = RosterRow(
        line=line,
        organisation_slug=checked(_organisation, "organisation"),
        organisation_names=_names(cells, "organisation"),
        country=checked(_country, "country"),
        names=_names(cells, "name"),
        email=checked(_email, "email"),
        role=ContactRole(checked(_role, "role") or ContactRole.CONTACT),
        locale=checked(_locale, "locale"),
        timezone=checked(_timezone, "timezone"),
        tags=frozenset(checked(_tags, "tags").split()),
        accounts=tuple(
            (platform, team, user)
            for platform, team, user in (
                ("telegram", "", checked(_telegram, "telegram_id")),
                ("slack", checked(_team, "slack_team"), checked(_slack, "slack_user")),
            )
            if user
        ),
        title=one_line(cells.get("title")),
        family_name=one_line(cells.get("family_name")),
    )
    if not row.names.get(""):
        mistakes.append("name is empty")
    if not mistakes and cells.get("slack_team") and not cells.get("slack_user"):
        text = "slack_team stands without slack_user: it is not read"
        problems.append(Problem(f"line {line}", text, refused=False))
    problems.extend(Problem(f"line {line}", f"{text}; row refused") for text in mistakes)
    return None if mistakes else row


def _unreadable(cells: Cells) -> Iterator[str]:
    for column, value in cells.items():
        if any("\ud800" <= char <= "\udfff" for char in value):
            yield f"{column} is not UTF-8: save the file as CSV UTF-8"
        elif len(value) > MAX_CELL:
            yield f"{column} is longer than {MAX_CELL} characters"


def _names(cells: Cells, base: str) -> dict[str, str]:
    """Return the name as given, by language; ``""`` is the main form. Never split or reordered."""
    names = {"": one_line(cells.get(base))}
    for column, value in cells.items():
        start, _, language = column.partition("_")
        tag = language_tag(language) if start == base and language else None
        if tag and one_line(value):
            names[tag] = one_line(value)
    return names


def _organisation(value: str) -> str:
    slug = organisation_slug(value)
    if not slug:
        raise _Mistake(
            "organisation is empty" if not value else f"organisation {value!r} holds no letter"
        )
    return slug


def _email(value: str) -> str:
    if not value:
        raise _Mistake("email is empty: it is how a person is known")
    if not _EMAIL.fullmatch(value) or len(value) > 254:
        raise _Mistake(f"email {value!r} is no address like name@example.org")
    return value.lower()


def _country(value: str) -> str:
    code = value.upper()
    if value and code not in _countries():
        hint = "GB for the United Kingdom" if code == "UK" else "such as CN"
        raise _Mistake(f"country {value!r} is no ISO 3166-1 code of two letters, {hint}")
    return code


@cache
def _countries() -> frozenset[str]:
    """Return the two-letter codes of CLDR without its groups (EU) and test codes."""
    codes = [str(code) for code in Locale("en").territories]
    groups = {"EU", "EZ", "UN", "QO", "XA", "XB", "ZZ"}
    return frozenset(code for code in codes if len(code) == 2 and code.isalpha()) - groups


def _role(value: str) -> str:
    role = value.lower()
    if role in list(StaffRole) or role in ("staff", "secretariat", "owner"):
        raise _Mistake(f"role {value!r} is a staff role: use convoke staff grant")
    if role and role not in list(ContactRole):
        raise _Mistake(f"role {value!r} must be contact or focal")
    return role


def _locale(value: str) -> str:
    tag = language_tag(value) if value else ""
    if tag is None:
        raise _Mistake(f"locale {value!r} is unknown: write it like en, zh or pt-BR")
    return tag


def _timezone(value: str) -> str:
    try:
        if value:
            zone_named(value)
    except ValueError as error:
        raise _Mistake(str(error)) from None
    return value


def _tags(value: str) -> str:
    """Return tags in lower case, separated by one space."""
    tags = [tag.lower() for tag in re.split(r"[;|\s]+", value) if tag]
    wrong = [tag for tag in tags if not _TAG.fullmatch(tag)]
    if wrong:
        raise _Mistake(f"tag {wrong[0]!r} may hold letters, digits, - _ . only")
    return " ".join(tags)


def _telegram(value: str) -> str:
    """Return the number; ``123.0`` is one that a spreadsheet has had for a moment."""
    digits = value.removesuffix(".0")
    if _ROUNDED.fullmatch(value):
        raise _Mistake(
            f"telegram_id {value!r} was rounded by a spreadsheet: must be digits only, so format "
            "the column as text and write the number again"
        )
    if value and not _TELEGRAM.fullmatch(digits):
        raise _Mistake(f"telegram_id {value!r} must be digits only (format the column as text)")
    return digits


def _team(value: str) -> str:
    if value and not _SLACK_TEAM.fullmatch(value):
        raise _Mistake(f"slack_team {value!r} must look like T0123ABCD or E0123ABCD")
    return value


def _slack(value: str) -> str:
    if value and not _SLACK_USER.fullmatch(value):
        raise _Mistake(f"slack_user {value!r} must look like U0123ABCD or W0123ABCD")
    return value
