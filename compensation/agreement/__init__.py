"""Agreement files: read with line numbers, checked in one pass, turned into the records `rules.agreement` defines."""
