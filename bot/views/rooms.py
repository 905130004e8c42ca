"""What is said in rooms, where everybody reads it, and what staff hear of them."""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import reduce

from bot.domain import audience
from bot.domain.event import Event
from bot.domain.message import Bold, Button, Code, Italic, Line, Link, Message, Text, line, plain
from bot.domain.room import OrganisationAnswers, Room
from bot.domain.rsvp import Seats
from bot.i18n import Texts
from bot.views.dates import date_lines, is_over, takes_answers
from bot.views.events import deadline_lines, seat_lines
from bot.views.labels import command_button, command_word, cut_label
from bot.views.places import place_line
from bot.views.rsvps import rsvp_buttons

ANSWER_LINES = 5
ANSWER_LENGTH = 420
"""An answer in a room is no longer than this; the rest is read in a direct chat."""
KINDS: tuple[tuple[str, Callable[[OrganisationAnswers], int]], ...] = (
    ("going", lambda one: one.going),
    ("waitlisted", lambda one: one.waitlisted),
    ("maybe", lambda one: one.maybe),
    ("declined", lambda one: one.declined),
)


def introduction(alliance: str, link: str, texts: Texts) -> Message:
    """Return the first message in a room: who writes, how to ask, what we do not do."""
    return Message((line(texts("rooms.hello", alliance=alliance)), *_manners(link, texts)))


def room_help(link: str, texts: Texts) -> Message:
    """Return how to ask in a room."""
    return Message(_manners(link, texts), ((command_button(texts, "events", "button.events"),),))


def _manners(link: str, texts: Texts) -> tuple[Line, ...]:
    how = texts("rooms.how", word=command_word(texts, "events"))
    return (line(how), line(texts("rooms.not")), *direct_lines("rooms.directly", link, texts))


def direct_lines(key: str, link: str, texts: Texts) -> tuple[Line, ...]:
    """Return the text ``key`` with the way to the direct chat, where the platform has a link."""
    said = line(texts(key))
    return ((*said, Text(" "), Link(_shown(link), link)),) if link else (said,)


def direct_words(key: str, link: str, texts: Texts) -> str:
    """Return the same as characters, for a notice."""
    return f"{texts(key)} {_shown(link)}".rstrip()


def _shown(link: str) -> str:
    return link.removeprefix("https://")


def short_answer(text: str, source: str, link: str, texts: Texts) -> Message:
    """Return an answer of a few lines, its source, and where the rest is to be had."""
    kept, whole = _cut(text)
    lines = [line(one) for one in kept]
    if not whole:
        lines += direct_lines("rooms.more", link, texts)
    return Message((*lines, line(Italic(texts("answer.source", title=source)))))


def _cut(text: str) -> tuple[list[str], bool]:
    """Return the first lines, cut at a word, and whether that is all."""
    lines = [one.strip() for one in text.splitlines() if one.strip()]
    kept: list[str] = []
    left = ANSWER_LENGTH
    for one in lines[:ANSWER_LINES]:
        if len(one) > left:
            if left > ANSWER_LENGTH // 4:
                kept.append(one[:left].rsplit(" ", 1)[0].rstrip(" ,;:，；：") + " …")
            return kept, False
        kept.append(one)
        left -= len(one)
    return kept, len(kept) == len(lines)


def unknown_in_room(texts: Texts) -> Message:
    """Say in one line that we do not know, and that the secretariat will see the question."""
    return plain(texts("rooms.unknown"))


def card_message(
    event: Event,
    texts: Texts,
    *,
    seats: Seats,
    answers: Sequence[OrganisationAnswers],
    now: datetime,
    budget: int,
) -> Message:
    """Return the card of an event for all of a room: no person, and nobody's own answer.

    Args:
        event: The event.
        texts: The room's catalog.
        seats: The event's counter.
        answers: Of those who answered in the room, by organisation.
        now: The calendar's instant; decides whether answers are still taken.
        budget: Characters for the organisations; what does not fit is counted.
    """
    lines: list[Line] = [line(Bold(event.title(texts.language)))]
    if event.status == "cancelled":
        return Message((*lines, line(Bold(texts("event.cancelled")))))
    lines += [*date_lines(event, texts), place_line(event, texts)]
    open_now = takes_answers(event, now)
    if is_over(event, now):
        lines.append(line(texts("event.over")))
    else:
        lines += [*seat_lines(seats, open_now, texts), *deadline_lines(event, texts, now)]
    lines += [(), *_answer_lines(answers, budget, texts)]
    return Message(tuple(lines), (rsvp_buttons(event.id, texts),) if open_now else ())


def _answer_lines(answers: Sequence[OrganisationAnswers], budget: int, texts: Texts) -> list[Line]:
    found = {kind: [(one, count(one)) for one in answers if count(one)] for kind, count in KINDS}
    shown = {kind: some for kind, some in found.items() if some}
    if not shown:
        return [line(texts("rooms.nobody"))]
    lines: list[Line] = []
    for kind, some in shown.items():
        listed = _listed(some, budget // len(shown), texts)
        total = sum(number for _one, number in some)
        lines.append(texts.line(f"rooms.{kind}", count=Bold(texts.number(total)), list=listed))
    return [*lines, line(Italic(texts("rooms.whose")))]


def _listed(some: Sequence[tuple[OrganisationAnswers, int]], budget: int, texts: Texts) -> str:
    """Return organisations with their numbers, as many as fit, and how many more there are."""
    kept: list[str] = []
    for one, number in some:
        name = cut_label(one.name(texts.language)) or texts("rooms.others")
        item = texts("rooms.organisation", name=name, count=number)
        if kept and sum(map(len, kept)) + len(item) > budget:
            break
        kept.append(item)
    listed = reduce(lambda before, item: texts("rooms.then", list=before, next=item), kept)
    if len(kept) == len(some):
        return listed
    more = texts.plural("rooms.more-organisations", len(some) - len(kept))
    return texts("rooms.and-more", list=listed, more=more)


def card_moved(event: Event, texts: Texts) -> Message:
    """Return what a card becomes when a fresh one stands elsewhere: nothing to press."""
    title = Bold(event.title(texts.language))
    return Message((line(title), line(texts("rooms.card-moved"))))


def joined_message(room: Room, by: str, texts: Texts, *, may_leave: bool) -> Message:
    """Tell staff that somebody let us into a room, and how announcements go there."""
    title, term = Bold(cut_label(room.title) or room.name), audience.Room(room.name)
    platform = room.address.platform.title()
    lines = (
        texts.line("rooms.staff-joined", title=title, platform=platform, name=cut_label(by)),
        texts.line("rooms.staff-name", term=Code(audience.unparse(term))),
    )
    leave = Button(texts("button.leave-room"), "leave-room", str(room.id))
    return Message(lines, ((leave,),) if may_leave else ())


def left_message(room: Room, texts: Texts) -> Message:
    """Say that we leave a room."""
    return Message((texts.line("rooms.staff-left", title=Bold(cut_label(room.title))),))
