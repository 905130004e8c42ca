"""Loopback Telegram and Slack that the real adapters talk to.

They are part of the product: the demo, the tests and a developer's first evening need
no token. They know nothing of Convoke and import nothing from it but the journal's
words; the adapters reach them by the API-URL settings alone.
"""
