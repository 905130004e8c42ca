"""Modals and Home tabs: what is on a person's screen beside the chat.

A trigger lives three seconds and opens one view. Limits are those of Slack's reference
(titles 24 characters, 100 blocks, 3000 of ``private_metadata``); error codes are Slack's.
"""

import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.simulators.slack.checks import block_problems
from bot.simulators.slack.refusal import SlackRefusal

TRIGGER_SECONDS = 3.0
MAX_VIEW_BLOCKS = 100
_TITLE, _LABEL, _OPTION, _META, _CALLBACK, _INPUT = 24, 2000, 75, 3000, 255, 3000
_MENU, _BOXES, _FILES = 100, 10, 10

Native = dict[str, Any]


@dataclass(slots=True)
class Screen:
    """A view as a person has it before them.

    Attributes:
        errors: What the app found wrong with the last values, by block.
        closed: Whether it has been sent and accepted.
    """

    id: str
    user: str
    native: Native
    errors: dict[str, str] = field(default_factory=dict)
    closed: bool = False
    version: int = 1

    @property
    def hash(self) -> str:
        """Changes with every change of the view."""
        return f"{self.version}.{self.id}"


class Views:
    """All screens of a workspace."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        """Let triggers expire by ``monotonic``."""
        self._monotonic = monotonic
        self._numbers: Iterator[int] = itertools.count(1)
        self._triggers: dict[str, tuple[str, float]] = {}
        self._used: set[str] = set()
        self._screens: dict[str, Screen] = {}
        self._homes: dict[str, Screen] = {}

    def trigger(self, user: str) -> str:
        """Return a new trigger of something that ``user`` did now."""
        name = f"{next(self._numbers)}.trigger.{user}"
        self._triggers[name] = user, self._monotonic() + TRIGGER_SECONDS
        return name

    def open(self, trigger: str, view: object) -> Screen:
        """Show a modal.

        Raises:
            SlackRefusal: the trigger is none, was used, or is too old; the view is wrong.
        """
        if trigger in self._used:
            raise SlackRefusal("exchanged_trigger_id")
        user, expires = self._triggers.get(trigger, ("", 0.0))
        if not user:
            raise SlackRefusal("invalid_trigger_id")
        if self._monotonic() >= expires:
            raise SlackRefusal("expired_trigger_id")
        native = checked(view, "modal")
        self._used.add(trigger)
        screen = Screen(f"V{next(self._numbers):08}", user, native)
        self._screens[screen.id] = screen
        return screen

    def update(self, view_id: str, view: object, hash_: str = "") -> Screen:
        """Change an open modal.

        Raises:
            SlackRefusal: it is not open any more, or has changed meanwhile.
        """
        screen = self._screens.get(view_id)
        if screen is None or screen.closed:
            raise SlackRefusal("not_found")
        if hash_ and hash_ != screen.hash:
            raise SlackRefusal("hash_conflict")
        screen.native = checked(view, "modal")
        screen.errors, screen.version = {}, screen.version + 1
        return screen

    def publish(self, user: str, view: object) -> Screen:
        """Show a Home tab."""
        native = checked(view, "home")
        screen = self._homes.get(user)
        if screen is None:
            screen = self._homes[user] = Screen(f"V{next(self._numbers):08}", user, native)
        screen.native, screen.version = native, screen.version + 1
        return screen

    def modal(self, user: str) -> Screen | None:
        """Return the modal that ``user`` has open, the newest of several."""
        mine = [one for one in self._screens.values() if one.user == user and not one.closed]
        return mine[-1] if mine else None

    def home(self, user: str) -> Screen | None:
        """Return the Home tab of ``user`` as it was published last."""
        return self._homes.get(user)

    def find(self, view_id: str) -> Screen | None:
        """Return the screen with ``view_id``."""
        homes = {one.id: one for one in self._homes.values()}
        return self._screens.get(view_id) or homes.get(view_id)


def filled(
    screen: Screen, values: Mapping[str, str], file: Callable[[str], Native] = lambda _: {}
) -> Native:
    """Return the state of the view once a person has put in ``values``, as Slack sends it.

    What is not named keeps its initial value. ``file`` tells what stands for a file's id.

    Raises:
        ValueError: the client would not let it be sent: a required field is empty, a text is
            too long, a choice is none.
    """
    inputs = {one["block_id"]: one for one in screen.native["blocks"] if one["type"] == "input"}
    if not inputs:
        raise ValueError("there is nothing to send in this view")
    unknown = set(values) - set(inputs)
    if unknown:
        raise ValueError(f"no such field: {sorted(unknown)}")
    return {
        name: {block["element"]["action_id"]: _filled(block, values.get(name), file)}
        for name, block in inputs.items()
    }


def _filled(block: Native, given: str | None, file: Callable[[str], Native]) -> Native:
    element = block["element"]
    kind = element["type"]
    if kind == "plain_text_input":
        text = element.get("initial_value") if given is None else given
        if len(text or "") > element.get("max_length", _INPUT):
            raise ValueError(f"{block['block_id']} is too long")
        state: Native = {"type": kind, "value": text or None}
        is_empty = not text
    elif kind == "file_input":
        files = [file(one) for one in (given or "").split(",") if one]
        if len(files) > element.get("max_files", _FILES):
            raise ValueError(f"{block['block_id']} holds too many files")
        state, is_empty = {"type": kind, "files": files}, not files
    elif kind == "static_select":
        chosen = element.get("initial_option") if given is None else _option(element, given)
        state, is_empty = {"type": kind, "selected_option": chosen}, chosen is None
    else:
        wanted = element.get("initial_options", [])
        if given is not None:
            wanted = [_option(element, one) for one in given.split(",") if one]
        state, is_empty = {"type": kind, "selected_options": wanted}, not wanted
    if is_empty and not block.get("optional"):
        raise ValueError(f"{block['block_id']} is required")
    return state


def _option(element: Native, value: str) -> Native | None:
    if not value:
        return None
    for one in options_of(element):
        if one["value"] == value:
            return one
    raise ValueError(f"no such option: {value}")


def options_of(element: Native) -> list[Native]:
    """Return all options of a menu, those in groups too."""
    groups = [one["options"] for one in element.get("option_groups", ())]
    return [*element.get("options", ()), *itertools.chain(*groups)]


def checked(view: object, kind: str) -> Native:
    """Return ``view`` if Slack takes it.

    Raises:
        SlackRefusal: it does not.
    """
    if not isinstance(view, dict) or view.get("type") != kind:
        raise SlackRefusal("invalid_arguments", f"[ERROR] a view of type {kind} is wanted")
    problems = list(_view_problems(view))
    if problems:
        raise SlackRefusal("invalid_arguments", *(f"[ERROR] {one}" for one in problems))
    return view


def _view_problems(view: Native) -> Iterator[str]:
    blocks = view.get("blocks")
    if not isinstance(blocks, list):
        yield "missing required field: blocks"
        return
    if len(blocks) > MAX_VIEW_BLOCKS:
        yield f"no more than {MAX_VIEW_BLOCKS} items allowed"
    if len(view.get("private_metadata", "")) > _META:
        yield "private_metadata is too long"
    if len(view.get("callback_id", "")) > _CALLBACK:
        yield "callback_id is too long"
    inputs = [one for one in blocks if one.get("type") == "input"]
    if view["type"] == "modal":
        yield from _plain(view.get("title"), _TITLE, "title")
        if inputs or "submit" in view:
            yield from _plain(view.get("submit"), _TITLE, "submit")
    ids: list[str] = [one.get("block_id", "") for one in inputs]
    if len(set(ids)) != len(ids):
        yield "block_id must be unique"
    action_ids: set[str] = set()
    for block in blocks:
        if block.get("type") == "input":
            yield from _input_problems(block)
        else:
            yield from block_problems(block, action_ids)


def _plain(value: object, limit: int, name: str) -> Iterator[str]:
    text = value.get("text", "") if isinstance(value, dict) else ""
    if not isinstance(value, dict) or value.get("type") != "plain_text":
        yield f"{name} must be plain_text"
    elif not 0 < len(text) <= limit:
        yield f"{name} must be 1 to {limit} characters"


def _input_problems(block: Native) -> Iterator[str]:
    yield from _plain(block.get("label"), _LABEL, "label")
    if "hint" in block:
        yield from _plain(block["hint"], _LABEL, "hint")
    element = block.get("element") or {}
    kind = element.get("type")
    if kind == "plain_text_input":
        longest = element.get("max_length", _INPUT)
        if not 1 <= longest <= _INPUT:
            yield "max_length must be 1 to 3000"
        if len(element.get("initial_value", "")) > longest:
            yield "initial_value is longer than max_length"
        return
    if kind == "file_input":
        if not 1 <= element.get("max_files", _FILES) <= _FILES:
            yield "max_files must be 1 to 10"
        return
    yield from _menu_problems(element, str(kind))


def _menu_problems(element: Native, kind: str) -> Iterator[str]:
    limits = {"static_select": _MENU, "multi_static_select": _MENU, "checkboxes": _BOXES}
    if kind not in limits:
        yield f"unsupported element: {kind}"
        return
    menus = [element.get("options", []), *(g["options"] for g in element.get("option_groups", ()))]
    for menu in menus[0 if "options" in element else 1 :]:
        if not 0 < len(menu) <= limits[kind]:
            yield f"1 to {limits[kind]} options"
    for group in element.get("option_groups", ()):
        yield from _plain(group.get("label"), _OPTION, "group label")
    known = options_of(element)
    for option in known:
        yield from _plain(option.get("text"), _OPTION, "option text")
        if not 0 < len(option.get("value", "")) <= 2 * _OPTION:
            yield "option value must be 1 to 150 characters"
    initially = [*element.get("initial_options", ()), element.get("initial_option")]
    if any(one is not None and one not in known for one in initially):
        yield "an initial option is no option"
