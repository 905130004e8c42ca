"""What the journals prove. Each check says what was expected and what was found.

Nothing here asks our database: copies are counted in the chats as people see them. Where
the ledger itself is judged (who is listed as unconfirmed), its report is what is checked,
and the chats are what it is checked against.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bot.demo.files import Letter
from bot.demo.members import Member, Place
from bot.i18n import best_language, texts_for
from bot.simulators.journal import BOT, Journal, SeenMessage

Journals = Mapping[str, Journal]
MOST_UNKNOWN = 32
"""Messages that a kill may leave unknown, at most."""


@dataclass(frozen=True, slots=True)
class Check:
    """One promise: what it is, what had to be, and what the chats hold."""

    what: str
    expected: str
    found: str
    ok: bool


def same(what: str, expected: object, found: object) -> Check:
    """Return the check that both are equal."""
    return Check(what, str(expected), str(found), expected == found)


def copies(journals: Journals, place: Place, letter: Letter) -> list[str]:
    """Return the language of each copy of ``letter`` that stands in the chat."""
    seen = journals[place.platform].from_bot(place.user)
    return [code for one in seen if (code := letter.language_of(one.text)) is not None]


def of_each(
    journals: Journals, places: Sequence[tuple[Member, Place]], letter: Letter
) -> list[tuple[Member, list[str]]]:
    """Return everybody with the languages of their copies, in all their chats together."""
    found: dict[str, tuple[Member, list[str]]] = {}
    for member, place in places:
        found.setdefault(member.email, (member, []))[1].extend(copies(journals, place, letter))
    return list(found.values())


def once_each(
    what: str, journals: Journals, places: Sequence[tuple[Member, Place]], letter: Letter
) -> Check:
    """Check that everybody has exactly one copy, on however many messengers they are."""
    counts = [len(held) for _, held in of_each(journals, places, letter)]
    found = f"{counts.count(1)} once"
    twice, never = sum(n > 1 for n in counts), counts.count(0)
    found += f", {twice} more than once" * bool(twice) + f", {never} never" * bool(never)
    return same(what, f"{len(counts)} once", found)


def own_language(
    what: str, journals: Journals, places: Sequence[tuple[Member, Place]], letter: Letter
) -> Check:
    """Check that the copies are in the language that the roster gives each reader."""
    readers = of_each(journals, places, letter)
    wanted = Counter(letter.language_for(member.locale) for member, _ in readers)
    right = Counter(
        letter.language_for(member.locale)
        for member, held in readers
        if set(held) == {letter.language_for(member.locale)}
    )
    return same(what, _tally(wanted), _tally(right))


def _tally(counts: Counter[str]) -> str:
    return ", ".join(f"{code} {n}" for code, n in sorted(counts.items())) or "none"


def nobody_twice(
    what: str, journals: Journals, places: Sequence[tuple[Member, Place]], letter: Letter
) -> Check:
    """Check that nobody has two copies."""
    readers = of_each(journals, places, letter)
    twice = [member.name for member, held in readers if len(held) > 1]
    return same(what, "nobody", ", ".join(twice) or "nobody")


def missing_are_listed(
    what: str,
    journals: Journals,
    places: Sequence[tuple[Member, Place]],
    letter: Letter,
    unconfirmed: Iterable[tuple[str, str]],
) -> Check:
    """Check that whoever has no copy is listed; ``unconfirmed`` are platforms and e-mails."""
    listed = set(unconfirmed)
    missing = [one for one, held in of_each(journals, places, letter) if not held]
    silent = [
        one.email
        for one in missing
        if not any((place.platform, one.email) in listed for place in one.places)
    ]
    expected = f"all {len(missing)} without a copy" if missing else "nobody is without a copy"
    return Check(
        what, expected, f"not listed: {', '.join(silent)}" if silent else expected, not silent
    )


def at_most(what: str, limit: int, found: int) -> Check:
    """Check that ``found`` is no more than ``limit``."""
    return Check(what, f"at most {limit}", str(found), found <= limit)


def between(what: str, least: int, most: int, found: int) -> Check:
    """Check that ``found`` lies between both."""
    return Check(what, f"{least} to {most}", str(found), least <= found <= most)


def replies(journals: Journals, place: Place, said: str) -> list[SeenMessage]:
    """Return what the bot wrote between ``said`` and the next thing the person wrote."""
    seen = journals[place.platform].messages(place.user)
    at = [n for n, one in enumerate(seen) if one.author != BOT and one.text == said]
    if not at:
        return []
    after = seen[at[-1] + 1 :]
    people = [n for n, one in enumerate(after) if one.author != BOT]
    return after[: people[0] if people else None]


def answered(
    what: str, journals: Journals, place: Place, said: str, wanted: Sequence[str]
) -> Check:
    """Check that there was one answer, and that it holds all ``wanted`` words."""
    found = replies(journals, place, said)
    expected = "1 answer with " + " + ".join(f"“{one}”" for one in wanted)
    if len(found) != 1:
        return Check(what, expected, f"{len(found)} answers", False)
    lacking = [one for one in wanted if one not in found[0].text]
    if lacking:
        return Check(what, expected, f"it lacks “{'”, “'.join(lacking)}”", False)
    return Check(what, expected, f"1 answer: “{found[0].text.splitlines()[0]}”", True)


@dataclass(frozen=True, slots=True)
class Told:
    """What a member was told of their answers to one event, from their chat alone."""

    journals: Journals
    titles: Mapping[str, str]

    def standing(self, member: Member, place: Place) -> str:
        """Return the last thing they were told: going, waitlisted, maybe, declined or ""."""
        last = ""
        for message in self.journals[place.platform].from_bot(place.user):
            for line in message.text.splitlines():
                last = self._lines(member).get(line, last)
        return last

    def tally(self, places: Iterable[tuple[Member, Place]]) -> str:
        """Return how many stand where."""
        found = Counter(self.standing(member, place) for member, place in places)
        words = {"going": "confirmed", "waitlisted": "waiting"}
        named = {words.get(kind, kind): n for kind, n in found.items() if kind}
        return ", ".join(f"{n} {kind}" for kind, n in sorted(named.items()))

    def promotions(self, member: Member, place: Place) -> int:
        """Return how often they were told that a seat is theirs now."""
        texts = texts_for(language_of(member))
        wanted = texts("rsvp.promoted", event=self._title(member))
        seen = self.journals[place.platform].from_bot(place.user)
        return sum(wanted in message.text.splitlines() for message in seen)

    def _lines(self, member: Member) -> dict[str, str]:
        texts, title = texts_for(language_of(member)), self._title(member)
        kinds = ("going", "waitlisted", "maybe", "declined")
        lines = {texts(f"rsvp.recorded.{kind}", event=title): kind for kind in kinds}
        return {**lines, texts("rsvp.promoted", event=title): "going"}

    def _title(self, member: Member) -> str:
        return self.titles[language_of(member)]


def language_of(member: Member) -> str:
    """Return the language in which the member is spoken to."""
    return best_language(member.locale, default="en")
