"""The whole product with no tokens: simulators, real adapters, shipped data.

The service is the real ``convoke run`` in a process of its own, pointed at the simulators
by its environment alone, so that what is shown here is what an installation does, and so
that it can be killed. Whatever the demo claims it reads in the simulators' journals.
"""
