"""Baseline: the SHA-256 of a file, and nothing else.

python bare_hash.py FILE
"""

import hashlib
import sys
from pathlib import Path

with Path(sys.argv[1]).open("rb") as file:
    print(hashlib.file_digest(file, "sha256").hexdigest())
