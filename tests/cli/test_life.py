"""A made-up year from draft to money paid, by the commands an official types; each refusal changes nothing."""

import re
from typing import Any

from life_of_a_year import BY, HOLIDAYS, latest, to_final

from compensation.store import open_store

FLOOD = "断面,起,止,原因,认定文件\n太浦河桥,2026-09-01,2026-09-30,洪水,示例认定〔2027〕2号\n"


def test_issue_waits_for_the_holidays_of_the_year(desk: Any, call: Any) -> None:
    number, _ = latest(desk.folder)
    said = call("issue", number, *BY, "--date", "2027-03-01")
    assert said.code == 2
    assert "没有这一年的放假安排" in said.err
    (desk.folder / "放假.csv").write_text(HOLIDAYS, encoding="gbk")
    assert call("holidays", "import", "放假.csv").code == 0
    assert "未重复导入" in call("holidays", "import", "放假.csv").out
    assert re.search(r"2027 +示例数据 +2 +0", call("holidays", "list").out)
    said = call("issue", number, *BY, "--date", "2027-03-01")
    assert said.code == 0
    assert "异议期限：2027-03-22（15 个工作日）" in said.out
    assert said.out.count("（财政）") == 3


def test_what_is_undetermined_or_provisional_cannot_be_issued(desk: Any, call: Any) -> None:
    assert call("settle", "2027").code == 4
    number, _ = latest(desk.folder)
    said = call("issue", number, *BY, "--date", "2026-12-01")
    assert said.code == 2
    assert "结果未定，不能征求意见" in said.err
    assert "太浦河桥" in said.err
    assert call("settle", "--from", "2026-01-01", "--to", "2026-06-30", "--provisional").code == 0
    number, _ = latest(desk.folder)
    assert "这是暂算" in call("issue", number, *BY, "--date", "2026-12-01").err


def test_objections_stand_in_the_way(desk: Any, call: Any) -> None:
    number, digest = latest(desk.folder)
    (desk.folder / "放假.csv").write_text(HOLIDAYS, encoding="utf-8")
    call("holidays", "import", "放假.csv")
    call("issue", number, *BY, "--date", "2027-03-01")
    signer = ("--party", "苏", "--department", "环保")
    why = ("--why", "七月总磷与记录不符")
    late = call("objection", "raise", number, *signer, *why, *BY, "--date", "2027-03-23")
    assert (late.code, "异议逾期" in late.err) == (2, True)
    assert call("objection", "raise", number, *signer, *why, *BY, "--date", "2027-03-22").code == 0
    assert "七月总磷与记录不符" in call("objection", "list").out
    digits = ("--digest", digest[:12])
    assert "异议" in call("confirm", number, *signer, *digits, *BY, "--date", "2027-03-23").err
    assert call("objection", "decide", "2", *why, *BY).code == 2
    assert "不是异议" in call("objection", "decide", "1", "--uphold", *why, *BY).err
    assert call("objection", "decide", "2", "--uphold", *why, *BY, "--date", "2027-03-24").code == 0
    assert "没有异议" in call("objection", "list").out
    assert "异议成立" in call("objection", "list", "--all").out
    told = call("finalise", number, *BY, "--date", "2027-03-25").err
    assert "异议成立，本稿须改" in told
    assert call("void", number, "--why", "改正后重新结算", *BY, "--date", "2027-03-25").code == 0
    assert "现状：作废" in call("status", number).out
    assert call("check").code == 0


def test_confirmation_of_another_digest_is_refused(final: Any, call: Any) -> None:
    number, digest = latest(final.folder)
    before = final.dump()
    signer = ("--party", "沪", "--department", "财政")
    assert "摘要不符" in call("confirm", number, *signer, "--digest", "0" * 12, *BY).err
    assert "摘要太短" in call("confirm", number, *signer, "--digest", digest[:8], *BY).err
    assert "已定案" in call("confirm", number, *signer, "--digest", digest, *BY).err
    assert "不是缔约方" in call("confirm", number, "--party", "皖", *signer[2:], "--digest", digest, *BY).err
    assert "没有这个编号" in call("issue", "无此编号", *BY).err
    assert final.dump() == before


def test_orders_follow_the_sheet_and_slips_pay_them(final: Any, call: Any) -> None:
    number, _ = latest(final.folder)
    told = call("orders", "--as-of", "2027-07-01").out
    assert told.count("未付，逾期") == 2
    assert told.count("未约定") == 2
    assert "逾期" not in call("orders", number, "--as-of", "2027-06-30").out
    order = f"{number}-P01"
    slip = ("--slip", "示例凭证1", "--amount", "1,000.00", *BY, "--date", "2027-04-01")
    said = call("pay", order, *slip, "--payer", "沪", "--payee", "江苏省")
    assert said.code == 0, said.err
    assert "已付 1,000.00 元，尚欠" in said.out
    before = final.dump()
    for arguments, told in (
        ((order, *slip), "凭证重复"),
        ((order, "--slip", "示例凭证2", *slip[2:]), "可能重复付款"),
        ((order, "--slip", "示例凭证2", "--amount", "99999999", *BY, "--date", "2027-04-02"), "多付"),
        ((order, "--slip", "示例凭证2", "--amount", "1.005", *BY), "最多两位小数"),
        ((order, "--slip", "示例凭证2", "--amount", "-1", *BY), "最多两位小数"),
        ((order, "--slip", "示例凭证2", "--amount", "7", *BY, "--payer", "浙"), "付款方与拨付单不符"),
        ((order, "--slip", "示例凭证2", "--amount", "7", *BY, "--date", "2027-03-01"), "早于定案日"),
        ((f"{number}-P99", "--slip", "示例凭证2", "--amount", "7", *BY), "没有这张拨付单"),
        ((order, *BY), "须写明 --slip 和 --amount"),
        (BY, "没有说清是哪一张"),
    ):
        said = call("pay", *arguments)
        assert (said.code, told in said.err) == (2, True), (arguments, said.err)
    assert final.dump() == before
    back = call("pay", order, "--slip", "示例凭证3", "--amount", "1000", "--refund", *BY, "--date", "2027-04-05")
    assert "退款" in back.out
    assert call("check").code == 0


def test_a_table_of_slips_is_recorded_whole_or_not_at_all(final: Any, call: Any) -> None:
    number, _ = latest(final.folder)
    rows = [f"{number}-P0{n},示例凭证{n},2027-04-0{n},{n}000.5,沪,," for n in (1, 2)]
    table = final.folder / "凭证.csv"
    head = "拨付单,凭证号,日期,金额（元）,付款方,收款方,说明\n"
    table.write_text(head + "\n".join([*rows, f"{number}-P01,,4月,很多,,,"]), encoding="utf-8")
    before = final.dump()
    said = call("pay", "--file", "凭证.csv", *BY)
    assert said.code == 2
    assert "第 4 行" in said.err
    table.write_text(head + "\n".join([*rows, rows[0]]), encoding="utf-8")
    assert "凭证重复" in call("pay", "--file", "凭证.csv", *BY).err
    table.write_text("拨付单,号\n", encoding="utf-8")
    assert "没有认出表头" in call("pay", "--file", "凭证.csv", *BY).err
    table.write_text(head, encoding="utf-8")
    assert "没有任何凭证" in call("pay", "--file", "凭证.csv", *BY).err
    assert final.dump() == before
    table.write_text(head + "\n".join(rows), encoding="utf-8")
    assert call("pay", "--file", "凭证.csv", *BY).out.count("已登记") == 2
    assert call("orders", "--open").out.count("部分已付") == 2


def test_everything_paid_leaves_no_claim(final: Any, call: Any) -> None:
    with open_store(f"sqlite:///{final.folder / 'compensation.db'}") as store:
        orders = [order for act in store.book().acts for order in act.deed.orders]
    for order in orders:
        amount = f"{order.amount_fen // 100}.{order.amount_fen % 100:02d}"
        slip = ("--slip", f"示例{order.number[-3:]}", "--amount", amount)
        assert "已付清" in call("pay", order.number, *slip, *BY, "--date", "2027-04-01").out
    told = call("ledger").out
    assert re.findall(r"往来:.+? +(\S+)", told) == ["0.00", "0.00", "0.00"]
    assert re.search(r"合计 +0\.00", told)
    assert call("orders", "--open").out == "都已付清。\n"
    assert call("check").code == 0


def test_a_statement_adds_up_and_tells_sections_by_name(final: Any, call: Any) -> None:
    told = call("ledger", "--party", "沪", "--year", "2027").out
    assert "往来:沪" in told
    assert "金泽取水口" in told
    assert "TAIPU-JINZE" not in told
    assert "期初" in told
    assert "共同资金" in call("ledger", "--party", "共同资金").out
    assert "2026 年末" in call("ledger", "--year", "2026").out
    assert call("ledger", "--party", "皖").code == 2
    assert "没有“别的”的账" in call("ledger", "--agreement", "别的").err


def test_an_empty_book_says_so(desk: Any, call: Any) -> None:
    assert "还没有任何分录" in call("ledger").err
    assert call("orders").out == "没有拨付单。\n"
    assert call("check").code == 0


def test_a_correction_posts_the_difference_and_leaves_the_old_sheet(final: Any, call: Any) -> None:
    old, _ = latest(final.folder)
    assert call("sheet", old, "--out", "原1.xlsx").code == 0
    assert "没有需要更正的" in call("adjust", old, "--why", "无", *BY).err
    (final.folder / "认定.csv").write_text(FLOOD, encoding="utf-8")
    assert call("import", "认定.csv").code == 0
    said = call("adjust", old, "--why", "=补充认定", *BY, "--date", "2027-05-04", "--out", "补差.xlsx")
    assert said.code == 0, said.err
    assert re.search(r"第三条 +-6,000,000\.00 +4,200,000\.00 +1,800,000\.00", said.out)
    again = call("adjust", old, "--why", "又一次", *BY, "--date", "2027-05-04")
    assert "已是对" in again.err
    new = to_final(final.folder, call, "2027-05-0")
    told = call("orders", new).out
    assert told.count(f"{new}-P0") == 2
    assert "预拨" not in told
    assert call("check").code == 0
    assert call("sheet", old, "--out", "原2.xlsx").code == 0
    assert (final.folder / "原1.xlsx").read_bytes() == (final.folder / "原2.xlsx").read_bytes()
    assert "不能登记为更正" in call("adjust", old, "--why", "再改", *BY, "--agreement", "taipu-draft").err
    assert "不是同一协议" in call("adjust", new, "--why", "改", *BY, "--agreement", "chishui-1").err


def test_only_the_current_final_is_issued_again(final: Any, call: Any) -> None:
    (final.folder / "认定.csv").write_text(FLOOD, encoding="utf-8")
    call("import", "认定.csv")
    assert call("settle", "2026").code == 0
    number, _ = latest(final.folder)
    assert "本期已有定案" in call("issue", number, *BY, "--date", "2027-05-05").err
