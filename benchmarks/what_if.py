"""Settling, variants and turning points of a Taipu year, against OpenFisca-core and against settling anew.

python -m benchmarks.what_if [--variants 10000] [--rounds 5]
"""

import argparse
import json
import subprocess
import tempfile
from fractions import Fraction
from pathlib import Path

from benchmarks import taipu_year
from benchmarks.measuring import CHECKOUT, Row, Timing, bench_python, in_turn, table
from compensation.expression import Missing, Value
from compensation.expression.variants import Variants
from compensation.settlement.flips import flips
from compensation.settlement.settle import Settlement
from rules.evidence import Evidence

ANEW = 20
"""How many variants are settled anew, to compare every amount and to know what one costs."""

Nets = dict[str, list[float]]


def finals(settlement: Settlement) -> list[Value]:
    """Each party's net."""
    return [position.final.value for position in settlement.outcome.positions.values()]


def all_variants(facts: Evidence, variants: list[taipu_year.Change]) -> list[list[Value]]:
    """Each party's net in each variant, from the monthly values on."""
    settlement = taipu_year.settled(facts)
    roots = [position.final for position in settlement.outcome.positions.values()]
    return Variants(roots).run_many([taipu_year.as_variant(each) for each in variants])


def openfisca(facts: Evidence, variants: list[taipu_year.Change], rounds: int) -> tuple[Timing, Nets] | None:
    """The baseline's times and nets; None without its environment."""
    python = bench_python()
    if python is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        given = Path(folder) / "year.json"
        given.write_text(json.dumps(taipu_year.for_openfisca(facts, variants)), encoding="utf-8")
        script = CHECKOUT / "benchmarks" / "baselines" / "openfisca_taipu.py"
        command = [str(python), str(script), str(given), str(rounds)]
        told = json.loads(subprocess.run(command, capture_output=True, check=True, text=True).stdout)
    return Timing(told["wall"], told["cpu"]), told["nets"]


def rows(count: int = 10_000, rounds: int = 5) -> tuple[list[Row], list[str]]:
    """The rows of the table, and what the comparison of the amounts found."""
    year = taipu_year.evidence()
    whole = taipu_year.settled(year)
    facts = taipu_year.monthly(year)
    variants = taipu_year.changes(facts, count)
    found = all_variants(facts, variants)
    sampled = [number * len(variants) // min(ANEW, count) for number in range(min(ANEW, count))]
    same = [finals(taipu_year.settled_anew(facts, variants[number])) == found[number] for number in sampled]
    if not all(same):
        raise SystemExit("a variant differs from settling anew")
    if finals(taipu_year.settled(facts)) != finals(whole):
        raise SystemExit("monthly values give other amounts than daily ones")
    cycle = iter(sampled * rounds)
    times = in_turn(
        {
            "settle": lambda: taipu_year.settled(facts),
            "anew": lambda: taipu_year.settled_anew(facts, variants[next(cycle)]),
            "many": lambda: all_variants(facts, variants),
            "flips": lambda: flips(whole),
        },
        rounds,
    )
    base, base_many = openfisca(facts, [], rounds), openfisca(facts, variants, rounds)
    label = f"{count:,} variants, a figure or a monthly mean changed"
    table_rows = [
        Row("settle a Taipu year from monthly values", times["settle"], "OpenFisca-core, same clauses",
            None if base is None else base[0], seconds=0.05),
        Row(label, times["many"], f"settle {count:,} times (median of {rounds}, times {count:,})",
            times["anew"].times(count), goal=20, faster=True),
        Row(label, times["many"], "OpenFisca-core, vectors of the same variants",
            None if base_many is None else base_many[0]),
        Row("flips of a Taipu year", times["flips"], "settle the year once", times["settle"], seconds=10),
    ]  # fmt: skip
    notes = [f"{len(sampled)} of {count:,} variants settled anew: every net identical, to the fen."]
    if base is not None and base_many is not None:
        notes += [_against("1 variant", [finals(whole)], base[1]), _against(f"{count:,} variants", found, base_many[1])]
    return table_rows, notes


def _against(what: str, exact: list[list[Value]], nets: Nets) -> str:
    """How far single floats end from the exact nets."""
    parties = sorted(nets)
    apart = [
        abs(value - Fraction(str(nets[party][number])))
        for number, values in enumerate(exact)
        for party, value in zip(parties, values, strict=True)
        if not isinstance(value, Missing)
    ]
    identical = sum(not each for each in apart)
    far = sum(each >= 10_000 for each in apart)
    middle, most = float(sorted(apart)[len(apart) // 2]), float(max(apart))
    return (
        f"OpenFisca-core, {what}: {identical:,} of {len(apart):,} nets identical to the fen; the median is "
        f"{middle:,.2f} 元 off; {far:,} are off by 1 万元 or more, the worst by {most:,.2f} 元."
    )


def main() -> None:
    """Print the table."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--variants", type=int, default=10_000)
    arguments.add_argument("--rounds", type=int, default=5)
    chosen = arguments.parse_args()
    found, notes = rows(chosen.variants, chosen.rounds)
    print(table(found), *notes, sep="\n")


if __name__ == "__main__":
    main()
