"""What a platform itself says of somebody's account."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Profile:
    """An account as its workspace's directory has it; other people may have written it.

    Attributes:
        user: The person's id there.
        email: Lower case, or ``""``; the workspace's admins choose it, so it proves who
            somebody is only where that workspace is trusted.
        name: As shown, or ``""``.
        locale: Language tag, or ``""``.
        zone: IANA name, or ``""``.
        is_member: A full member of that workspace: no guest, no bot, nobody of another
            workspace in a shared channel, and not deactivated.
    """

    user: str
    email: str = ""
    name: str = ""
    locale: str = ""
    zone: str = ""
    is_member: bool = False
