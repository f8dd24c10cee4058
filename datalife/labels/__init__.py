"""Joining delayed feedback to the predictions it labels."""
