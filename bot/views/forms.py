"""One field of a form as a message, for platforms that have no forms."""

import math
from collections.abc import Iterator

from bot.domain.form import SEVERAL, Field, FieldKind, Form
from bot.domain.message import Bold, Button, Italic, Line, Message, line
from bot.domain.sent_file import files_from_text
from bot.i18n import Texts
from bot.views.labels import command_word, cut_label

PRESS = "field"
"""Action of the buttons below a field; their value is ``<number of the field>:<mark>…``."""
CHOSEN, KEPT, SKIPPED, DONE, REST = "c", "k", "s", "d", "r"
"""Marks: a choice (its value follows), what stands there already, nothing, no more choices, and
what stands there already in this field and all after it."""
REST_FROM = 3
"""Fields from which on those that are left are kept with one press."""
ROW = 2
"""Buttons side by side; labels of choices may be long."""
TICK = "✓ "


def field_message(form: Form, at: int, value: str, texts: Texts, trouble: str = "") -> Message:
    """Return the question for field number ``at``, after what was wrong with the last answer.

    Args:
        value: What is chosen so far, for a choice of several.
    """
    field = form.fields[at]
    lines: list[Line] = [line(trouble), line()] if trouble else []
    if at == 0 and not trouble:
        lines += [line(Bold(form.title)), line()]
    step = texts("form.step", number=at + 1, of=len(form.fields))
    lines.append(
        line(field.label, " ", Italic(step)) if len(form.fields) > 1 else line(field.label)
    )
    if field.hint:
        lines.append(line(Italic(field.hint)))
    if field.kind is FieldKind.LINES and field.initial:
        # A button shows the first words only; whoever is to keep them reads them all.
        lines += [line(), *(line(one) for one in field.initial.splitlines()), line()]
    if field.kind is FieldKind.FILES:
        lines += [line(texts("form.send-files")), *_files(value, texts)]
    if at == 0:
        lines.append(line(Italic(texts("form.cancel", word=command_word(texts, "cancel")))))
    rows = _buttons(field, at, value, texts)
    if keeps_rest(form, at):
        rows += ((Button(texts("form.keep-rest"), PRESS, f"{at}:{REST}"),),)
    return Message(tuple(lines), rows)


def _files(value: str, texts: Texts) -> Iterator[Line]:
    """Give a line for each file that was sent so far."""
    for one in files_from_text(value):
        kilobytes = math.ceil(one.size / 1024)
        shown = texts("form.file", name=one.name, size=kilobytes) if kilobytes else one.name
        yield line(f"📎 {shown}")


def keeps_rest(form: Form, at: int) -> bool:
    """Return whether field ``at`` and all after it can be taken as they stand, by one press."""
    left = form.fields[at:]
    stands = all(one.initial or not one.required for one in left)
    return form.keeps_rest and stands and len(left) >= REST_FROM


def _buttons(field: Field, at: int, value: str, texts: Texts) -> tuple[tuple[Button, ...], ...]:
    chosen = set(value.split(SEVERAL)) if field.kind is FieldKind.CHOICES else set()
    choices = [
        Button(
            cut_label((TICK if one.value in chosen else "") + one.label),
            PRESS,
            f"{at}:{CHOSEN}{one.value}",
        )
        for one in field.choices
    ]
    rows = [tuple(choices[begin : begin + ROW]) for begin in range(0, len(choices), ROW)]
    last = []
    if field.kind is FieldKind.CHOICES or (field.kind is FieldKind.FILES and value):
        last.append(Button(texts("form.done"), PRESS, f"{at}:{DONE}"))
    elif field.initial:
        shown = next(
            (one.label for one in field.choices if one.value == field.initial), field.initial
        )
        last.append(Button(cut_label(texts("form.keep", value=shown)), PRESS, f"{at}:{KEPT}"))
    if not field.required:
        skip = "form.no-files" if field.kind is FieldKind.FILES else "form.skip"
        last.append(Button(texts(skip), PRESS, f"{at}:{SKIPPED}"))
    return (*rows, tuple(last)) if last else tuple(rows)
