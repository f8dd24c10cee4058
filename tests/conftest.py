"""Hypothesis judges what a test finds, not how busy the machine is: no test is timed.

`pytest --hypothesis-profile=thorough` tries ten times as many examples.
"""

from hypothesis import settings

settings.register_profile("untimed", deadline=None)
settings.register_profile("thorough", deadline=None, max_examples=1000)
settings.load_profile("untimed")
