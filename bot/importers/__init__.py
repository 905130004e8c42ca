"""Files of people become domain values; nothing here touches a database.

Every reader returns what it could read *and* a list of
:class:`~bot.domain.people.Problem`: one mistake never stops the rest. Only what leaves
nothing to import (no such file, an empty folder) is a
:class:`~bot.domain.refusal.Refusal`.
"""
