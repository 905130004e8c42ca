"""Questions become answers with their source, or an honest "I don't know".

Everything here is pure: an engine is built from conferences, holds its index in memory,
and is built anew when they change. What the rest of the program knows is
:class:`Question`, :class:`Answer` and the Protocol :class:`Engine`;
:class:`LexicalEngine`, which compares words, is the first to fulfil it.
"""

from bot.answers.contract import Answer, Engine, Question
from bot.answers.engine import LexicalEngine

__all__ = ["Answer", "Engine", "LexicalEngine", "Question"]
