"""Slack, through the real ``slack_bolt`` and ``slack_sdk``, over Socket Mode or HTTP.

``adapter`` is the contract's side. In: ``sockets`` or ``endpoint`` receive, ``receiver`` and
``listeners`` run Bolt, ``events`` and ``actions`` read, ``turns`` keeps the order of a
channel, ``interaction`` opens forms. Out: ``messages`` posts, changes and finds,
``web`` makes one request, ``rests`` lets a method wait, ``outcomes`` says what
its answer means, ``render`` builds messages, ``forms`` modals, ``home`` the page, ``files``
what is handed over first. ``directs`` knows whose ``D…`` channel is whose, ``rooms`` what
channels are called, ``history`` finds messages again, ``lookups`` asks the directory.
"""

from bot.adapters.slack.adapter import Access, SlackAdapter
from bot.adapters.slack.factory import make_adapter

__all__ = ["Access", "SlackAdapter", "make_adapter"]
