"""datalife keeps the data of a machine learning system honest over its whole life."""

__version__ = "0.1.0"
