"""An amount as an expression that remembers itself: its number, its explanation, its spreadsheet formula."""
