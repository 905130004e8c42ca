r"""For whom an announcement is: a small language, parsed into a tree.

::

    expression := conjunction ("or" conjunction)*
    conjunction := negation ("and" negation)*
    negation := "not" negation | "(" expression ")" | term
    term := "all" | "org:" slug | "country:" CN | "lang:" de | "tag:" name | "room:" name
          | "role:" (contact | focal) | "event:" id ":" answer

Words of the language are read in any case. A value with spaces, colons or parentheses
stands in double quotes; inside, ``\"`` is a quote and ``\\`` a backslash.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from bot.domain.people import ContactRole
from bot.domain.refusal import Refusal

MAX_LENGTH = 2000
"""Characters of an expression."""
MAX_DEPTH = 50
"""Parentheses and ``not`` inside each other; keeps a hostile text off the call stack."""


class Answered(StrEnum):
    """What somebody did with the invitation to an event; silent is no answer at all."""

    GOING = "going"
    MAYBE = "maybe"
    DECLINED = "declined"
    WAITLISTED = "waitlisted"
    SILENT = "silent"
    ATTENDED = "attended"


@dataclass(frozen=True, slots=True)
class All:
    """Every contact of every member."""


@dataclass(frozen=True, slots=True)
class Org:
    """The contacts of one organisation."""

    slug: str


@dataclass(frozen=True, slots=True)
class Country:
    """Organisations of a country: ISO 3166-1 alpha-2, upper case."""

    code: str


@dataclass(frozen=True, slots=True)
class Lang:
    """Readers of a language: ``de``, or ``pt-br`` for one region only; lower case."""

    code: str


@dataclass(frozen=True, slots=True)
class Tag:
    """People with a tag of the roster; lower case."""

    name: str


@dataclass(frozen=True, slots=True)
class Role:
    """People with a role in their organisation."""

    role: ContactRole


@dataclass(frozen=True, slots=True)
class Room:
    """A chat of many on a platform, by the name that staff gave it."""

    name: str


@dataclass(frozen=True, slots=True)
class EventAnswer:
    """People by their answer to the event with the slug ``event``."""

    event: str
    answer: Answered


@dataclass(frozen=True, slots=True)
class Letter:
    """Organisations that have a letter of their own in the announcement of this number."""

    number: str


@dataclass(frozen=True, slots=True)
class And:
    """Those in both."""

    left: "Expression"
    right: "Expression"


@dataclass(frozen=True, slots=True)
class Or:
    """Those in either."""

    left: "Expression"
    right: "Expression"


@dataclass(frozen=True, slots=True)
class Not:
    """Those who are not in it."""

    inner: "Expression"


Term = All | Org | Country | Lang | Tag | Role | Room | EventAnswer | Letter
Expression = Term | And | Or | Not

TERMS = "all, org:…, country:…, lang:…, tag:…, role:…, room:…, event:…:…, not, ("
ANSWERS = ", ".join(Answered)


class AudienceError(Refusal):
    """The expression cannot be read.

    The key is ``refusal.audience`` with the fields ``position`` (characters, from 1),
    ``found`` and ``expected``, which are words of the language and need no translation;
    or ``refusal.too-long`` (``limit``), ``refusal.audience-deep`` (``limit``).
    """

    def __init__(self, key: str, position: int = 1, **fields: str | int) -> None:
        """Keep where it went wrong; ``position`` counts characters from 1."""
        super().__init__(key, position=position, **fields)
        self.position = position


@dataclass(frozen=True, slots=True)
class _Token:
    """``kind`` is ``(``, ``)``, ``word`` or ``end``; a word's parts are split at its colons."""

    kind: str
    at: int
    text: str = ""
    parts: tuple[str, ...] = ()
    quoted: bool = False


_WORD = re.compile(r"""(?:"(?:[^"\\]|\\.)*"|[^\s()"])+""", re.DOTALL)
_PIECE = re.compile(r""""((?:[^"\\]|\\.)*)"|(:)|([^:"]+)""", re.DOTALL)


def parse(text: str) -> Expression:
    """Return the tree of an expression.

    Raises:
        AudienceError: the text is no expression; says where and what was expected.
    """
    if not text.strip():
        raise _expected(_Token("end", 1), TERMS)
    if len(text) > MAX_LENGTH:
        raise AudienceError("refusal.too-long", limit=MAX_LENGTH)
    return _Parser(_tokens(text)).whole()


def _tokens(text: str) -> list[_Token]:
    tokens: list[_Token] = []
    at = 0
    while at < len(text):
        word = _WORD.match(text, at)
        if text[at].isspace():
            at += 1
        elif text[at] in "()":
            tokens.append(_Token(text[at], at + 1, text[at]))
            at += 1
        elif word is None:
            raise _expected(_Token("word", at + 1, text[at:]), '"…"')
        else:
            tokens.append(_Token("word", at + 1, word[0], _split(word[0]), quoted='"' in word[0]))
            at = word.end()
    return [*tokens, _Token("end", len(text) + 1)]


def _split(word: str) -> tuple[str, ...]:
    """Return the word's parts: colons outside quotes separate them."""
    parts = [""]
    for piece in _PIECE.finditer(word):
        quoted, colon, bare = piece.groups()
        if colon:
            parts.append("")
        else:
            parts[-1] += bare or re.sub(r"\\(.)", r"\1", quoted or "", flags=re.DOTALL)
    return tuple(parts)


class _Parser:
    """Reads tokens from the left; one method a rule of the grammar."""

    def __init__(self, tokens: list[_Token]) -> None:
        self._tokens = tokens
        self._next = 0
        self._depth = 0

    def whole(self) -> Expression:
        """Return the expression that all tokens form."""
        expression = self._or()
        if self._here.kind != "end":
            raise _expected(self._here, "and, or")
        return expression

    @property
    def _here(self) -> _Token:
        return self._tokens[self._next]

    def _takes(self, *words: str) -> bool:
        """Step over the token if it is one of ``words``, or of that kind."""
        here = self._here
        hit = here.kind in words or (not here.quoted and here.text.lower() in words)
        self._next += hit
        return hit

    def _or(self) -> Expression:
        left = self._and()
        while self._takes("or"):
            left = Or(left, self._and())
        return left

    def _and(self) -> Expression:
        left = self._not()
        while self._takes("and"):
            left = And(left, self._not())
        return left

    def _not(self) -> Expression:
        here = self._here
        if self._depth >= MAX_DEPTH:
            raise AudienceError("refusal.audience-deep", here.at, limit=MAX_DEPTH)
        self._depth += 1
        try:
            if self._takes("not"):
                return Not(self._not())
            if self._takes("("):
                inner = self._or()
                if not self._takes(")"):
                    raise _expected(self._here, "and, or, )")
                return inner
        finally:
            self._depth -= 1
        if here.kind != "word":
            raise _expected(here, TERMS)
        self._next += 1
        return _term(here)


def _expected(token: _Token, expected: str) -> AudienceError:
    found = token.text[:60] or "…"
    return AudienceError("refusal.audience", token.at, found=found, expected=expected)


def _term(token: _Token) -> Term:
    name, *values = token.parts
    match name.lower(), values:
        case "all", []:
            return All()
        case "event", [event, answer] if event.strip():
            if answer.lower() not in list(Answered):
                raise _expected(token, ", ".join(f"event:{event}:{one}" for one in Answered))
            return EventAnswer(event, Answered(answer.lower()))
        case "event", _:
            raise _expected(token, f"event:ID:({ANSWERS.replace(', ', '|')})")
        case kind, [value] if value.strip() or kind not in _FORMS:
            return _simple(token, kind, value)
        case kind, _ if kind in _FORMS:
            raise _expected(token, _FORMS[kind])
        case _:
            raise _expected(token, TERMS)


_FORMS = {
    "org": "org:SLUG",
    "country": "country:CN",
    "lang": "lang:de",
    "tag": "tag:NAME",
    "role": "role:contact, role:focal",
    "room": "room:NAME",
    "letter": "letter:12",
}


def _simple(token: _Token, kind: str, value: str) -> Term:
    """Return a term of one value, in the form that it is stored in."""
    match kind:
        case "org":
            return Org(value.lower())
        case "country" if re.fullmatch("[A-Za-z]{2}", value):
            return Country(value.upper())
        case "lang" if re.fullmatch("[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8}){0,3}", value):
            return Lang(value.lower().replace("_", "-"))
        case "tag" | "room":
            return Tag(value.lower()) if kind == "tag" else Room(value)
        case "role" if value.lower() in list(ContactRole):
            return Role(ContactRole(value.lower()))
        case "letter" if re.fullmatch("[0-9]{1,9}", value):
            return Letter(str(int(value)))
    raise _expected(token, _FORMS.get(kind, TERMS))


def terms(expression: Expression) -> Iterator[Term]:
    """Yield the terms of an expression from left to right, so that names can be looked up."""
    match expression:
        case And(left, right) | Or(left, right):
            yield from terms(left)
            yield from terms(right)
        case Not(inner):
            yield from terms(inner)
        case _:
            yield expression


def rooms(expression: Expression) -> tuple[str, ...]:
    """Return the names of the rooms that the expression reaches, as they are written in it.

    A room is no person: it is in no country and speaks no language, so it receives only
    where it is asked for. It does if the expression is true with this one room and nothing
    else, and is not without it: ``not org:x`` pulls no room in.
    """
    names = dict.fromkeys(term.name for term in terms(expression) if isinstance(term, Room))
    if _holds(expression, ""):
        return ()
    return tuple(name for name in names if _holds(expression, name))


def _holds(expression: Expression, room: str) -> bool:
    """Return whether it is true where ``room:`` that name is, and every other term is not."""
    match expression:
        case And(left, right):
            return _holds(left, room) and _holds(right, room)
        case Or(left, right):
            return _holds(left, room) or _holds(right, room)
        case Not(inner):
            return not _holds(inner, room)
        case _:
            return isinstance(expression, Room) and expression.name == room


def place_of(term: Term, text: str) -> int:
    """Return where ``term`` stands in the expression ``text``, in characters from 1."""
    words = (token for token in _tokens(text) if len(token.parts) > 1)
    return next((token.at for token in words if _term(token) == term), 1)


def unparse(expression: Expression) -> str:
    """Return text that :func:`parse` reads as the same tree; only needed parentheses stand."""
    match expression:
        case And(left, right):
            return f"{_inside(left, Or)} and {_inside(right, Or, And)}"
        case Or(left, right):
            return f"{unparse(left)} or {_inside(right, Or)}"
        case Not(inner):
            return f"not {_inside(inner, Or, And)}"
        case All():
            return "all"
        case EventAnswer(event, answer):
            return f"event:{_quoted(event)}:{answer}"
        case (
            Org(value)
            | Country(value)
            | Lang(value)
            | Tag(value)
            | Role(value)
            | Room(value)
            | Letter(value)
        ):
            return f"{type(expression).__name__.lower()}:{_quoted(value)}"


def _inside(expression: Expression, *weaker: type) -> str:
    text = unparse(expression)
    return f"({text})" if isinstance(expression, weaker) else text


def _quoted(value: str) -> str:
    if re.fullmatch(r"[\w.\-]+", value):
        return value
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
