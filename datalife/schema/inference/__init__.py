"""Heuristics that turn the statistics of a column into rules, one family a file."""
