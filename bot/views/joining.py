"""Becoming known: invitations, requests and their decision, a second messenger."""

from datetime import datetime

from bot.domain.form import Field, Form
from bot.domain.joining import Candidates, JoinRequest, readable
from bot.domain.message import Bold, Button, Code, Line, Message, When, line, plain
from bot.domain.people import Organisation, Person
from bot.i18n import Texts
from bot.views.labels import command_button, command_word, cut_label

FORM = "introduce"
_PLATFORMS = {"telegram": "Telegram", "slack": "Slack"}


def platform_name(platform: str) -> str:
    """Return how people call the messenger; the names are the same in every language."""
    return _PLATFORMS.get(platform, platform.capitalize())


def introduce_form(texts: Texts, name: str = "") -> Form:
    """Return the form in which an unknown person says who they are."""
    return Form(
        FORM,
        texts("introduce.title"),
        texts("form.send"),
        texts.language,
        (
            Field("name", texts("introduce.name"), initial=name[:200], longest=200),
            Field("organisation", texts("introduce.organisation"), longest=300),
            Field(
                "email", texts("introduce.email"), hint=texts("introduce.email-why"), longest=200
            ),
        ),
    )


def linked_message(person: Person, alliance: str, texts: Texts) -> Message:
    """Welcome whoever was just linked by an invitation, and let them say if that is wrong."""
    return _welcome(texts("join.linked"), person, alliance, texts)


def recognised_message(person: Person, alliance: str, texts: Texts) -> Message:
    """Tell somebody how they were recognised, and let them say if that is wrong."""
    return _welcome(texts("join.recognised", email=person.email), person, alliance, texts)


def approved_message(person: Person, alliance: str, texts: Texts) -> Message:
    """Welcome whoever the secretariat has let in."""
    return _welcome(texts("join.approved"), person, alliance, texts)


def refused_message(texts: Texts, contact: str = "") -> Message:
    """Tell somebody that the secretariat could not place them, and where to ask."""
    lines = [line(texts("join.refused"))]
    if contact:
        lines.append(line(texts("join.contact", contact=contact)))
    return Message(tuple(lines))


def _welcome(how: str, person: Person, alliance: str, texts: Texts) -> Message:
    lines: list[Line] = [
        line(texts("welcome.hello-named", name=person.name(texts.language))),
        line(texts("welcome.from", alliance=alliance)),
        line(how),
    ]
    if person.organisation is not None:
        name = person.organisation.name(texts.language)
        lines.append(texts.line("join.as", organisation=Bold(name)))
    lines += [
        (),
        line(texts("welcome.can")),
        line(texts("join.not-me", button=texts("button.not-me"))),
    ]
    rows = (
        (
            command_button(texts, "events", "button.events"),
            command_button(texts, "help", "button.help"),
        ),
        (Button(texts("button.not-me"), "unlink"),),
    )
    return Message(tuple(lines), rows)


def unlinked_message(texts: Texts) -> Message:
    """Say that this account belongs to nobody any more, and what to do."""
    button = Button(texts("button.introduce"), "introduce")
    return Message((line(texts("join.unlinked")),), ((button,),))


def unlinked_notice(person: Person, platform: str, shown_name: str, texts: Texts) -> Message:
    """Tell staff that somebody said an account is not this person's."""
    return plain(
        texts(
            "join.unlinked-staff",
            name=person.name(texts.language),
            platform=platform_name(platform),
            shown=shown_name or "–",
        )
    )


def request_card(request: JoinRequest, candidates: Candidates, texts: Texts) -> Message:
    """Ask staff who an unknown person is; what the platform and the person say is unproved."""
    lines: list[Line] = [
        line(Bold(texts("request.title"))),
        texts.line("request.name", name=Bold(request.name)),
        texts.line("request.organisation", organisation=Bold(request.organisation)),
        texts.line("request.email", email=Code(request.email)),
        line(
            texts(
                "request.shown",
                platform=platform_name(request.platform),
                name=request.shown_name or "–",
            )
        ),
        (),
    ]
    rows: list[tuple[Button, ...]] = []
    person = candidates.person
    if person is not None and candidates.is_staff:
        lines.append(line(texts("request.staff")))
    elif person is not None:
        lines.append(line(texts("request.known", person=_who(person, texts))))
        label = texts("request.is", person=_who(person, texts))
        rows.append((Button(cut_label(label), "request", f"{request.id}:p{person.id}"),))
    else:
        lines.append(line(texts("request.new" if candidates.organisations else "request.none")))
        rows += [(_as_contact(request, one, texts),) for one in candidates.organisations]
    rows.append((Button(texts("button.refuse"), "request", f"{request.id}:no"),))
    lines.append(line(texts("request.else", number=request.id)))
    return Message(tuple(lines), tuple(rows))


def _as_contact(request: JoinRequest, organisation: Organisation, texts: Texts) -> Button:
    label = texts("request.contact-of", organisation=organisation.name(texts.language))
    return Button(cut_label(label), "request", f"{request.id}:o{organisation.id}")


def _who(person: Person, texts: Texts) -> str:
    name = person.name(texts.language)
    if person.organisation is None:
        return name
    return texts("request.of", name=name, organisation=person.organisation.name(texts.language))


def decided_card(request: JoinRequest, person: Person | None, texts: Texts) -> Message:
    """Return what the card becomes once it is decided."""
    if person is None:
        return plain(texts("request.refused", name=request.name))
    return plain(texts("request.approved", name=request.name, person=_who(person, texts)))


def no_requests(texts: Texts) -> Message:
    """Say that nobody waits."""
    return plain(texts("request.nobody"))


def code_message(code: str, until: datetime, zone: str, texts: Texts) -> Message:
    """Show a code for a second messenger, and how it is used."""
    typed = f"{command_word(texts, 'link')} {readable(code)}"
    return Message(
        (
            line(texts("link.how")),
            line(Code(typed)),
            texts.line("link.until", until=When(until, zone)),
            line(texts("link.then")),
        )
    )


def claimed_message(platform: str, texts: Texts) -> Message:
    """Tell whoever typed a code that it is confirmed where it was shown."""
    return plain(texts("link.confirm-there", platform=platform_name(platform)))


def confirm_card(code_id: int, platform: str, shown_name: str, texts: Texts) -> Message:
    """Ask on the first messenger whether it was them who typed the code on the second."""
    said = texts(
        "link.confirm", platform=platform_name(platform), name=cut_label(shown_name or "–", 60)
    )
    row = (
        Button(texts("button.link-yes"), "link", f"{code_id}:yes"),
        Button(texts("button.link-no"), "link", f"{code_id}:no"),
    )
    return Message((line(said),), (row,))


def link_ended(platform: str, yes: bool, texts: Texts) -> Message:
    """Return what the question becomes once it is answered."""
    key = "link.done" if yes else "link.denied"
    return plain(texts(key, platform=platform_name(platform)))
