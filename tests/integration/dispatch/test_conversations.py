"""Whole conversations, from a member's words to what they then read, kept as text to review.

``CONVOKE_UPDATE_SNAPSHOTS=1`` writes them anew.
"""

import os
import re
from pathlib import Path

import pytest

from tests.support.desk import Desk

FOLDER = Path(__file__).parent / "conversations"
UPDATE = "CONVOKE_UPDATE_SNAPSHOTS"

ENGLISH = (
    "/start",
    "help",
    "/events",
    "[Frontier Forum]",
    "[✅ Going]",
    "[Maybe]",
    "/going",
    "Where will the meetings be held?",
    "What is the decoherence time of a qubit?",
    "Happy New Year to you too!",
    "/frobnicate",
    "/cancel",
    "/stop",
    "/start",
)
CHINESE = (
    "/start",
    "帮助",
    "活动",
    "[前沿论坛]",
    "[✅ 参加]",
    "[待定]",
    "/going",
    "会议在哪里举行？",
    "量子比特的退相干时间是多少？",
    "谢谢",
    "/stop",
    "/start",
)
FRENCH = (
    "/start",
    "aide",
    "événements",
    "[Open Day]",
    "[Je participe]",
    "[Peut-être]",
    "mes réponses",
    "réglages",
    "confidentialité",
    "Quelle est la durée de cohérence d’un qubit ?",
    "Bonne année à vous aussi !",
    "/frobnicate",
    "annuler",
    "arrêter",
    "commencer",
)
GERMAN = (
    "/start",
    "hilfe",
    "veranstaltungen",
    "[Open Day]",
    "[Ich nehme teil]",
    "[Ich kann nicht]",
    "meine antworten",
    "einstellungen",
    "datenschutz",
    "Wie lange hält ein Qubit?",
    "Vielen Dank!",
    "/frobnicate",
    "abbrechen",
    "abmelden",
    "anfangen",
)


async def converse(desk: Desk, user: str, script: tuple[str, ...]) -> str:
    """Return the conversation as it is read, changed messages with what they became."""
    lines = []
    journal = desk.adapter.platform.journal
    for said in script:
        before = {one.id: one.text for one in journal.from_bot(user)}
        lines.append(f"> {said}")
        if said.startswith("["):
            shown = [
                (one, button)
                for one in journal.from_bot(user)
                for button in one.buttons
                if said.strip("[]") in button.label
            ]
            message, button = shown[-1]
            await desk.press(user, button.data, message.id)
        else:
            await desk.say(user, said)
        for one in journal.from_bot(user):
            if before.get(one.id) == one.text:
                continue
            mark = "~ " if one.id in before else ""
            lines += [f"{mark}{text}".rstrip() for text in one.text.split("\n")]
            lines += ["  ".join(f"[{button.label}]" for button in one.buttons), ""]
    return "\n".join(lines).replace("\n\n\n", "\n\n")


@pytest.mark.slow
@pytest.mark.parametrize(("name", "script"), [("fr", FRENCH), ("de", GERMAN)])
async def test_whoever_chooses_a_language_has_everything_in_it(
    desk: Desk, name: str, script: tuple[str, ...]
) -> None:
    await desk.press("100", f"set:language:{name}")
    read = await converse(desk, "100", script)
    kept = FOLDER / f"{name}.txt"
    if os.environ.get(UPDATE):
        kept.write_text(read, encoding="utf-8")
    assert read == kept.read_text(encoding="utf-8")
    said = "\n".join(line for line in read.splitlines() if not line.startswith(">"))
    assert not re.search(r"\b(?:the|you|your|and|please|answer|announcements)\b", said)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "user", "script"), [("en", "100", ENGLISH), ("zh", "200", CHINESE)]
)
async def test_a_whole_conversation(
    desk: Desk, name: str, user: str, script: tuple[str, ...]
) -> None:
    read = await converse(desk, user, script)
    kept = FOLDER / f"{name}.txt"
    if os.environ.get(UPDATE):
        kept.parent.mkdir(exist_ok=True)
        kept.write_text(read, encoding="utf-8")
    assert read == kept.read_text(encoding="utf-8")
    assert "Sorry" not in read
