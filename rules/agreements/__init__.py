"""Agreements as data, one file each."""
