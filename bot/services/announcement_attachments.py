"""The files of an announcement: for everybody, or to each organisation its own letter."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.domain import audience
from bot.domain.announcement import MOST_FILES, Announcement
from bot.domain.message import ATTACHMENT_BYTES, Attachment
from bot.domain.refusal import Refusal
from bot.domain.sent_file import SentFile
from bot.domain.slug import slug as slug_of
from bot.storage import announcement_files as store
from bot.storage import people
from bot.storage.database import Read, Write


@dataclass(frozen=True, slots=True)
class Letters:
    """Files by the organisation that each is for, and who is left out without one."""

    by_slug: Mapping[str, Attachment]
    left_out: tuple[str, ...] = ()


def check_sent(files: Sequence[SentFile]) -> None:
    """Refuse files before they are fetched, by what their platform says of them.

    Raises:
        Refusal: they are too many, or too large together.
    """
    if len(files) > MOST_FILES:
        raise Refusal("refusal.files-many", limit=MOST_FILES)
    if sum(one.size for one in files) > ATTACHMENT_BYTES:
        raise Refusal("refusal.files-large", limit=ATTACHMENT_BYTES // (1024 * 1024))


def check(files: Sequence[Attachment], letters: Mapping[str, Attachment]) -> None:
    """Refuse files that cannot be sent.

    Raises:
        Refusal: they are too many, too large together, or one is empty.
    """
    if len(files) + bool(letters) > MOST_FILES:
        raise Refusal("refusal.files-many", limit=MOST_FILES)
    for one in (*files, *letters.values()):
        if not one.content:
            raise Refusal("refusal.file-empty", name=one.name)
    size = sum(len(one.content) for one in files)
    size += max((len(one.content) for one in letters.values()), default=0)
    if size > ATTACHMENT_BYTES:
        raise Refusal("refusal.files-large", limit=ATTACHMENT_BYTES // (1024 * 1024))


async def addressed(read: Read, files: Mapping[str, Attachment], wanted: str) -> Letters:
    """Return whose each file is, by its name without the ending: a slug or a name.

    Raises:
        Refusal: a file names no organisation, or two name the same one.
    """
    by_name = {}
    for home in await people.organisations(read):
        for name in (home.slug, *home.names.values()):
            by_name[slug_of(name)] = home.slug
    found: dict[str, Attachment] = {}
    for stem, file in files.items():
        slug = by_name.get(slug_of(stem))
        if slug is None:
            raise Refusal("refusal.letter-unknown", name=file.name)
        if slug in found:
            raise Refusal("refusal.letter-twice", name=file.name, organisation=slug)
        found[slug] = file
    meant = await store.organisations_in(read, audience.parse(wanted))
    return Letters(found, tuple(sorted(meant - found.keys())))


async def save(
    write: Write,
    number: int,
    files: Sequence[Attachment],
    letters: Mapping[str, Attachment],
) -> None:
    """Store what goes with the announcement ``number``.

    Whoever has no letter is not in its audience any more.
    """
    for file in files:
        await store.add(write, number, file)
    if not letters:
        return
    ids = {home.slug: home.id for home in await people.organisations(write)}
    for slug, file in letters.items():
        await store.add(write, number, file, ids[slug])
    await store.narrow_to_letters(write, number)


async def trial(
    read: Read, announcement: Announcement, person_id: int | None
) -> tuple[Attachment, ...]:
    """Return what a reader would get; staff without a letter are shown somebody's."""
    if not announcement.files:
        return ()
    found = await store.of_reader(read, announcement.id, person_id)
    for_all = sum(not one.organisation for one in announcement.files)
    if announcement.has_letters and len(found) == for_all:
        found += await store.a_letter(read, announcement.id)
    return found
