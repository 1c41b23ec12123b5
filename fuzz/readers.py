"""Coverage-guided fuzzing of the readers: any bytes are read and counted to the row, or refused in words.

    python fuzz/readers.py CORPUS [libFuzzer's own options, such as -max_total_time=120]

The corpus starts from small files of every form that the reader knows. What breaks it is written into the working
folder by libFuzzer; mended, it is kept as a test in tests/monitoring/test_fuzz_findings.py.
"""

import sys
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["compensation"]):
    from harness import one, seeds


def main() -> None:
    """Seed the corpus and fuzz until libFuzzer is told to stop."""
    corpus = Path(sys.argv[1])
    corpus.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(seeds()):
        (corpus / f"seed-{number:03}").write_bytes(seed)
    atheris.Setup(sys.argv, one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
