"""Published classes against recomputed ones, over the real files: every disagreement has its cause and its count."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from compensation.application.checking import check_classes
from compensation.quality.published import Cause
from compensation.store import Store

HEADER = ("省份", "断面名称", "监测时间", "水质类别", "pH", "溶解氧(mg/L)", "高锰酸盐指数(mg/L)", "氨氮(mg/L)",
          "总磷(mg/L)", "站点情况")  # fmt: skip
Call = Callable[..., Any]


def test_the_command_counts_and_explains(call: Call, write_text: Callable[..., Path]) -> None:
    rows = [
        ("上海市", "太浦河桥", "2026-07-01 04:00", "Ⅱ", "7", "9", "2.5", "0.1", "0.05", "正常"),
        ("上海市", "太浦河桥", "2026-07-02 04:00", "Ⅱ", "7", "9", "2.5", "4", "0.05", "正常"),
        ("上海市", "太浦河桥", "2026-07-03 04:00", "Ⅱ", "7", "9", "2.5", "--", "0.05", "正常"),
    ]
    assert call("import", str(write_text([HEADER, *rows]))).code == 0
    said = call("check", "class")
    assert said.code == 0
    assert "齐全的共 2 行" in said.out
    assert "氨氮 4" in said.out
    assert "指数丢失" in said.out
    assert call("check").code == 0
    assert call("check", "class", "--section", "淀峰").code == 2
    doubted = call("check", "doubt", "--section", "太浦河桥")
    assert doubted.code == 0
    assert "指数丢失" in doubted.out
    assert call("check", "doubt", "--section", "无").code == 2


def test_doubt_is_searched_for_at_sections_that_are_in_no_registry(call: Call, write_text: Callable[..., Path]) -> None:
    tp = ("0.004", "0.005", "4", "0.006", "0.004")
    rows = [
        ("江苏省", "某河桥", f"2026-07-01 {4 * place:02}:00", "Ⅰ", "7", "9", "1.5", "0.05", value, "正常")
        for place, value in enumerate(tp)
    ]
    assert call("import", str(write_text([HEADER, *rows]))).code == 0
    for said in (call("check", "doubt"), call("check", "doubt", "--section", "某河桥")):
        assert said.code == 0
        assert "某河桥 2026-07-01 08:00 总磷 4 指数丢失" in " ".join(said.out.split())
    assert call("section", "merge", "320000:某河桥", "310118_0003", "--by", "张三", "--why", "同一处").code == 0
    merged = " ".join(call("check", "doubt").out.split())
    assert merged.count("总磷 4 指数丢失") == merged.count("太浦河桥 2026-07-01 08:00 总磷 4 指数丢失") == 1


@pytest.mark.real
def test_the_real_files(call: Call, store: Store, shared_dir: Path) -> None:
    data = shared_dir / "data"
    names = ("cnemc_2021_boundary_17_stations.csv", "cnemc_2026_border_sections.csv")
    names += ("国控断面水质_20260701_20260708.xlsx",)
    assert call("import", *(str(data / name) for name in names)).code == 0
    found = check_classes(store)
    assert found.complete > 48_000
    assert found.counts[Cause.NONE] / found.complete > 0.97
    assert found.counts[Cause.UNEXPLAINED] == 0
    assert found.counts[Cause.NO_NEIGHBOUR] <= 1
    assert found.counts[Cause.LOST_EXPONENT] == 6
    # Since some day between 2021 and 2026 the feed classes this section by the river's limits.
    known = Counter(
        each.name for each in found.disagreements if each.check.cause is Cause.OTHER_BODY and each.body_known
    )
    assert known.most_common(1)[0][0] == "急水港桥"
    assert known["急水港桥"] > 10 * (known.total() - known["急水港桥"])
