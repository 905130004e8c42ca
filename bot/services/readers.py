"""In which language and zone somebody reads."""

from dataclasses import dataclass

from bot.domain.people import Person
from bot.domain.reader import Reader
from bot.i18n import best_language


@dataclass(frozen=True, slots=True)
class Readers:
    """The installation's defaults, and the rule: chosen, roster, account, default."""

    default_language: str
    default_zone: str

    def of(self, person: Person | None, account_locale: str = "") -> Reader:
        """Return how ``person`` reads on an account with ``account_locale``."""
        language = best_language(
            person.language if person else "",
            person.locale if person else "",
            account_locale,
            default=self.default_language,
        )
        zone = person.timezone if person and person.timezone else self.default_zone
        return Reader(language, zone)
