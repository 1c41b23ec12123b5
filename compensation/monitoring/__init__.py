"""Reading monitoring files as they come: cells as text with addresses, then readings, then what is refused."""

from compensation.monitoring.cells import fingerprint
from compensation.monitoring.parsed import Counts, ParsedFile, ReadOptions
from compensation.monitoring.reader import read_file

__all__ = ["Counts", "ParsedFile", "ReadOptions", "fingerprint", "read_file"]
