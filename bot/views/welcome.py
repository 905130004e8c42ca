"""The first message: who writes, why, what one can do, and how to stop it."""

from dataclasses import replace

from bot.domain.message import Button, Italic, Line, Message, line, plain
from bot.domain.people import Person
from bot.i18n import Texts
from bot.views.labels import command_button


def welcome_message(
    person: Person | None, alliance: str, texts: Texts, resumed: bool = False
) -> Message:
    """Return the answer to /start.

    Args:
        person: Who starts, or None for an account that nobody has linked yet.
        alliance: The alliance's name in the reader's language.
        texts: The reader's catalog.
        resumed: Whether this brought announcements back.
    """
    lines = hello_lines(person, alliance, texts)
    if resumed:
        lines.append(line(texts("welcome.back")))
    lines += [line(_why(person, texts)), (), line(texts("welcome.can"))]
    first = (
        command_button(texts, "events", "button.events"),
        command_button(texts, "help", "button.help"),
    )
    if person is None:
        return Message(tuple(lines), (first, (Button(texts("button.introduce"), "introduce"),)))
    lines.append(line(texts("welcome.stop", button=texts("button.stop"))))
    return Message(tuple(lines), (first, (command_button(texts, "stop", "button.stop"),)))


def with_introduction(
    message: Message, person: Person | None, alliance: str, texts: Texts
) -> Message:
    """Return the first message to somebody, with who writes and why below it.

    Buttons of the message stay first; Stop and Privacy come below.
    """
    lines = (*message.lines, (), *introduction_lines(person, alliance, texts))
    first = command_button(texts, "stop", "button.stop")
    if person is None:
        first = Button(texts("button.introduce"), "introduce")
    row = (first, command_button(texts, "privacy", "button.privacy"))
    return replace(message, lines=lines, buttons=(*message.buttons, row))


def introduction_lines(person: Person | None, alliance: str, texts: Texts) -> list[Line]:
    """Return from whom a message comes, and why to this person."""
    who = texts("welcome.from", alliance=alliance)
    space = "" if who.endswith("。") else " "  # Chinese sets none between sentences
    return [line(Italic(f"{who}{space}{_why(person, texts)}"))]


def hello_lines(person: Person | None, alliance: str, texts: Texts) -> list[Line]:
    """Return the greeting, and for whom the bot writes."""
    name = person.name(texts.language) if person else ""
    hello = texts("welcome.hello-named", name=name) if name else texts("welcome.hello")
    return [line(hello), line(texts("welcome.from", alliance=alliance))]


def already_known(person: Person, texts: Texts) -> Message:
    """Tell a known person that nothing more is needed."""
    if person.organisation is None:
        return plain(texts("introduce.known-person"))
    name = person.organisation.name(texts.language)
    return plain(texts("introduce.known", organisation=name))


def _why(person: Person | None, texts: Texts) -> str:
    if person is None:
        return texts("welcome.unknown")
    if person.organisation is None:
        return texts("welcome.why-member")
    return texts("welcome.why", organisation=person.organisation.name(texts.language))
