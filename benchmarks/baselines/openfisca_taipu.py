"""Baseline: the clauses of the Taipu draft as OpenFisca-core variables, one variant of the year per person.

Reads the monthly values, volumes and variants as JSON, prints times and each party's net as JSON. Runs in the
environment of `benchmarks/requirements.lock`, apart from the software's own.

The clauses are those of `rules/agreements/taipu-draft.yaml`: fund with deductions, intakes, index, exceedance, yearly
limit. What differs belongs to the engine, and is what the comparison shows: amounts are single floats, and a split to
the fen has no rule for what remains.
"""

import json
import statistics
import sys
import time
from pathlib import Path

import numpy as np
from openfisca_core.entities import build_entity
from openfisca_core.periods import MONTH, YEAR
from openfisca_core.simulation_builder import SimulationBuilder
from openfisca_core.taxbenefitsystems import TaxBenefitSystem
from openfisca_core.variables import Variable

WAN = 10_000.0
SHANGHAI, JIANGSU, ZHEJIANG = "310000", "320000", "330000"
PARTIES = (SHANGHAI, JIANGSU, ZHEJIANG)
GATE, FENHU, BRIDGE, JINZE, JIAPING = "gate", "fenhu", "bridge", "jinze", "jiaping"
BOUNDARIES, INTAKES = (FENHU, BRIDGE), (JINZE, JIAPING)
UPSTREAM = {
    FENHU: {JIANGSU: 1.0},
    BRIDGE: {JIANGSU: 0.7, ZHEJIANG: 0.3},
    JINZE: {JIANGSU: 0.8, ZHEJIANG: 0.2},
    JIAPING: {JIANGSU: 1.0},
}
DOWNSTREAM = {
    FENHU: {SHANGHAI: 0.7, ZHEJIANG: 0.3},
    BRIDGE: {SHANGHAI: 1.0},
    JINZE: {SHANGHAI: 1.0},
    JIAPING: {ZHEJIANG: 1.0},
}
CODMN, AMMONIA, PHOSPHORUS = "w01019", "w21003", "w21011"
INDICATORS = (CODMN, AMMONIA, PHOSPHORUS)
# As single floats, like the values they are compared with: 0.1 is then equal to 0.1.
LIMITS = {
    CODMN: np.asarray((2.0, 4.0, 6.0, 10.0, 15.0), dtype=np.float32),
    AMMONIA: np.asarray((0.15, 0.5, 1.0, 1.5, 2.0), dtype=np.float32),
    PHOSPHORUS: np.asarray((0.02, 0.1, 0.2, 0.3, 0.4), dtype=np.float32),
}
DECIMALS = {CODMN: 1, AMMONIA: 2, PHOSPHORUS: 2}
WEIGHTS = {CODMN: 0.3, AMMONIA: 0.3, PHOSPHORUS: 0.4}
BASELINES = {
    FENHU: {CODMN: 3.9, AMMONIA: 0.25, PHOSPHORUS: 0.080},
    BRIDGE: {CODMN: 3.8, AMMONIA: 0.22, PHOSPHORUS: 0.085},
}
CONTRIBUTED = {SHANGHAI: 0.5, JIANGSU: 0.3, ZHEJIANG: 0.2}
DISTRIBUTED = {SHANGHAI: 0.2, JIANGSU: 0.6, ZHEJIANG: 0.2}
FUND, DEDUCTION, LIMIT = 10_000 * WAN, 1_000 * WAN, 8_000 * WAN
TARGET = 3

Variant = build_entity(key="variant", plural="variants", label="A variant of the year", is_person=True)
VARIABLES: list[type[Variable]] = []


def declare(name, period, formula=None, value_type=float):
    """A variable of the system; an input when it has no formula."""
    content = {"value_type": value_type, "entity": Variant, "definition_period": period, "label": name}
    if formula is not None:
        content["formula"] = formula
    VARIABLES.append(type(name, (Variable,), content))


def months(period):
    """The twelve months of a year."""
    return period.get_subperiods(MONTH)


def assessed_class(values):
    """The class of the worst indicator, of values rounded for assessment."""
    worst = 1
    for code, value in values.items():
        worst = np.maximum(worst, np.searchsorted(LIMITS[code], np.round(value, DECIMALS[code]), side="left") + 1)
    return worst


def mean_of(name):
    """The mean of the twelve months."""

    def mean(variant, period):
        return sum(variant(name, month) for month in months(period)) / 12

    return mean


def declare_section(section):
    """Monthly inputs of a section, its annual means and its classes."""
    for code in INDICATORS:
        declare(f"{section}_{code}", MONTH)
        declare(f"{section}_{code}_year", YEAR, mean_of(f"{section}_{code}"))

    def month_class(variant, period):
        return assessed_class({code: variant(f"{section}_{code}", period) for code in INDICATORS})

    def year_class(variant, period):
        return assessed_class({code: variant(f"{section}_{code}_year", period) for code in INDICATORS})

    declare(f"{section}_class", MONTH, month_class, int)
    declare(f"{section}_class_year", YEAR, year_class, int)


def declare_intake(section):
    """第二条: volume x price x coefficient of the month's class."""
    declare(f"{section}_volume", MONTH)

    def charge(variant, period):
        water_class = variant(f"{section}_class", period)
        coefficient = np.select([water_class <= 2, water_class <= 3], [1.0, 0.75], 0.0)
        price = variant("price", period.this_year)
        return np.round(variant(f"{section}_volume", period) * price * coefficient, 2)

    declare(f"{section}_charge", MONTH, charge)


def declare_boundary(section):
    """第三条 and 第四条第一款: the index of the year, the exceedance of each month."""

    def index(variant, period):
        means = {code: variant(f"{section}_{code}_year", period) for code in INDICATORS}
        return np.round(sum(WEIGHTS[code] * means[code] / BASELINES[section][code] for code in INDICATORS), 3)

    def index_charge(variant, period):
        value, base = variant(f"{section}_index", period), variant("base", period)
        below = np.minimum(base + 100 * WAN * np.floor((1 - value) / 0.01), 4_000 * WAN)
        above = np.minimum(base + 100 * WAN * np.floor((value - 1) / 0.01), 4_000 * WAN)
        return np.where(value <= 1, below, -above)

    def exceedance(variant, period):
        largest = 0.0
        for code in INDICATORS:
            value = np.round(variant(f"{section}_{code}", period), DECIMALS[code])
            inflow = np.round(variant(f"{GATE}_{code}", period), DECIMALS[code])
            multiple = (value - LIMITS[code][TARGET - 1]) / LIMITS[code][TARGET - 1]
            largest = np.maximum(largest, np.where((multiple > 0) & (inflow >= value), 0.0, multiple))
        return np.select([largest > 1, largest > 0.5, largest > 0], [125 * WAN, 75 * WAN, 50 * WAN], 0.0)

    declare(f"{section}_index", YEAR, index)
    declare(f"{section}_index_charge", YEAR, index_charge)
    declare(f"{section}_exceedance", MONTH, exceedance)


def net_of(party):
    """A party's net over all clauses."""

    def net(variant, period):
        moved = fund_of(variant, period)[party]
        for section in INTAKES:
            side = UPSTREAM[section].get(party, 0.0) - DOWNSTREAM[section].get(party, 0.0)
            for month in months(period):
                moved = moved + np.round(side * variant(f"{section}_charge", month), 2)
        for section in BOUNDARIES:
            side = UPSTREAM[section].get(party, 0.0) - DOWNSTREAM[section].get(party, 0.0)
            moved = moved + np.round(side * variant(f"{section}_index_charge", period), 2)
            for month in months(period):
                moved = moved - np.round(side * variant(f"{section}_exceedance", month), 2)
        return moved

    return net


def fund_of(variant, period):
    """第一条: contributions, distribution, and what a failing boundary section moves, never below zero."""
    left = {party: np.full(variant.count, DISTRIBUTED[party] * FUND) for party in PARTIES}
    gained = dict.fromkeys(PARTIES, 0.0)
    for section in BOUNDARIES:
        due = np.where(variant(f"{section}_class_year", period) > TARGET, DEDUCTION, 0.0)
        for party, share in UPSTREAM[section].items():
            taken = np.minimum(due * share, left[party])
            left[party] = left[party] - taken
            for gainer, part in DOWNSTREAM[section].items():
                gained[gainer] = gained[gainer] + np.round(taken * part, 2)
    return {party: left[party] + gained[party] - CONTRIBUTED[party] * FUND for party in PARTIES}


def final_of(party):
    """第七条: nobody pays more than the limit; the receivers bear the cut in proportion."""

    def final(variant, period):
        nets = {each: variant(f"net_{each}", period) for each in PARTIES}
        excess = {each: np.maximum(-nets[each] - LIMIT, 0.0) for each in PARTIES}
        receipts = sum(np.maximum(net, 0.0) for net in nets.values())
        share = np.maximum(nets[party], 0.0) / np.maximum(receipts, 0.01)
        return np.round(nets[party] + excess[party] - sum(excess.values()) * share, 2)

    return final


def system():
    """The draft as a tax and benefit system."""
    declare("price", YEAR)
    declare("base", YEAR)
    for section in (GATE, *BOUNDARIES, *INTAKES):
        declare_section(section)
    for section in INTAKES:
        declare_intake(section)
    for section in BOUNDARIES:
        declare_boundary(section)
    for party in PARTIES:
        declare(f"net_{party}", YEAR, net_of(party))
        declare(f"final_{party}", YEAR, final_of(party))
    found = TaxBenefitSystem([Variant])
    for variable in VARIABLES:
        found.add_variable(variable)
    return found


def run(draft, year, inputs, count):
    """Each party's net in every variant: build the simulation, set its inputs, calculate."""
    simulation = SimulationBuilder().build_default_simulation(draft, count)
    for name, by_period in inputs.items():
        for period, values in by_period.items():
            simulation.set_input(name, period, np.asarray(values, dtype=np.float32))
    return {party: simulation.calculate(f"final_{party}", year) for party in PARTIES}


def expanded(inputs, changes, count):
    """The inputs as one vector each, with every variant's change in its own place."""
    vectors = {
        name: {period: np.full(count, value, dtype=np.float32) for period, value in by_period.items()}
        for name, by_period in inputs.items()
    }
    for place, (name, period, value) in enumerate(changes):
        vectors[name][period][place] = value
    return vectors


def main():
    """Times and nets for the variants in the JSON file of the first argument, as many rounds as the second says."""
    given = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    draft = system()
    changes = given["changes"]
    count = max(1, len(changes))
    walls, cpus, nets = [], [], {}
    for _ in range(int(sys.argv[2])):
        wall, cpu = time.perf_counter(), time.process_time()
        nets = run(draft, given["year"], expanded(given["inputs"], changes, count), count)
        walls.append(time.perf_counter() - wall)
        cpus.append(time.process_time() - cpu)
    told = {"wall": statistics.median(walls), "cpu": statistics.median(cpus)}
    told["nets"] = {party: [round(float(value), 2) for value in values] for party, values in nets.items()}
    json.dump(told, sys.stdout)


if __name__ == "__main__":
    main()
