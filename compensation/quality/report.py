"""A section's water quality over a period: monthly and annual values, classes, exceedance, compliance, index."""

from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import NamedTuple

from compensation.quality.classes import class_of, compliance_rate, exceedance_multiple, worst
from compensation.quality.cwqi import WaterIndex, section_index
from compensation.quality.periods import PeriodValue, Sample, annual_of_months, assessed, monthly
from compensation.quality.standard import Body, assessed_codes, drinking_limit, indicators, limits


class IndicatorValue(NamedTuple):
    """An indicator in a period: its mean and n, the value that is judged, class and exceedance multiple.

    Class and multiple are None where the standard sets no limit or gives the multiple no meaning.
    """

    mean: PeriodValue
    compared: Fraction
    water_class: int | None
    multiple: Fraction | None


class PeriodQuality(NamedTuple):
    """A section in a month or over all months; `water_class` None without any assessed indicator."""

    period: str
    water_class: int | None
    values: tuple[IndicatorValue, ...]
    cwqi: WaterIndex


class SectionReport(NamedTuple):
    """Months, the whole period, and the share of judged months that meet the target class."""

    months: tuple[PeriodQuality, ...]
    whole: PeriodQuality
    rate: Fraction | None


def section_report(
    samples: Mapping[str, Sequence[Sample]], months: Sequence[date], body: Body, target: int
) -> SectionReport:
    """The report of one section from its samples by indicator; every indicator with a limit or a sample takes part.

    Monthly values are means of daily means, the whole is the mean of the months; both are rounded before they are
    judged (统计技术规定). A period without samples of an indicator has no value of it.
    """
    codes = [code for code in indicators() if samples.get(code)]
    by_code = {code: monthly(code, samples[code], months=months) for code in codes}
    each = tuple(
        _judged(str(month)[:7], [by_code[code][at] for code in codes], body, target) for at, month in enumerate(months)
    )
    label = f"{str(months[0])[:7]} 至 {str(months[-1])[:7]}"
    whole = _judged(label, [annual_of_months(code, by_code[code], label) for code in codes], body, target)
    judged = [month.water_class <= target for month in each if month.water_class is not None]
    return SectionReport(each, whole, compliance_rate(judged))


def _judged(period: str, means: Sequence[PeriodValue], body: Body, target: int) -> PeriodQuality:
    values = tuple(_value(mean, mean.value, body, target) for mean in means if mean.value is not None)
    classes = [
        each.water_class for each in values if each.water_class is not None and each.mean.indicator in assessed_codes()
    ]
    index = section_index({each.mean.indicator: each.compared for each in values}, body)
    return PeriodQuality(period, worst(classes) if classes else None, values, index)


def _value(mean: PeriodValue, value: Fraction, body: Body, target: int) -> IndicatorValue:
    code = mean.indicator
    compared = assessed(code, value, rounded=True)
    has_class = limits(code, body) is not None
    multiple = exceedance_multiple(code, compared, target, body) if has_class or drinking_limit(code) else None
    return IndicatorValue(mean, compared, class_of(code, compared, body) if has_class else None, multiple)
