"""A text is of one encoding, or its odd lines are named: none is read as other words."""

from collections.abc import Callable
from pathlib import Path

import pytest

from compensation.errors import InputError
from compensation.monitoring import read_file

Write = Callable[..., Path]


@pytest.mark.parametrize(
    ("encodings", "where", "why"),
    [
        (("gbk", "gbk", "utf-8", "gbk"), "第 3 行", "第 3 行是 UTF-8；第 1、2、4 行是 GB18030（GBK）或 Big5"),
        (("utf-8", "utf-8", "utf-8", "gbk"), "第 4 行", "第 1、2、3 行是 UTF-8；第 4 行是 GB18030（GBK）或 Big5"),
        (("utf-8-sig", "gbk", "utf-8", "utf-8"), "第 2 行", "第 1、3、4 行是 UTF-8；第 2 行是 GB18030"),
        (("big5", "big5", "utf-8", "big5"), "第 3 行", "第 3 行是 UTF-8"),
    ],
)
def test_lines_of_another_encoding_are_named(tmp_path: Path, encodings: tuple[str, ...], where: str, why: str) -> None:
    lines = [
        "断面,采样日期,氨氮(mg/L)\n",
        "太浦河,2026-07-09,1\n",
        "平望大桥,2026-07-10,2\n",
        "丁栅大桥,2026-07-11,3\n",
    ]
    if "big5" in encodings:
        lines = [each.replace("断", "斷").replace("样", "樣").replace("桥", "橋").replace("栅", "柵") for each in lines]
    path = tmp_path / "拼.csv"
    path.write_bytes(b"".join(line.encode(each) for line, each in zip(lines, encodings, strict=True)))
    with pytest.raises(InputError) as caught:
        read_file(path)
    (fault,) = caught.value.faults
    assert fault.where == f"《拼.csv》{where}"
    assert fault.what == "文本里夹有另一种编码的行"
    assert why in fault.why
    assert "UTF-8" in fault.fix


def test_a_text_cut_within_a_character_is_named(tmp_path: Path) -> None:
    path = tmp_path / "断.csv"
    path.write_bytes("断面,采样日期,氨氮(mg/L)\n太浦河桥,2026-07-09,1\n平".encode()[:-1])
    with pytest.raises(InputError, match=r"第 3 行.*没有传完整"):
        read_file(path)


def test_one_encoding_with_rare_characters_is_read(write_text: Write) -> None:
    rows = [
        ("断面", "采样日期", "氨氮(mg/L)", "备注"),
        ("淀峰", "2026-07-09", 1, "锟斤拷烫"),
        ("澶浦", "2026-07-10", 2, "联通"),
    ]
    assert read_file(write_text(rows, encoding="gbk")).reading_count == 2
