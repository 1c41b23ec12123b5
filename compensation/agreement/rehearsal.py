"""A clause tried out over evidence that holds nothing, so that parts which do not fit together show while loading.

Every amount is missing then, but units, tables and sections are met just as in a settlement: a price per tonne of a
volume of water is found here, at its line, and not by the official who settles the first year.
"""

from dataclasses import replace
from datetime import timedelta

from compensation.expression import UnitError
from rules.agreement import Agreement, Clause, Period
from rules.case import Case
from rules.evaluate import evaluate
from rules.evidence import Evidence


def misfit(agreement: Agreement, clause: Clause) -> str | None:
    """Why the parts of `clause` cannot be used together, in Chinese; None when they can."""
    last = min(agreement.last, agreement.first + timedelta(45))
    period = Period(agreement.first, last, f"{agreement.first} 至 {last}")
    try:
        evaluate(Case(replace(agreement, clauses=(clause,)), Evidence({}), period, agreement.first))
    except UnitError as error:
        return str(error)
    except (LookupError, TypeError, ValueError) as error:
        return f"计算时找不到它要用的数、指标或断面（{error}）"
    return None
