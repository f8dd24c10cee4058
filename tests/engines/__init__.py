"""Engines: real processes and real clusters, of two workers each, on this machine."""
