"""Slack, through the real ``slack_bolt`` and ``slack_sdk`` over Socket Mode.

``adapter`` is the contract's side; ``web`` makes one request, ``outcomes`` says what its
answer means; ``sockets`` receives envelopes, ``listeners`` hands them to Bolt, ``inbound``
reads them; ``directs`` knows whose ``D…`` channel is whose; ``render`` builds blocks.
"""

from bot.adapters.slack.adapter import SlackAdapter
from bot.adapters.slack.factory import make_adapter

__all__ = ["SlackAdapter", "make_adapter"]
