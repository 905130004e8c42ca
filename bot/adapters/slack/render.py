"""A message tree as Slack's blocks: ``rich_text`` for words, ``actions`` for buttons.

Never ``mrkdwn``: what a member typed cannot be escaped there (FACTS, "Markup").

A part is one ``rich_text`` block whose sections stand below each other, so the break
between two sections *is* a line break. A line too long for a section is continued in the
next part, where a break is seen anyway: no break is added inside a part.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.adapters.base import Part
from bot.adapters.slack.atoms import (
    Atom,
    Element,
    cut_atom,
    hard_cut,
    lines_of_atoms,
    serialised_size,
    text_size,
)
from bot.adapters.slack.files import with_files
from bot.adapters.slack.text import cut, escape
from bot.domain.message import Button, Message
from bot.domain.reader import Reader

PART_SIZE = 12_000
"""Serialised size of a part; Slack refuses at about 13,000 (see ``atoms``)."""

SECTION_TEXT = 3000
"""Characters of a section, as documented for ``section`` blocks."""

_LINE_TEXT = 2900
"""Of which words may use this much; the rest is left for empty lines."""

_LINE_COST = 9000
"""Serialised size of one line, so that some buttons fit beside it."""

_BLOCK_COST = 150
"""What Slack adds for a block: 125 were measured for a divider (slackapi/bolt-js#2509)."""

_SECTION_COST = 50
_BREAK = Atom({"type": "text", "text": "\n"}, "\n")
MAX_BLOCKS = 50
BUTTONS_IN_A_ROW = 5
LABEL_LENGTH = 75
TEXT_LENGTH = 39_000
"""Of the plain ``text`` beside the blocks, for notifications and screen readers; Slack: 40,000."""

_NOTHING = "\u200b"
"""Stands where Slack wants at least one character and we have none."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A line, or the part of one that fits; ``continues`` if its beginning went before."""

    atoms: tuple[Atom, ...]
    continues: bool = False

    @property
    def size(self) -> int:
        """Size of its characters."""
        return sum(text_size(atom.shown) for atom in self.atoms)


@dataclass(slots=True)
class Draft:
    """A part being filled: sections of lines; ``last`` is the element that was put last."""

    sections: list[list[Piece]] = field(default_factory=list)
    cost: int = _BLOCK_COST
    size: int = 0
    last: Element | None = None

    def cost_of(self, piece: Piece, new_section: bool) -> int:
        """Return what ``piece`` would add; characters of one style share an element."""
        cost, last = (_SECTION_COST, None) if new_section else (0, self.last)
        for atom in piece.atoms if new_section else (_BREAK, *piece.atoms):
            cost += text_size(atom.shown) if _alike(last, atom.element) else atom.cost + 1
            last = atom.element
        return cost

    def put(self, piece: Piece, new_section: bool) -> None:
        """Put ``piece`` below what is there."""
        self.cost += self.cost_of(piece, new_section)
        if new_section:
            self.sections.append([piece])
            self.size = piece.size
        else:
            self.sections[-1].append(piece)
            self.size += piece.size + text_size("\n")
        self.last = piece.atoms[-1].element if piece.atoms else _BREAK.element


def _alike(last: Element | None, element: Element) -> bool:
    """Return whether two neighbours become one element."""
    if last is None or not last["type"] == element["type"] == "text":
        return False
    return last.get("style") == element.get("style")


def render(message: Message, reader: Reader) -> tuple[Part, ...]:
    """Return ``message`` in parts that Slack takes, buttons and files with the last one."""
    *before, last = _parts(message, reader)
    return (*before, with_files(last, message.attachments))


def _parts(message: Message, reader: Reader) -> tuple[Part, ...]:
    pieces = [piece for atoms in lines_of_atoms(message.lines, reader) for piece in _pieces(atoms)]
    rows = list(_action_rows(message.buttons))
    rows_cost = sum(serialised_size(row) + _BLOCK_COST for row in rows)
    room = max(PART_SIZE - rows_cost, _LINE_COST + _BLOCK_COST + _SECTION_COST)
    drafts = _pack(pieces, room)
    parts = [_words(draft) for draft in drafts]
    if not rows:
        return tuple(_part(blocks, shown) for blocks, shown in parts or [([], "")])
    groups = list(_groups(rows))
    if drafts and drafts[-1].cost + rows_cost <= PART_SIZE and len(rows) < MAX_BLOCKS:
        blocks, shown = parts.pop()
        return (*(_part(*one) for one in parts), _part([*blocks, *rows], shown))
    below = [(list(group), "") for group in groups]
    return tuple(_part(*one) for one in (*parts, *below))


def _pieces(atoms: Sequence[Atom]) -> Iterator[Piece]:
    """Cut one line where it is longer than a section may be."""
    waiting = list(reversed(atoms))
    current: list[Atom] = []
    size = cost = 0
    continues = False
    while waiting:
        atom = waiting.pop()
        overhead = atom.cost - text_size(atom.shown)
        room = min(_LINE_TEXT - size, _LINE_COST - cost - overhead)
        fitting, rest = cut_atom(atom, room)
        if fitting is None and not current:
            if atom.whole:
                fitting, rest = atom, None
            else:
                fitting, rest = hard_cut(atom, room)
        if fitting is not None:
            current.append(fitting)
            size += text_size(fitting.shown)
            cost += fitting.cost
        if rest is not None:
            waiting.append(rest)
            yield Piece(tuple(current), continues)
            current, size, cost, continues = [], 0, 0, True
    yield Piece(tuple(current), continues)


def _pack(pieces: Iterable[Piece], room: int) -> list[Draft]:
    """Fill sections and parts in order; empty lines at the ends of a part are left out."""
    drafts: list[Draft] = []
    for piece in pieces:
        draft = drafts[-1] if drafts else None
        limit = _LINE_TEXT if piece.atoms else SECTION_TEXT
        if draft is not None and not piece.continues:
            full = draft.size + text_size("\n") + piece.size > limit
            if draft.cost + draft.cost_of(piece, full) <= room and (piece.atoms or not full):
                draft.put(piece, full)
                continue
        if piece.atoms:  # else it is empty, and the first of its part or one of thousands
            drafts.append(Draft())
            drafts[-1].put(piece, new_section=True)
    for draft in drafts:
        while not draft.sections[-1][-1].atoms:
            draft.sections[-1].pop()
    return drafts


def _words(draft: Draft) -> tuple[list[Element], str]:
    sections = [
        {"type": "rich_text_section", "elements": _joined(section)} for section in draft.sections
    ]
    shown = "\n".join(
        "".join(atom.shown for atom in piece.atoms)
        for section in draft.sections
        for piece in section
    )
    return [{"type": "rich_text", "elements": sections}], shown


def _joined(section: Iterable[Piece]) -> list[Element]:
    """Return the elements of a section's lines; neighbours of one style become one."""
    elements: list[Element] = []

    def add(element: Element) -> None:
        if elements and _alike(elements[-1], element):
            elements[-1] = {**element, "text": elements[-1]["text"] + element["text"]}
        else:
            elements.append(element)

    for index, piece in enumerate(section):
        if index:
            add(_BREAK.element)
        for atom in piece.atoms:
            add(atom.element)
    return elements


def _action_rows(rows: Iterable[Iterable[Button]]) -> Iterator[dict[str, Any]]:
    """Yield an ``actions`` block a row of buttons, at most five in each.

    ``action_id`` must be unique in a message; what the button means stands in ``value``.
    """
    for number, row in enumerate(rows):
        elements = [
            {
                "type": "button",
                "text": {"type": "plain_text", "text": _label(button.label), "emoji": False},
                "action_id": f"button-{number}-{place}",
                "value": button.data,
            }
            for place, button in enumerate(row)
        ]
        for start in range(0, len(elements), BUTTONS_IN_A_ROW):
            yield {"type": "actions", "elements": elements[start : start + BUTTONS_IN_A_ROW]}


def _label(label: str) -> str:
    return label if len(label) <= LABEL_LENGTH else label[: LABEL_LENGTH - 1] + "…"


def _groups(rows: Iterable[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    """Share rows out over as many messages as Slack wants for them."""
    group: list[dict[str, Any]] = []
    cost = 0
    for row in rows:
        row_cost = serialised_size(row) + _BLOCK_COST
        if group and (cost + row_cost > PART_SIZE or len(group) == MAX_BLOCKS):
            yield group
            group, cost = [], 0
        group.append(row)
        cost += row_cost
    yield group


def _part(blocks: list[dict[str, Any]], shown: str) -> Part:
    labels = " ".join(
        element["text"]["text"]
        for block in blocks
        if block["type"] == "actions"
        for element in block["elements"]
    )
    text = cut(escape(shown or labels or _NOTHING), TEXT_LENGTH)
    return Part({"text": text, "blocks": blocks} if blocks else {"text": text}, shown)
