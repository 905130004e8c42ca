"""Messages as a member reads them, one file a language, to be read in review.

After a change that is meant: ``CONVOKE_UPDATE_SNAPSHOTS=1 pytest tests/unit/views``.
"""

import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from bot import form_talk
from bot.domain.address import Address
from bot.domain.announcement import Announcement, AnnouncementState, Body
from bot.domain.joining import Candidates, JoinRequest, RequestState
from bot.domain.message import Message, plain
from bot.domain.people import Organisation, Person
from bot.domain.preferences import Preferences, Topic, quiet_hours
from bot.domain.reader import Reader
from bot.domain.room import OrganisationAnswers, Room
from bot.domain.rsvp import Answer, Seats, SeatState
from bot.i18n import Texts, languages, texts_for
from bot.views import settings
from bot.views.announcements import announcement_message
from bot.views.answers import (
    answer_message,
    courtesy_message,
    empty_message,
    too_long_message,
    unknown_message,
)
from bot.views.days import days_message
from bot.views.events import event_card, event_list
from bot.views.help import help_message
from bot.views.home import home_message
from bot.views.joining import (
    approved_message,
    claimed_message,
    code_message,
    confirm_card,
    decided_card,
    introduce_form,
    link_ended,
    linked_message,
    no_requests,
    recognised_message,
    refused_message,
    request_card,
    unlinked_message,
    unlinked_notice,
)
from bot.views.office import office_text
from bot.views.privacy import (
    confirm_message,
    erased_message,
    export_message,
    kept_message,
    privacy_message,
)
from bot.views.rooms import (
    card_message,
    card_moved,
    direct_lines,
    direct_words,
    introduction,
    joined_message,
    left_message,
    room_help,
    short_answer,
    unknown_in_room,
)
from bot.views.rsvps import mine, promoted, recorded
from bot.views.staff import late_decided_message, missed_message
from bot.views.stops import nothing_to_stop_message, resumed_message, stopped_message
from bot.views.welcome import already_known, welcome_message, with_introduction
from tests.unit.views.samples import DAY, FORUM, NOW, SEATS, TALK, drawn, rsvp

SNAPSHOTS = Path(__file__).parent / "snapshots"
CENTER = Organisation(1, "psi", {"": "Paul Scherrer Institute", "zh": "保罗谢勒研究所"})
PERSON = Person(7, {"": "Anna Keller", "zh": "安娜·凯勒"}, organisation=CENTER)
ALLIANCE = {"en": "the Global Cooperation Alliance", "zh": "科学中心全球合作联盟"}
GOING = rsvp(Answer.GOING, SeatState.CONFIRMED)
WAITING = rsvp(Answer.GOING, SeatState.WAITLISTED, ahead=1)
FIRST = rsvp(Answer.GOING, SeatState.WAITLISTED, ahead=0)
MAYBE = rsvp(Answer.MAYBE)
NO = rsvp(Answer.DECLINED)
FULL = Seats(capacity=2, taken=2, waiting=3)
LATE = Announcement(
    id=4,
    title="Greeting",
    state=AnnouncementState.MISSED,
    audience="all",
    due=datetime(2019, 12, 31, 16, 0, tzinfo=UTC),
    due_local=datetime(2020, 1, 1),
    zone="Asia/Shanghai",
)


def scenes(language: str) -> dict[str, Message]:
    texts = texts_for(language)
    alliance = ALLIANCE.get(language, ALLIANCE["en"])
    after = datetime(2020, 5, 2, tzinfo=UTC)
    over = datetime(2020, 5, 15, tzinfo=UTC)
    cancelled = replace(TALK, status="cancelled")
    return {
        "start, known": welcome_message(PERSON, alliance, texts),
        "start after a stop": welcome_message(PERSON, alliance, texts, resumed=True),
        "start, unknown": welcome_message(None, alliance, texts),
        "page, known": home_message(
            PERSON,
            alliance,
            ((FORUM, None), (TALK, WAITING), (cancelled, NO), (DAY, MAYBE)),
            texts,
            now=NOW,
            commands=("events", "going", "help", "stop"),
        ),
        "page, unknown": home_message(
            None, alliance, ((TALK, None),), texts, now=NOW, commands=("events", "help")
        ),
        "page, nothing coming": home_message(
            PERSON, alliance, (), texts, now=NOW, commands=("help",)
        ),
        "help": help_message(texts),
        "unknown command": help_message(texts, unknown="/frobnicate"),
        "events": event_list((FORUM, TALK, DAY, cancelled), texts),
        "no events": event_list((), texts),
        "card, date unknown": event_card(FORUM, texts, seats=SEATS, rsvp=None, now=NOW),
        "card, one seat": event_card(TALK, texts, seats=Seats(2, 1), rsvp=None, now=NOW),
        "card, full": event_card(TALK, texts, seats=FULL, rsvp=MAYBE, now=NOW),
        "card, waiting": event_card(TALK, texts, seats=FULL, rsvp=WAITING, now=NOW),
        "card, going": event_card(TALK, texts, seats=FULL, rsvp=GOING, now=NOW),
        "card, too late": event_card(TALK, texts, seats=FULL, rsvp=NO, now=after),
        "card, over": event_card(TALK, texts, seats=FULL, rsvp=NO, now=over),
        "card, cancelled": event_card(cancelled, texts, seats=FULL, rsvp=NO, now=NOW),
        "card, bare date": event_card(DAY, texts, seats=SEATS, rsvp=None, now=NOW),
        "recorded, going": recorded(TALK, GOING, texts, buttons=True),
        "recorded, waiting": recorded(TALK, WAITING, texts, buttons=False),
        "recorded, first in line": recorded(TALK, FIRST, texts, buttons=False),
        "recorded, maybe": recorded(TALK, MAYBE, texts, buttons=False),
        "recorded, declined": recorded(TALK, NO, texts, buttons=False),
        "promoted": promoted(TALK, texts),
        "my answers": mine(((TALK, WAITING), (FORUM, NO)), (), texts),
        "no answers yet": mine((), (FORUM,), texts),
        "no answers, no events": mine((), (), texts),
        "answer": answer_message("In Beijing.\n\nVenue open.", "Where will it be?", texts),
        "do not know": unknown_message(texts),
        "no words": empty_message(texts),
        "too long": too_long_message(2000, texts),
        "courtesy, new year": courtesy_message("new-year", texts),
        **joining_scenes(texts, alliance),
        **own_scenes(texts, alliance),
        "known already": already_known(PERSON, texts),
        "stopped": stopped_message(texts, already=False),
        "stopped already": stopped_message(texts, already=True),
        "resumed": resumed_message(texts),
        "nothing to stop": nothing_to_stop_message(texts),
        "announcement": announcement_message(
            Body("en", "News", "# Hello\n\n*We* meet."), texts, event_id=1, rsvp=MAYBE
        ),
        "missed announcement": missed_message(LATE, texts),
        **rooms_scenes(texts, alliance),
        "sent late": late_decided_message(replace(LATE, state=AnnouncementState.SENDING), texts),
    }


def own_scenes(texts: Texts, alliance: str) -> dict[str, Message]:
    """Return every message about what somebody chooses, and about their data."""
    chosen = Preferences("", "Europe/Zurich", "slack", quiet_hours("22-7"), frozenset({Topic.NEWS}))
    reader = Reader(texts.language, "Europe/Zurich")
    both = ("slack", "telegram")
    return {
        "settings": settings.settings_card(chosen, reader, both, NOW, texts),
        "settings, nothing chosen": settings.settings_card(
            Preferences(), Reader(texts.language, "Asia/Shanghai"), ("telegram",), NOW, texts
        ),
        "which messenger": settings.messenger_message(both, texts),
        "which topics": settings.topics_message(chosen, texts),
        "which hours": settings.quiet_message(texts),
        "which days": days_message("12345", texts),
        "which zone": settings.zones_message(("America/Santiago", "Asia/Tokyo"), NOW, texts),
        "no such zone": settings.no_zone(texts),
        "settings, unknown": settings.settings_unknown(texts),
        "privacy": privacy_message(alliance, "privacy@alliance.example", 180, texts, known=True),
        "privacy, unknown": privacy_message(alliance, "", 180, texts, known=False),
        "export": export_message(b"{}", texts),
        "delete?": confirm_message(texts),
        "kept": kept_message(texts),
        "deleted": erased_message(texts),
        "do not know, office": unknown_message(
            texts, office_text(NOW, NOW + timedelta(hours=8), "Asia/Shanghai", reader)
        ),
        "signed announcement": announcement_message(
            Body("en", "News", "Words"), texts, signature="The office"
        ),
    }


def joining_scenes(texts: Texts, alliance: str) -> dict[str, Message]:
    """Return every message about becoming known."""
    asked = JoinRequest(
        12, 3, "slack", "anna.k", "Anna Keller", "PSI", "anna@psi.example",
        RequestState.WAITING, NOW,
    )  # fmt: skip
    form = introduce_form(texts, "Anna")
    return {
        "ask who": form_talk.begin(form, texts).message,
        "first message": with_introduction(plain("…"), PERSON, alliance, texts),
        "first message, unknown": with_introduction(plain("…"), None, alliance, texts),
        "invitation accepted": linked_message(PERSON, alliance, texts),
        "recognised": recognised_message(PERSON, alliance, texts),
        "approved": approved_message(PERSON, alliance, texts),
        "not approved": refused_message(texts, "office@alliance.example"),
        "not me": unlinked_message(texts),
        "not me, to staff": unlinked_notice(PERSON, "telegram", "Bob", texts),
        "request, known": request_card(asked, Candidates(PERSON, False, ()), texts),
        "request, staff": request_card(asked, Candidates(PERSON, True, ()), texts),
        "request, new": request_card(asked, Candidates(None, False, (CENTER,)), texts),
        "request, nothing alike": request_card(asked, Candidates(None, False, ()), texts),
        "request approved": decided_card(asked, PERSON, texts),
        "request refused": decided_card(asked, None, texts),
        "no requests": no_requests(texts),
        "code": code_message("ABCDEFGH", NOW, "Asia/Shanghai", texts),
        "code typed": claimed_message("telegram", texts),
        "confirm": confirm_card(5, "slack", "anna.k", texts),
        "linked": link_ended("slack", True, texts),
        "not linked": link_ended("slack", False, texts),
    }


def rooms_scenes(texts: Texts, alliance: str) -> dict[str, Message]:
    link = "https://chat.example/alliance"
    center = OrganisationAnswers(CENTER.names, going=2, waitlisted=1, declined=1)
    other = OrganisationAnswers({"": "*Lab* <1>"}, maybe=3)
    nobody = OrganisationAnswers({}, going=1)
    many = [OrganisationAnswers({"": f"Centre {n}"}, going=1) for n in range(200)]
    room = Room(3, 5, Address("telegram", "bot", "-5"), "科学中心", "科学中心 <b>*群*</b>")
    card = partial(card_message, TALK, texts, seats=FULL, budget=600)
    after = datetime(2020, 5, 2, tzinfo=UTC)
    return {
        "room, hello": introduction(alliance, link, texts),
        "room, help without a link": room_help("", texts),
        "room, private": Message(direct_lines("rooms.private", link, texts)),
        "room, short answer": short_answer("\n".join(["A line."] * 9), "FAQ", link, texts),
        "room, do not know": unknown_in_room(texts),
        "room, card": card(answers=(center, other, nobody), now=NOW),
        "room, card without answers": card(answers=(), now=NOW),
        "room, card of many": card(answers=many, now=NOW),
        "room, card after the deadline": card(answers=(other,), now=after),
        "room, card moved": card_moved(TALK, texts),
        "room, to an admin": joined_message(room, "anna@example.org", texts, may_leave=True),
        "room, left": left_message(room, texts),
        "room, notices": plain(
            texts("rooms.flood"),
            direct_words("rooms.join", link, texts),
            texts("rooms.card-stands", event=TALK.title(texts.language)),
        ),
    }


@pytest.mark.parametrize("language", languages())
def test_messages_read_as_reviewed(language: str) -> None:
    reader = Reader(language, "America/New_York")
    made = "\n\n".join(
        f"=== {name}\n{drawn(message, reader)}" for name, message in scenes(language).items()
    )
    path = SNAPSHOTS / f"{language}.txt"
    if os.environ.get("CONVOKE_UPDATE_SNAPSHOTS"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(made + "\n", encoding="utf-8")
    assert made + "\n" == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("language", languages())
def test_no_message_names_the_software(language: str) -> None:
    for message in scenes(language).values():
        assert "convoke" not in drawn(message, Reader(language, "UTC")).casefold()
