"""Reading monitoring files as they come: cells as text with addresses, then readings, then what is refused."""
