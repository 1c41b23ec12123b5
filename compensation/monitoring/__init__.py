"""Reading monitoring files as they come: cells as text with addresses, then readings, then what is refused."""

from typing import TYPE_CHECKING

from compensation.on_demand import on_demand

if TYPE_CHECKING:
    from compensation.monitoring.cells import fingerprint
    from compensation.monitoring.parsed import Counts, ParsedFile, ReadOptions
    from compensation.monitoring.reader import read_file

__all__ = ["Counts", "ParsedFile", "ReadOptions", "fingerprint", "read_file"]

__getattr__ = on_demand(__name__, __file__)
