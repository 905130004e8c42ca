"""What one sees in the interactive demo: messages with numbered buttons, and who there is."""

from collections.abc import Iterable

from bot.demo import screen, words
from bot.demo.inbox import News
from bot.demo.members import Member, Place
from bot.simulators.journal import SeenButton, SeenMessage


class View:
    """Shows messages and remembers which button has which number."""

    def __init__(self) -> None:
        """Start with nothing on the screen."""
        self.buttons: list[tuple[SeenMessage, SeenButton]] = []

    def show_who(self, member: Member, place: Place) -> None:
        """Say as whom one types."""
        said = words.YOU_ARE.format(
            number=member.number,
            name=member.name,
            organisation=member.organisation,
            platform=place.platform.capitalize(),
            locale=member.locale,
            city=member.city,
        )
        screen.say()
        screen.say(screen.bold(said))

    def show(self, news: News) -> None:
        """Show messages with their buttons numbered; the numbers of before are gone."""
        if any(message.buttons for message in news.messages):
            self.buttons.clear()
        for message in news.messages:
            screen.say()
            self._lines(message.text, words.CHANGED if message.history else "")
            for button in message.buttons:
                self.buttons.append((message, button))
                number = screen.styled(f"[{len(self.buttons)}]", fg="green", bold=True)
                screen.say(f"  {screen.dim(screen.bar())} {number} {button.label}")
        for notice in news.notices:
            screen.say()
            self._lines(words.NOTICE.format(text=notice))
        if news:
            screen.say()

    def _lines(self, text: str, remark: str = "") -> None:
        edge = screen.dim(screen.bar())
        if remark:
            screen.say(f"  {edge} {screen.dim(remark)}")
        for line in text.splitlines():
            for part in screen.wrapped(line, screen.columns() - 6):
                screen.say(f"  {edge} {part}")


def member_table(members: Iterable[Member]) -> list[str]:
    """Return who there is, a line each."""
    rows = [
        (str(one.number), one.name, one.organisation, where(one), one.locale, one.city)
        for one in members
    ]
    return screen.table(words.MEMBER_HEADINGS, rows, most=34)


def where(member: Member) -> str:
    """Return the platforms on which a member has an account."""
    return " + ".join(one.platform.capitalize() for one in member.places) or words.NOWHERE


def searched(member: Member) -> str:
    """Return what finds a member."""
    texts = (member.name, member.organisation, where(member), member.locale, member.city)
    return " ".join((*texts, member.country)).casefold()
