"""What readers wrote to an announcement, as staff see it in the chat."""

from collections.abc import Sequence

from bot.domain.announcement import Announcement
from bot.domain.announcement_reply import AnnouncementReply, ReplyCount
from bot.domain.message import Bold, Button, Inline, Italic, Line, Message, line
from bot.domain.reader import Reader
from bot.i18n import Texts, venue_text
from bot.views.labels import cut_label

ACTION = "replies"
PAGE = 8
SHOWN = 400
"""Characters of a reply that the chat shows; ``convoke announce replies`` shows all."""


def replies_button(number: int, texts: Texts) -> Button:
    """Return the button that shows the newest replies."""
    return Button(texts("button.replies"), ACTION, f"{number}:0")


def count_lines(count: ReplyCount, texts: Texts) -> list[Line]:
    """Return how many replies there are, for the card and the report; nothing for none."""
    if not count.replies:
        return []
    words = texts.plural("replies.count", count.replies)
    if count.waiting:
        words += " · " + texts.plural("replies.waiting", count.waiting)
    return [line(words)]


def replies_message(
    found: Announcement,
    replies: Sequence[AnnouncementReply],
    older_from: int | None,
    reader: Reader,
    texts: Texts,
) -> Message:
    """Return a page of replies, newest first.

    Args:
        older_from: Where the next page begins, or None if this one is the last.
    """
    lines: list[Line] = [line(Bold(texts("replies.title", title=found.title)))]
    if not replies:
        lines.append(line(texts("replies.none")))
    for one in replies:
        lines += [(), *_reply(one, reader, texts)]
    buttons = [Button(texts("button.a-card"), "announcement", f"{found.id}:show")]
    if older_from is not None:
        older = Button(texts("button.replies-older"), ACTION, f"{found.id}:{older_from}")
        buttons.insert(0, older)
    return Message(tuple(lines), (tuple(buttons),))


def _reply(one: AnnouncementReply, reader: Reader, texts: Texts) -> list[Line]:
    home = one.organisations.get(reader.language) or one.organisations.get("", "")
    where = texts("replies.in-room", room=cut_label(one.room)) if one.room else ""
    when = venue_text(one.said_at, reader.zone, reader.language)
    day = venue_text(one.said_at, reader.zone, reader.language, date_only=True)
    facts = " · ".join(fact for fact in (home, where, f"{day}, {when}") if fact)
    head: list[Inline | str] = [Bold(one.who or texts("replies.somebody")), f" · {facts}"]
    words = cut_label(one.text, SHOWN)
    said = line(words) if words else line(Italic(texts("replies.no-words")))
    lines = [line(*head), said]
    if one.waits:
        lines.append(line(Italic(texts("replies.waits"))))
    return lines
