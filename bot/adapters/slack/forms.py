"""A form as Slack's modal, and back.

Limits (Slack's reference of views and Block Kit): title and button 24 characters, 100
blocks, an input's label and hint 2000, a text input 3000, 100 options of a menu, or 100
groups of them, 10 checkboxes, 10 files, an option's text 75 and value 150, ``private_metadata``
3000.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.adapters.slack.bodies import Body, part, text
from bot.adapters.slack.received import sent_files
from bot.domain.form import SEVERAL, Choice, Field, FieldKind, Form
from bot.domain.sent_file import files_from_text, files_to_text

TITLE_LENGTH = 24
LABEL_LENGTH = 2000
OPTION_LENGTH = 75
TEXT_LENGTH = 3000
META_LENGTH = 3000
OPTIONS = 100
CHECKBOXES = 10
FILES = 10
INPUT = "value"
"""``action_id`` of every input: the field's name is the block's."""

View = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Meta:
    """What a form carries unseen; it comes back from a client, so it proves nothing."""

    language: str = ""
    context: str = ""
    files: Mapping[str, str] = field(default_factory=dict)


def cut_plain(shown: str, limit: int) -> str:
    """Return ``shown`` in at most ``limit`` characters."""
    return shown if len(shown) <= limit else shown[: limit - 1] + "…"


def form_view(form: Form) -> View:
    """Return ``form`` as a modal; without fields it is its title, to be replaced soon."""
    blocks = [_input(field) for field in form.fields] or [_words(form.title)]
    meta = {"language": form.language, "context": form.context}
    button = {"submit": plain_text(form.submit, TITLE_LENGTH)} if form.fields else {}
    return {
        "type": "modal",
        "callback_id": form.name,
        "title": plain_text(form.title, TITLE_LENGTH),
        "private_metadata": _with_files(meta, form),
        "blocks": blocks,
        **button,
    }


def _with_files(meta: dict[str, Any], form: Form) -> str:
    """Return ``meta`` with the files that are there already: a ``file_input`` shows none itself."""
    held = {
        one.name: one.initial for one in form.fields if one.kind is FieldKind.FILES and one.initial
    }
    whole = json.dumps({**meta, "files": held} if held else meta, ensure_ascii=False)
    return whole if len(whole) <= META_LENGTH else json.dumps(meta)


def notice_view(title: str, notice: str) -> View:
    """Return a modal that only says something, in place of a skeleton."""
    shown = {"type": "modal", "title": plain_text(title, TITLE_LENGTH)}
    return {**shown, "blocks": [_words(notice)]}


def plain_text(shown: str, limit: int) -> dict[str, Any]:
    """Return a text that nothing is read in; emoji codes stay codes."""
    return {"type": "plain_text", "text": cut_plain(shown, limit) or " ", "emoji": False}


def _words(shown: str) -> dict[str, Any]:
    return {"type": "section", "text": plain_text(shown, TEXT_LENGTH)}


def _input(field: Field) -> dict[str, Any]:
    said = " ".join((field.hint, *(f"📎 {name}" for name in _held_names(field)))).strip()
    hint = {"hint": plain_text(said, LABEL_LENGTH)} if said else {}
    return {
        "type": "input",
        "block_id": field.name,
        "label": plain_text(field.label, LABEL_LENGTH),
        "optional": not field.required,
        "element": {"action_id": INPUT, **_element(field)},
        **hint,
    }


def _held_names(field: Field) -> Iterable[str]:
    if field.kind is FieldKind.FILES:
        yield from (one.name for one in files_from_text(field.initial))


def _element(field: Field) -> dict[str, Any]:
    if field.kind in (FieldKind.TEXT, FieldKind.LINES):
        longest = max(1, min(field.longest, TEXT_LENGTH))
        given: dict[str, Any] = {"type": "plain_text_input", "max_length": longest}
        if field.kind is FieldKind.LINES:
            given["multiline"] = True
        return {**given, "initial_value": field.initial[:longest]} if field.initial else given
    if field.kind is FieldKind.FILES:
        return {"type": "file_input", "max_files": max(1, min(field.longest, FILES))}
    chosen = set(field.initial.split(SEVERAL))
    initially = [_option(one) for one in field.choices if one.value in chosen]
    menu = _options(field.choices)
    if field.kind is FieldKind.CHOICE:
        one = {"type": "static_select", **menu}
        return {**one, "initial_option": initially[0]} if initially else one
    kind = "checkboxes" if len(field.choices) <= CHECKBOXES else "multi_static_select"
    several = {"type": kind, **menu}
    return {**several, "initial_options": initially} if initially else several


def _options(choices: Sequence[Choice]) -> dict[str, Any]:
    """Return the menu's options, in groups where there are more than a menu takes."""
    options = [_option(one) for one in choices]
    if len(options) <= OPTIONS:
        return {"options": options}
    groups = [options[at : at + OPTIONS] for at in range(0, len(options), OPTIONS)]
    return {"option_groups": [{"label": _span(group), "options": group} for group in groups]}


def _span(group: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    begin, end = (str(one["text"]["text"]) for one in (group[0], group[-1]))
    half = (OPTION_LENGTH - 3) // 2
    return plain_text(f"{cut_plain(begin, half)} – {cut_plain(end, half)}", OPTION_LENGTH)


def _option(choice: Choice) -> dict[str, Any]:
    return {"text": plain_text(choice.label, OPTION_LENGTH), "value": choice.value}


# -- back -------------------------------------------------------------------------


def meta_of(view: Body) -> Meta:
    """Return what the form carried; nothing where that is not what we write."""
    try:
        stored = json.loads(text(view, "private_metadata"))
    except ValueError:
        return Meta()
    if not isinstance(stored, dict):
        return Meta()
    held = part(stored, "files")
    files = {name: text(held, name) for name in held}
    return Meta(text(stored, "language"), text(stored, "context"), files)


def values_of(view: Body) -> tuple[tuple[str, str], ...]:
    """Return what was filled in, by field."""
    state, held = part(view, "state", "values"), meta_of(view).files
    found = {name: _value(part(state, name, INPUT)) for name in state}
    for name in held.keys() & found.keys():  # what was there before, and what came to it
        files = (*files_from_text(held[name]), *files_from_text(found[name]))
        found[name] = files_to_text(files)
    return tuple(found.items())


def _value(given: Body) -> str:
    if "files" in given:
        return files_to_text(sent_files(given))
    if "selected_options" in given:
        return SEVERAL.join(_values(given["selected_options"]))
    if "selected_option" in given:
        return text(given, "selected_option", "value")
    return text(given, "value")


def _values(options: object) -> Iterable[str]:
    if isinstance(options, list):
        yield from (text(one, "value") for one in options if isinstance(one, Mapping))


def errors_below(view: Body, wrong: Mapping[str, str]) -> dict[str, str]:
    """Return ``wrong`` by block as Slack takes it: a block that it does not know is refused.

    What is wrong with no field that was shown is said below the first one.
    """
    shown = [name for name, _ in values_of(view)]
    errors: dict[str, str] = {}
    for name, what in wrong.items():
        place = name if name in shown else shown[0] if shown else name
        errors[place] = f"{errors[place]} {what}" if place in errors else what
    return {name: cut_plain(what, LABEL_LENGTH) for name, what in errors.items()}
