"""A loopback Slack: Web API and Socket Mode, for tests, the demo and rehearsals.

* ``workspace`` holds what is there: people, channels, messages.
* ``methods`` answers the Web API; ``checks`` refuses what Slack refuses.
* ``sockets`` delivers envelopes and sends them again until they are acknowledged.
* ``server`` is the HTTP side; ``simulator`` ties all together behind
  :class:`~bot.simulators.base.Simulator`.

It answers with Slack's own error bodies, so the real ``slack_sdk`` and ``slack_bolt`` run
against it unchanged.
"""

from bot.simulators.slack.simulator import SlackSimulator

__all__ = ["SlackSimulator"]
