"""Files that people send: what Slack says of them, and their bytes.

Slack names them with the message or the form. Where their bytes are is asked for only when
they are fetched (``files.info``): that address comes from Slack itself and not from a client,
and it is current. Fetching takes the bot's token and the scope ``files:read``; without it
Slack answers 200 with its login page.
"""

from collections.abc import Mapping

from bot.adapters.slack.bodies import Body, part, text
from bot.adapters.slack.outcomes import FILE_INFO, UNSAID_WAIT
from bot.adapters.slack.web import Web
from bot.domain.outcome import Later, Never, Reason, Scope, Unknown
from bot.domain.sent_file import SentFile, plain_name

MOST = 20
"""Files that are looked at in one message or field; Slack takes ten."""
_OTHER_NAME = "file"


def sent_files(body: Body) -> tuple[SentFile, ...]:
    """Return the files of a message, or of a form's field."""
    found = body.get("files")
    if not isinstance(found, list):
        return ()
    files = (_sent_file(one) for one in found[:MOST] if isinstance(one, Mapping))
    return tuple(one for one in files if one.id)


def _sent_file(one: Body) -> SentFile:
    size = one.get("size")
    return SentFile(
        id=text(one, "id"),
        name=plain_name(text(one, "name") or text(one, "title"), _OTHER_NAME),
        media_type=text(one, "mimetype"),
        size=size if isinstance(size, int) and size > 0 else 0,
    )


async def fetch(web: Web, id_: str, limit: int) -> bytes | Later | Never:
    """Ask where the file is, and fetch it."""
    answer = await web.ask(FILE_INFO, file=id_)
    if isinstance(answer, Unknown):
        return Later(UNSAID_WAIT, Scope.CHAT, answer.reason)
    if isinstance(answer, Later | Never):
        return answer
    file = part(answer.data if isinstance(answer.data, dict) else {}, "file")
    return await _fetch(web, file, limit)


async def _fetch(web: Web, file: Body, limit: int) -> bytes | Later | Never:
    size = file.get("size")
    if isinstance(size, int) and size > limit:
        return Never(Reason.TOO_LONG, "the file is too large")
    url = text(file, "url_private_download") or text(file, "url_private")
    if not url:
        return Never(Reason.GONE, "Slack names no place of the file")
    got = await web.fetch(url, limit)
    if isinstance(got, Later | Never):
        return got
    content, kind = got
    if kind == "text/html" and text(file, "mimetype") != kind:
        return Later(UNSAID_WAIT, Scope.CHAT, "Slack sent its login page; is files:read granted?")
    return content
