import pytest

from compensation.monitoring.headers import Kind, Role, role_of, take_apart
from compensation.monitoring.units import is_unit, shift
from compensation.quality.standard import indicators


@pytest.mark.parametrize(
    ("unit", "target", "power"),
    [
        ("μg/L", "mg/L", -3),
        ("µg/L", "mg/L", -3),
        ("ug/l", "mg/L", -3),
        ("mg/m³", "mg/L", -3),
        ("mg·L⁻¹", "mg/L", 0),
        ("ＭＧ／Ｌ", "mg/L", 0),
        ("ng/L", "mg/L", -6),
        ("cells/mL", "cells/L", 3),
        ("个/100mL", "个/L", 1),
        ("mS/m", "μS/cm", 1),
        ("cm", "m", -2),
        ("万m³", "m³", 4),
        ("亿立方米", "m³", 8),
        ("万元", "元", 4),
        ("°C", "℃", 0),
    ],
)
def test_powers_of_ten_between_units(unit: str, target: str, power: int) -> None:
    assert shift(unit, target) == power


@pytest.mark.parametrize(
    ("unit", "target"), [("ppm", "mg/L"), ("mg/L", "元"), ("m", "m³"), ("mg", "mg/L"), ("", "mg/L")]
)
def test_what_cannot_be_converted(unit: str, target: str) -> None:
    assert shift(unit, target) is None


def test_every_indicator_has_a_unit_of_the_table() -> None:
    assert [each.code for each in indicators().values() if not is_unit(each.unit)] == []


@pytest.mark.parametrize(
    ("text", "name", "unit", "limit", "strange"),
    [
        ("总磷(mg/L)", "总磷", "mg/L", None, None),
        ("总磷（以P计）（mg/L）", "总磷", "mg/L", None, None),
        ("总磷\n（mg/L）", "总磷", "mg/L", None, None),
        ("总磷 mg/L", "总磷", "mg/L", None, None),
        ("总磷（mg/L，检出限0.01）", "总磷", "mg/L", "0.01", None),
        ("铬(六价)", "铬(六价)", None, None, None),
        ("六价铬(Cr6+)(μg/L)", "六价铬", "μg/L", None, None),
        ("氨氮(NH3-N)", "氨氮", None, None, None),
        ("总磷(ppm)", "总磷", None, None, "ppm"),
        ("pH", "pH", None, None, None),
    ],
)
def test_headers_come_apart(text: str, name: str, unit: str | None, limit: str | None, strange: str | None) -> None:
    header = take_apart(text)
    assert header.name.strip() == name
    assert (header.unit, header.limit, header.strange_unit) == (unit, limit, strange)


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("断面名称", Role.SECTION),
        ("监测时间", Role.STAMP),
        ("氨氮等级", Role.DESCRIPTION),
        ("流域", Role.DESCRIPTION),
        ("综合水质等级", Role.CLASS),
        ("高锰酸钾", Role.INDICATOR),
        ("乱七八糟", Role.UNKNOWN),
        ("", Role.EMPTY),
    ],
)
def test_roles(name: str, role: Role) -> None:
    assert role_of(Kind.WIDE, name) is role
