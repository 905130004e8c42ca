"""How an account gets its person: by invitation, by staff, or by a second messenger.

States: ``bot.domain.joining``. Nothing that an account says of itself grants anything: an
invitation is a secret that was sent to an e-mail address of the roster, a request is
decided by staff, and a code is confirmed on the messenger that is linked already. Staff
roles hang on an e-mail address, so an address of staff is linked by invitation only.
"""

import difflib
from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.domain.joining import (
    CODE_LIFE,
    Candidates,
    InviteState,
    JoinRequest,
    LinkCode,
    RequestState,
    hash_of,
    new_code,
    new_token,
)
from bot.domain.people import Actor, Organisation, Person, StaffRole
from bot.domain.refusal import Refusal
from bot.storage import audit, invites, join_requests, link_codes, linking
from bot.storage import people as store
from bot.storage.database import Read, Write

MATCHES = 3
"""Organisations that staff are offered for a request."""
ALIKE = 0.5
"""Least likeness of names, 0 to 1, for an organisation to be offered."""

_REFUSED = {
    InviteState.USED: "refusal.invite-used",
    InviteState.EXPIRED: "refusal.invite-expired",
    InviteState.UNKNOWN: "refusal.invite-unknown",
}


async def invite(write: Write, person: Person, *, actor: Actor, now: datetime, days: int) -> str:
    """Return a fresh invitation for the person; the one before is good no more."""
    token = new_token()
    await invites.add(
        write,
        token_hash=hash_of(token),
        person_id=person.id,
        created_by=actor.name,
        created_at=now,
        expires_at=now + timedelta(days=days),
    )
    await audit.record(write, actor=actor, action="roster invite", subject=person.email, at=now)
    return token


async def redeem(write: Write, *, token: str, account_id: int, now: datetime) -> Person:
    """Link the account to whoever was invited.

    Raises:
        Refusal: the invitation is used, over or unknown, or the account is somebody else's.
    """
    state, person_id = await invites.redeem(write, hash_of(token), account_id, now)
    if state is InviteState.USED and person_id is not None:
        account = await linking.account(write, account_id)
        person = await store.by_id(write, person_id)
        if account is not None and account.person_id == person_id and person is not None:
            return person  # the same person pressed the same link again
    if state is not InviteState.REDEEMED or person_id is None:
        raise Refusal(_REFUSED[state])
    return await link(write, account_id, person_id, by="invite", now=now)


async def link(write: Write, account_id: int, person_id: int, *, by: str, now: datetime) -> Person:
    """Give the account to the person.

    Raises:
        Refusal: it is somebody else's already, or the person is gone.
    """
    person = await store.by_id(write, person_id)
    if person is None:
        raise Refusal("refusal.invite-unknown")
    if not await linking.give(write, account_id, person_id, by, now):
        raise Refusal("refusal.account-taken")
    actor = Actor(person.email, person_id=person_id)
    await join_requests.close_for_account(write, account_id, by, now)
    await audit.record(
        write, actor=actor, action=f"account linked by {by}", subject=person.email, at=now
    )
    return person


async def unlink(write: Write, *, account_id: int, actor: Actor, now: datetime) -> Person | None:
    """Take the account from its person, whom it returns; None if it had none."""
    account = await linking.account(write, account_id)
    if account is None or account.person_id is None:
        return None
    person = await store.by_id(write, account.person_id)
    await linking.take_away(write, account_id)
    await invites.revoke(write, account.person_id, now)
    subject = person.email if person else f"person {account.person_id}"
    await audit.record(write, actor=actor, action="account unlinked", subject=subject, at=now)
    return person


async def unlink_all(write: Write, person: Person, *, actor: Actor, now: datetime) -> int:
    """Take all accounts from the person; return how many there were."""
    accounts = await linking.of_person(write, person.id)
    for one in accounts:
        await unlink(write, account_id=one.id, actor=actor, now=now)
    return len(accounts)


async def request(
    write: Write, *, account_id: int, name: str, organisation: str, email: str, now: datetime
) -> tuple[JoinRequest, bool]:
    """Keep what an unknown person says of themselves; return it, and whether it is new."""
    number, new = await join_requests.ask(
        write, account_id=account_id, name=name, organisation=organisation, email=email, now=now
    )
    found = await join_requests.find(write, number)
    assert found is not None  # noqa: S101 - it was just written
    return found, new


async def candidates(read: Read, wanted: JoinRequest) -> Candidates:
    """Return who the person of a request may be, by e-mail address and by name."""
    person = await store.by_email(read, wanted.email) if wanted.email else None
    organisations = await store.organisations(read)
    alike = sorted(organisations, key=lambda one: -likeness(wanted.organisation, one))
    best = tuple(one for one in alike if likeness(wanted.organisation, one) >= ALIKE)
    return Candidates(person, bool(person and person.staff), best[:MATCHES])


def likeness(said: str, organisation: Organisation) -> float:
    """Return how alike what was said and one of the organisation's names are, 0 to 1."""
    given = _words(said)
    if not given:
        return 0.0
    return max(
        _alike(given, _words(one)) for one in (*organisation.names.values(), organisation.slug)
    )


def _words(name: str) -> str:
    return " ".join(name.casefold().replace("-", " ").split())


def _alike(said: str, name: str) -> float:
    if not name:
        return 0.0
    if said == name:
        return 1.0
    if min(len(said), len(name)) >= 3 and (said in name or name in said):
        return 0.9
    return difflib.SequenceMatcher(None, said, name).ratio()


async def approve(
    write: Write,
    request_id: int,
    *,
    actor: Actor,
    now: datetime,
    person_id: int | None = None,
    organisation_id: int | None = None,
) -> tuple[JoinRequest, Person]:
    """Link the request's account to a person of the roster, or to a new contact.

    Raises:
        Refusal: it was decided before, the role does not suffice, or it cannot be done so.
    """
    wanted = await _open_request(write, request_id, actor)
    if person_id is None:
        person_id = await _new_contact(write, wanted, organisation_id)
    person = await store.by_id(write, person_id)
    if person is None:
        raise Refusal("refusal.no-person")
    if person.staff is not None:
        raise Refusal("refusal.staff-by-invite")
    decided = await join_requests.decide(
        write, request_id, RequestState.APPROVED, by=actor.name, person_id=person_id, now=now
    )
    if not decided:
        raise Refusal("refusal.decided", name=(await _decider(write, request_id)))
    await link(write, wanted.account_id, person_id, by="staff", now=now)
    await audit.record(write, actor=actor, action="join approved", subject=person.email, at=now)
    return wanted, person


async def refuse(write: Write, request_id: int, *, actor: Actor, now: datetime) -> JoinRequest:
    """Refuse a request.

    Raises:
        Refusal: it was decided before, or the role does not suffice.
    """
    wanted = await _open_request(write, request_id, actor)
    decided = await join_requests.decide(
        write, request_id, RequestState.REFUSED, by=actor.name, person_id=None, now=now
    )
    if not decided:
        raise Refusal("refusal.decided", name=(await _decider(write, request_id)))
    subject = f"request {request_id}"
    await audit.record(write, actor=actor, action="join refused", subject=subject, at=now)
    return wanted


async def waiting(read: Read) -> tuple[JoinRequest, ...]:
    """Return the requests that nobody has decided, oldest first."""
    return await join_requests.waiting(read)


async def _open_request(read: Read, request_id: int, actor: Actor) -> JoinRequest:
    if not actor.may(StaffRole.EDITOR):
        raise Refusal("refusal.not-staff")
    wanted = await join_requests.find(read, request_id)
    if wanted is None:
        raise Refusal("refusal.no-request")
    if wanted.state is not RequestState.WAITING:
        raise Refusal("refusal.decided", name=wanted.decided_by)
    return wanted


async def _decider(read: Read, request_id: int) -> str:
    found = await join_requests.find(read, request_id)
    return found.decided_by if found else ""


async def _new_contact(write: Write, wanted: JoinRequest, organisation_id: int | None) -> int:
    known = await store.by_email(write, wanted.email)
    if known is not None:
        raise Refusal("refusal.known-email")
    organisations: Sequence[Organisation] = await store.organisations(write)
    if organisation_id not in {one.id for one in organisations}:
        raise Refusal("refusal.no-organisation")
    return await store.add_contact(
        write, name=wanted.name, email=wanted.email, organisation_id=organisation_id
    )


async def show_code(write: Write, account_id: int, now: datetime) -> str:
    """Return a fresh code for a second messenger; good for ten minutes, the newest only."""
    code = new_code()
    await link_codes.add(
        write, code_hash=hash_of(code), account_id=account_id, now=now, expires_at=now + CODE_LIFE
    )
    return code


async def claim_code(
    write: Write, *, code: str, account_id: int, now: datetime
) -> tuple[LinkCode, Person]:
    """Note that an account without a person has typed a code; return it and whose it is.

    Raises:
        Refusal: it is wrong, used or over.
    """
    claimed = await link_codes.claim(write, hash_of(code), account_id, now)
    issuer = await linking.account(write, claimed.account_id) if claimed else None
    person = await store.by_id(write, issuer.person_id) if issuer and issuer.person_id else None
    if claimed is None or person is None:
        raise Refusal("refusal.code-unknown")
    return claimed, person


async def platform_of(read: Read, account_id: int) -> str:
    """Return the messenger of an account, ``""`` if there is no such account."""
    found = await linking.account(read, account_id)
    return found.ref.platform if found else ""


async def decide_code(
    write: Write, *, code_id: int, account_id: int, yes: bool, now: datetime
) -> tuple[LinkCode, Person]:
    """Confirm, or deny, that whoever typed the code is the person it was shown to.

    Args:
        account_id: Who decides; only the account that the code was shown to can.

    Raises:
        Refusal: it is not theirs, over, or decided before.
    """
    code = await link_codes.find(write, code_id)
    if code is None or code.account_id != account_id:
        raise Refusal("refusal.not-yours")
    if code.expires_at <= now:
        raise Refusal("refusal.code-unknown")
    ended = await link_codes.end(write, code_id, now)
    issuer = await linking.account(write, account_id)
    if ended is None or ended.claimed_by is None or issuer is None or issuer.person_id is None:
        raise Refusal("refusal.code-unknown")
    if yes:
        return ended, await link(write, ended.claimed_by, issuer.person_id, by="code", now=now)
    person = await store.by_id(write, issuer.person_id)
    if person is None:
        raise Refusal("refusal.code-unknown")
    return ended, person
