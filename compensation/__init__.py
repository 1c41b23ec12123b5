"""Taipu River compensation settlement: from monitoring results to what each party owes, to the fen."""

__version__ = "0.1.0"
