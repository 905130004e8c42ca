"""The short name of an organisation, made from its name alone.

It depends on nothing but the name (not on the row, its place or an e-mail domain), so
each import finds the same organisation again. Names with the same slug are read as one
organisation.
"""

from bot.domain.slug import slug


def organisation_slug(name: str) -> str:
    """Return the slug, such as ``max-planck-institut`` or ``中国科学院``, or ``""``."""
    return slug(name)
