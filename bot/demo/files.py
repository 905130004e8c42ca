"""The data that the demo ships: a conference folder, a roster and two letters."""

from dataclasses import dataclass
from pathlib import Path

from bot.importers.conference_folder import read_conference

DATA = Path(__file__).parent / "data"
CONFERENCE = DATA / "alliance"
ROSTER = DATA / "roster.csv"
FORUM = "frontier-forum"
DEFAULT = "en"


@dataclass(frozen=True, slots=True)
class Letter:
    """An announcement that waits in files, one a language; each begins with its title.

    Attributes:
        files: File by language.
        titles: Title by language, by which a copy is recognised in a chat.
        event: The event whose answer buttons go with it, or ``""``.
    """

    files: dict[str, Path]
    titles: dict[str, str]
    event: str = ""

    def language_for(self, locale: str) -> str:
        """Return the language in which a reader of ``locale`` must get it."""
        language = locale.partition("-")[0].lower()
        return language if language in self.files else DEFAULT

    def language_of(self, text: str) -> str | None:
        """Return the language of a message that is a copy of this letter, else None."""
        first = text.partition("\n")[0].strip()
        return next((code for code, title in self.titles.items() if title == first), None)

    def arguments(self) -> list[str]:
        """Return what ``convoke announce create`` needs to read it."""
        found = ["--title", self.titles[DEFAULT], "--text-file", str(self.files[DEFAULT])]
        for language, file in self.files.items():
            if language != DEFAULT:
                found += ["--lang-file", f"{language}={file}"]
        return [*found, "--rsvp", self.event] if self.event else found


def letter(name: str, event: str = "") -> Letter:
    """Return the letter that lies in the folder ``name``."""
    files = {_language(path): path for path in sorted((DATA / name).glob("*.md"))}
    return Letter(files, {code: _title(path) for code, path in files.items()}, event)


def greeting() -> Letter:
    """Return the New Year's greeting."""
    return letter("greeting")


def invitation() -> Letter:
    """Return the invitation to the Forum, with answer buttons."""
    return letter("invitation", FORUM)


def forum_seats() -> int:
    """Return how many seats the Forum has, as the shipped file says."""
    conference, _ = read_conference(CONFERENCE)
    return next(event.capacity or 0 for event in conference.events if event.slug == FORUM)


def forum_title(language: str) -> str:
    """Return the Forum's title, as the shipped file says."""
    conference, _ = read_conference(CONFERENCE)
    return next(event.title(language) for event in conference.events if event.slug == FORUM)


def _language(path: Path) -> str:
    return path.stem.partition(".")[2] or DEFAULT


def _title(path: Path) -> str:
    return path.read_text(encoding="utf-8").partition("\n")[0].removeprefix("#").strip()
