"""Setting an installation up: what is wrong with it, and what to do about it."""
