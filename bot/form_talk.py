"""A form asked in the chat, one field a message, where the platform cannot show it whole.

::

    begin → field 0 → field 1 → … → filled
    field n → field n      what was given is refused, or a choice of several changed
    filled → field n       the whole does not fit: asked again where it is wrong

It is an ordinary dialog (its row survives a restart; ``/cancel`` ends it). The form
itself, what was answered and the number of the field are the dialog's answers. A button
carries the field's number, so one that belongs to an earlier question is told from the
present one.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from bot.domain.form import SEVERAL, Field, FieldKind, Form, form_from_json, form_to_json
from bot.domain.incoming import Pressed, Said
from bot.domain.message import Message
from bot.domain.refusal import Refusal
from bot.domain.sent_file import files_from_text, files_to_text
from bot.i18n import Texts
from bot.routing import Dialog
from bot.views.forms import CHOSEN, DONE, KEPT, PRESS, REST, SKIPPED, field_message, keeps_rest

FORM = "form"
"""Name of the dialog; a form's own name stands inside."""
_STEP = "field"
_KEY, _AT = "", " at"
"""Keys of the form and of the field's number among the answers; no field is named so."""

Check = Callable[[Mapping[str, str]], Mapping[str, str]]
"""What is wrong with the values, by field."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The next question; ``in_place`` where it replaces the message whose button was pressed."""

    message: Message
    dialog: Dialog
    in_place: bool = False


@dataclass(frozen=True, slots=True)
class Filled:
    """All fields are answered."""

    form: Form
    values: tuple[tuple[str, str], ...]


def begin(form: Form, texts: Texts) -> Asked:
    """Ask the first field of ``form``."""
    return _ask(form, {one.name: one.initial for one in form.fields}, 0, texts)


def is_form(dialog: Dialog) -> bool:
    """Return whether the open dialog asks the fields of a form."""
    return dialog.form == FORM


def form_of(dialog: Dialog) -> Form:
    """Return the form whose fields the dialog asks."""
    return form_from_json(json.loads(dialog.answers[_KEY]))


def is_answer(incoming: Said | Pressed) -> bool:
    """Return whether the update answers the open field; a question in between does not."""
    if isinstance(incoming, Pressed):
        return incoming.action == PRESS
    return bool(incoming.files) or not incoming.text.strip().endswith(("?", "？"))


def again(dialog: Dialog, texts: Texts) -> Message:
    """Return the question that is still open, after something else was answered."""
    form, values, at = _state(dialog)
    return _ask(form, values, at, texts).message


def take(incoming: Said | Pressed, dialog: Dialog, texts: Texts, check: Check) -> Asked | Filled:
    """Take what was typed or pressed for the present field.

    Args:
        check: Of the whole form; only what it says of fields that were answered counts.

    Raises:
        Refusal: the button belongs to a question that is not open any more.
    """
    form, values, at = _state(dialog)
    if isinstance(incoming, Pressed):
        return _take_press(incoming.value, form, values, at, texts, check)
    field = form.fields[at]
    if incoming.files:
        values, note, is_whole = _with_files(incoming, form, values, at, check, texts)
        if is_whole:
            return _ask(form, values, at, texts, note)
    elif field.kind is FieldKind.FILES:
        return _ask(form, values, at, texts, texts("form.files-only"))
    return _given(_typed(incoming.text, field), form, values, at, texts, check)


def _take_press(  # noqa: PLR0917 - one private call, from one place
    data: str, form: Form, values: dict[str, str], at: int, texts: Texts, check: Check
) -> Asked | Filled:
    field = form.fields[at]
    if data == f"{at}:{REST}" and keeps_rest(form, at):
        return _whole(form, {**values, field.name: field.initial}, texts, check)
    value, done = _pressed(data, field, at, values[field.name])
    if not done:
        asked = _ask(form, {**values, field.name: value}, at, texts)
        return replace(asked, in_place=True)
    return _given(value, form, values, at, texts, check)


def _given(  # noqa: PLR0917 - one private call, from two places
    value: str, form: Form, values: dict[str, str], at: int, texts: Texts, check: Check
) -> Asked | Filled:
    """Go on to the next field, or ask this one again if ``value`` does not fit."""
    field = form.fields[at]
    trouble = _trouble(value, field, texts)
    values = {**values, field.name: value}
    answered = {one.name: values[one.name] for one in form.fields[: at + 1]}
    trouble = trouble or check(answered).get(field.name, "")
    if trouble:
        return _ask(form, {**values, field.name: field.initial}, at, texts, trouble)
    if at + 1 < len(form.fields):
        return _ask(form, values, at + 1, texts)
    return _whole(form, values, texts, check)


def _whole(form: Form, values: Mapping[str, str], texts: Texts, check: Check) -> Asked | Filled:
    """Return the form filled in, or ask again the first field that does not fit the others."""
    wrong = check(values)
    for number, one in enumerate(form.fields):
        if one.name in wrong:
            return _ask(form, values, number, texts, wrong[one.name])
    return Filled(form, tuple((one.name, values[one.name]) for one in form.fields))


def _with_files(  # noqa: PLR0917 - one private call, from one place
    said: Said, form: Form, values: dict[str, str], at: int, check: Check, texts: Texts
) -> tuple[dict[str, str], str, bool]:
    """Return the values with the files that came, what to say of it, and whether that is all.

    They are taken whatever is asked just then, if the form asks for files at all; words that
    came with them answer what is asked.
    """
    place = next((one for one in form.fields if one.kind is FieldKind.FILES), None)
    if place is None:
        return values, "", False
    held = files_from_text(values[place.name])
    wanted = files_to_text((*held, *said.files))
    wrong = check({place.name: wanted}).get(place.name, "")
    if wrong:
        return values, wrong, True
    values = {**values, place.name: wanted}
    if form.fields[at] is place:
        return values, "", True
    if said.text.strip():
        return values, "", False
    names = ", ".join(one.name for one in said.files)
    return values, texts("form.file-taken", name=names), True


def _ask(form: Form, values: Mapping[str, str], at: int, texts: Texts, trouble: str = "") -> Asked:
    answers = {**values, _KEY: json.dumps(form_to_json(form)), _AT: str(at)}
    message = field_message(form, at, values[form.fields[at].name], texts, trouble)
    return Asked(message, Dialog(FORM, _STEP, answers))


def _state(dialog: Dialog) -> tuple[Form, dict[str, str], int]:
    form = form_of(dialog)
    values = {one.name: dialog.answers[one.name] for one in form.fields}
    return form, values, int(dialog.answers[_AT])


def _pressed(data: str, field: Field, at: int, value: str) -> tuple[str, bool]:
    """Return the field's value after the press, and whether that answers it."""
    number, _, what = data.partition(":")
    mark, given = what[:1], what[1:]
    if number != str(at):
        raise Refusal("refusal.form-moved-on")
    match mark:
        case _ if mark == KEPT and field.initial:
            return field.initial, True
        case _ if mark == SKIPPED and not field.required:
            return "", True
        case _ if mark == DONE and field.kind in (FieldKind.CHOICES, FieldKind.FILES):
            return value, True
        case _ if mark == CHOSEN and given in {one.value for one in field.choices}:
            if field.kind is FieldKind.CHOICES:
                return _toggled(value, given, field), False
            return given, True
        case _:
            raise Refusal("refusal.button")


def _toggled(value: str, given: str, field: Field) -> str:
    chosen = set(filter(None, value.split(SEVERAL))) ^ {given}
    return SEVERAL.join(one.value for one in field.choices if one.value in chosen)


def _typed(text: str, field: Field) -> str:
    """Return what was typed; a choice's label, or its number, stands for its value."""
    given = text.strip()
    if field.kind is FieldKind.CHOICES:
        wanted = [part.strip() for part in given.replace("，", SEVERAL).split(SEVERAL)]
        return SEVERAL.join(filter(None, (_chosen(one, field) for one in wanted)))
    return _chosen(given, field) if field.kind is FieldKind.CHOICE else given


def _chosen(given: str, field: Field) -> str:
    for number, one in enumerate(field.choices, 1):
        if given.casefold() in (one.label.casefold(), one.value.casefold(), str(number)):
            return one.value
    return given


def _trouble(value: str, field: Field, texts: Texts) -> str:
    if not value:
        return texts("form.empty") if field.required else ""
    if field.kind in (FieldKind.CHOICE, FieldKind.CHOICES):
        known = {one.value for one in field.choices}
        return "" if set(value.split(SEVERAL)) <= known else texts("form.choose")
    if field.kind is not FieldKind.FILES and len(value) > field.longest:
        return texts("form.too-long", limit=field.longest)
    return ""
