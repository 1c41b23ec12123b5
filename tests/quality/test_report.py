"""A section's report: values, classes, multiples, compliance and index agree with the single functions."""

from datetime import date, datetime
from fractions import Fraction

from compensation.quality.periods import Sample
from compensation.quality.report import section_report


def samples(month: int, mantissa: int, exponent: int) -> list[Sample]:
    return [Sample(datetime(2026, month, day, hour), mantissa, exponent) for day in (1, 2) for hour in (0, 12)]


def test_report_of_two_months() -> None:
    readings = {
        "w01019": samples(1, 4027, -3) + samples(2, 9, 0),
        "w21003": samples(1, 5, -1),
        "w20004": samples(1, 502, -5),
    }
    report = section_report(readings, [date(2026, 1, 1), date(2026, 2, 1)], "river", 3)
    january, february = report.months
    by_code = {each.mean.indicator: each for each in january.values}
    assert by_code["w01019"].mean.value == Fraction("4.027")
    assert by_code["w01019"].compared == 4
    assert by_code["w01019"].water_class == 2
    assert by_code["w21003"].multiple == Fraction("-0.5")
    assert by_code["w20004"].water_class is None
    assert by_code["w20004"].multiple == Fraction("0.004")
    assert january.water_class == 2
    assert (february.water_class, [each.multiple for each in february.values]) == (4, [Fraction(1, 2)])
    assert report.rate == Fraction(1, 2)
    assert {each.mean.indicator: each.mean.n for each in report.whole.values} == {"w01019": 8, "w21003": 4, "w20004": 4}
    assert report.whole.cwqi.items["w21003"] == Fraction(1, 2)


def test_a_month_without_samples_is_not_judged() -> None:
    report = section_report({"w01019": samples(1, 3, 0)}, [date(2026, 1, 1), date(2026, 2, 1)], "river", 3)
    assert [month.water_class for month in report.months] == [2, None]
    assert report.rate == 1
