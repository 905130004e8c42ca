"""The accounts that a roster's rows name, and what can be wrong with them."""

from collections.abc import Iterator, Mapping

from bot.domain.address import ANY_ACCOUNT, AccountRef
from bot.domain.people import Problem, RosterRow


def refs(row: RosterRow, own: Mapping[str, str]) -> Iterator[AccountRef]:
    """Yield the accounts of ``row``; where it does not say whose bot, ours is meant."""
    for platform, account, user in row.accounts:
        yield AccountRef(platform, account or own.get(platform, ANY_ACCOUNT), user)


def taken(row: RosterRow, ref: AccountRef) -> Problem:
    """Return that the account is somebody else's."""
    return Problem(
        f"line {row.line}",
        f"the {ref.platform} account {ref.user} belongs to somebody else already; "
        "correct one of the two rows and import again (the contact is in without it)",
    )


def elsewhere(row: RosterRow, ref: AccountRef, own: Mapping[str, str]) -> list[Problem]:
    """Warn of an account at a workspace that we are known not to serve: a slip, or too early."""
    ours = own.get(ref.platform, ref.account)
    if ref.account == ours:
        return []
    text = (
        f"{ref.account} is not the {ref.platform} workspace that is connected ({ours}): what is "
        f"sent to {ref.user} there is skipped until it is (the contact is in)"
    )
    return [Problem(f"line {row.line}", text, refused=False)]
