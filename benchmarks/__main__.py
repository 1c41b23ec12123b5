"""All benchmarks as one table.

python -m benchmarks [--rounds 5] [--rows 500000] [--variants 10000]
"""

import argparse

from benchmarks import importing, sheets, what_if
from benchmarks.measuring import bench_python, machine, table


def main() -> None:
    """Print the machine, the table and what the comparison of amounts found."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rounds", type=int, default=5)
    arguments.add_argument("--rows", type=int, default=500_000)
    arguments.add_argument("--variants", type=int, default=10_000)
    arguments.add_argument("--beginner-rounds", type=int, default=1)
    chosen = arguments.parse_args()
    if bench_python() is None:
        print("the baselines' environment is missing: rows against OpenFisca-core, polars and pandas are left out")
    found, notes = what_if.rows(chosen.variants, chosen.rounds)
    found += importing.rows(chosen.rows, chosen.rounds, chosen.beginner_rounds)
    found += sheets.rows(min(chosen.rows, 100_000), chosen.rounds)
    print(machine(), f"medians of {chosen.rounds}", "", table(found), "", *notes, sep="\n")


if __name__ == "__main__":
    main()
