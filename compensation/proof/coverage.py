"""Whether some clause reaches every section in every month, and every clause can be reached at all."""

from compensation.proof.trial import Trial
from rules.measures import water_asked


def everything_is_reached(trial: Trial) -> str | None:
    """Every month of every section has a clause (or one that says nothing is owed), and every clause a period."""
    agreement, case = trial.agreement, trial.case
    term = (trial.period.first, trial.period.last) == (agreement.first, agreement.last)
    idle = [clause for clause in agreement.clauses if clause.period == "term" and not term]
    if idle:
        return f"{idle[0].number}：按整个协议期计算，但协议另有年度的限额、抵扣或预拨，只能逐年结算，本条永远用不上"
    gauges = {*water_asked(agreement, "flow"), *water_asked(agreement, "intake")}
    for section in agreement.sections:
        own = [clause for clause in agreement.clauses if section.code in clause.sections]
        if section.kind == "background" or (not own and section.code in gauges):
            continue
        if any(clause.kind != "charge" or clause.reach.elsewhere_nothing for clause in own):
            continue
        for month in case.months:
            if not any(clause.reach.holds(case.day_of(month), month.first.month) for clause in own):
                return f"{section.name} {month.name}：没有条款适用"
    return None
