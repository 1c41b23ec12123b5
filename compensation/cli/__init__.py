"""The command line: thin commands over `compensation.application`."""
