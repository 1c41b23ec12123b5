"""The law, pure: no I/O, no clock, no float; knows nothing of files or databases."""
