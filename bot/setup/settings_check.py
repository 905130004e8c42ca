"""What is wrong with the settings themselves; nothing is asked of anybody."""

import difflib
from collections.abc import Iterable, Mapping

from bot.i18n import languages
from bot.settings import PREFIX, Settings, setting_names
from bot.setup.finding import Finding, Level, found

FOR_TESTS = (f"{PREFIX}TEST_",)
"""Variables of ours that are no settings of the service."""


def unknown_variables(names: Iterable[str]) -> tuple[Finding, ...]:
    """Return a warning for each variable that looks like a setting and is none: a slip of the pen.

    Without it a misspelt name would be passed over in silence.
    """
    known = setting_names()
    given = sorted(
        name
        for name in names
        if name.startswith(PREFIX) and name not in known and not name.startswith(FOR_TESTS)
    )
    return tuple(_unknown(name, known) for name in given)


def _unknown(name: str, known: Iterable[str]) -> Finding:
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.8)
    meant = f", did you mean {near[0]}?" if near else ""
    return found(Level.WARNING, "settings", "settings-unknown", name=name, meant=meant)


def check_settings(settings: Settings) -> tuple[Finding, ...]:
    """Return what does not fit together; ``settings`` are readable already."""
    return (
        *_voice(settings),
        *_secret_key(settings),
        *_public_url(settings),
        *(
            [found(Level.WARNING, "settings", "settings-calendar")]
            if settings.calendar_file
            else []
        ),
    )


def _voice(settings: Settings) -> Iterable[Finding]:
    language, names = settings.default_language, settings.alliance_names
    default_names: Mapping[str, str] = Settings.model_fields["alliance_names"].default
    if language not in languages():
        known = ", ".join(languages())
        yield found(Level.WRONG, "language", "language-unknown", language=language, known=known)
    elif language not in names:
        yield found(Level.WARNING, "alliance", "language-nameless", language=language)
    if names == default_names:
        name = names.get(language, names["en"])
        yield found(Level.WARNING, "alliance", "name-default", name=name)


def _secret_key(settings: Settings) -> Iterable[Finding]:
    if not settings.secret_key.get_secret_value():
        yield found(Level.WARNING, "secret key", "key-missing")


def _public_url(settings: Settings) -> Iterable[Finding]:
    modes = {"telegram": settings.telegram_mode, "slack": settings.slack_mode}
    called = [one for one in settings.adapter_names if modes.get(one) in ("webhook", "http")]
    if not called:
        return
    platforms, url = " and ".join(called), settings.public_url
    if not url:
        yield found(Level.WRONG, "public URL", "public-missing", platforms=platforms)
    elif not url.startswith("https://"):
        yield found(Level.WRONG, "public URL", "public-plain", platforms=platforms)
