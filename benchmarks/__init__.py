"""Every step of the work against a named baseline, measured in the same run; `make bench` prints the table."""
