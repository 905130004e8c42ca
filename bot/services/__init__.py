"""Use cases: what can be done, by whom, with which consequences.

Functions take the unit of work that their caller has opened, so that everything one
action changes is one commit.
"""
