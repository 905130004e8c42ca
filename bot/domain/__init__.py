"""Values and rules of an alliance's communications: no I/O, no asyncio, no clock.

Everything here is a frozen dataclass or a pure function. The packages above
agree on these words and on nothing else.
"""
