"""The torture pack: any playbook on the worst days of the clock, held to what must always be true.

Stories are made of the page (:mod:`~cadence.testing.torture.scenarios`), played on the virtual clock by the engine, and
judged by rules that know the page's text and plain arithmetic, and nothing of the engine's.
"""
