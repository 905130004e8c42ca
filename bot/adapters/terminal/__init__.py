"""A chat at the prompt, for trying things out; also the smallest example of an adapter."""

from bot.adapters.terminal.adapter import TerminalAdapter
from bot.adapters.terminal.factory import make_adapter

__all__ = ["TerminalAdapter", "make_adapter"]
