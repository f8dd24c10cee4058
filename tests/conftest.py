"""Hypothesis judges what a test finds, not how busy the machine is: no test is timed."""

from hypothesis import settings

settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")
