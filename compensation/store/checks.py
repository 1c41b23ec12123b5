"""What must hold in the database at any time, each by name; nothing here changes anything."""

import re
from collections.abc import Callable
from typing import NamedTuple

from sqlalchemy import Connection, text

from compensation.store.bulk import is_sqlite, number
from compensation.store.schema import HEAD, asking, current_version
from compensation.store.standing import KEY
from compensation.store.sums import DIFFERING
from compensation.store.tables import APPEND_ONLY, GUARDS, SEALED
from compensation.store.years import parts


class Check(NamedTuple):
    """One invariant: its name, whether it holds, and in Chinese what was found."""

    name: str
    ok: bool
    detail: str


def run(connection: Connection) -> list[Check]:
    """Check every invariant of the store."""
    return [Check(name, not found, found or "成立") for name, found in _results(connection)]


def _results(connection: Connection) -> list[tuple[str, str]]:
    return [
        ("schema_version", _version(connection)),
        ("storage_sound", _storage(connection)),
        ("foreign_keys", _foreign_keys(connection)),
        ("append_only_triggers", _triggers(connection)),
        *((name, _none(connection, sql, told)) for name, sql, told in _QUERIES),
    ]


def _version(connection: Connection) -> str:
    current = current_version(asking(connection), is_sqlite(connection))
    return "" if current == HEAD else f"数据库版本为 {current}，程序需要 {HEAD}"


def _storage(connection: Connection) -> str:
    if not is_sqlite(connection):
        return ""
    found = [str(row[0]) for row in connection.exec_driver_sql("PRAGMA quick_check")]
    return "" if found == ["ok"] else "；".join(found[:5])


def _foreign_keys(connection: Connection) -> str:
    if is_sqlite(connection):
        broken = {str(row[0]) for row in connection.exec_driver_sql("PRAGMA foreign_key_check")}
        return f"这些表中有记录指向不存在的记录：{'、'.join(sorted(broken))}" if broken else ""
    lost = number(
        connection,
        "SELECT count(*) FROM (SELECT DISTINCT section_id, indicator_id, file_id FROM reading) r WHERE NOT ("
        "EXISTS (SELECT 1 FROM section s WHERE s.id = r.section_id) AND "
        "EXISTS (SELECT 1 FROM indicator i WHERE i.id = r.indicator_id) AND "
        "EXISTS (SELECT 1 FROM import_file f WHERE f.id = r.file_id))",
    )
    if lost:
        return "这些表中有记录指向不存在的记录：reading"
    disabled = number(connection, "SELECT count(*) FROM pg_constraint WHERE contype IN ('f', 'c') AND NOT convalidated")
    return f"{disabled} 个约束未经校验" if disabled else ""


def expected_triggers(connection: Connection) -> set[str]:
    """Return the names of the triggers that keep history unchanged and the books balanced on this database."""
    last = "replace" if is_sqlite(connection) else "truncate"
    kept = {f"{table}_no_{event}" for table in APPEND_ONLY for event in ("update", "delete", last)}
    kept |= {f"{table}_sealed" for table in SEALED} | {"act_chained", *GUARDS[is_sqlite(connection)]}
    return kept if is_sqlite(connection) else kept | _by_year(connection)


def _by_year(connection: Connection) -> set[str]:
    """The triggers that stand in for the foreign keys of readings, and those that each year's part needs itself."""
    parents = {f"{table}_{guard}" for table in ("section", "indicator") for guard in ("keeps_number", "no_truncate")}
    own = {f"{part}_no_truncate" for part in parts(connection)}
    own |= {f"{part}_refers" for part in parts(connection) if _OF_READING.fullmatch(part)}
    return parents | own | {"reading_refers"}


def present_triggers(connection: Connection) -> set[str]:
    """Return the names of the triggers that are there and enabled."""
    sql = (
        "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        if is_sqlite(connection)
        else "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled IN ('O', 'A')"
    )
    return {str(row[0]) for row in connection.execute(text(sql))}


def _triggers(connection: Connection) -> str:
    missing = expected_triggers(connection) - present_triggers(connection)
    return f"缺少触发器：{'、'.join(sorted(missing))}" if missing else ""


def _none(connection: Connection, sql: str, told: Callable[[int], str]) -> str:
    count = number(connection, f"SELECT count(*) FROM ({sql}) found")
    return told(count) if count else ""


_OF_READING = re.compile(r"reading_\d+")
_KEYS = ", ".join(KEY)
_SAME = " AND ".join(f"o.{name} = r.{name}" for name in KEY)

_QUERIES: tuple[tuple[str, str, Callable[[int], str]], ...] = (
    (
        "versions_without_gaps",
        f"SELECT 1 AS one FROM reading GROUP BY {_KEYS} HAVING max(version) <> count(*) - 1",
        lambda n: f"{n} 个监测值的版本号不连续",
    ),
    (
        "conflicts_named",
        "SELECT 1 AS one FROM reading r WHERE r.flag = 1 AND NOT EXISTS "
        f"(SELECT 1 FROM reading_conflict o WHERE {_SAME} AND o.version = r.version)",
        lambda n: f"{n} 个冲突没有写明与何者冲突",
    ),
    (
        "conflicts_flagged",
        "SELECT 1 AS one FROM reading_conflict r WHERE NOT EXISTS "
        f"(SELECT 1 FROM reading o WHERE {_SAME} AND o.version = r.version AND o.flag = 1)",
        lambda n: f"{n} 条冲突记录找不到对应的监测值",
    ),
    (
        "readings_counted",
        "SELECT f.id FROM import_file f LEFT JOIN "
        "(SELECT file_id, count(*) AS n FROM reading GROUP BY file_id) c ON c.file_id = f.id "
        "WHERE f.readings_stored <> coalesce(c.n, 0)",
        lambda n: f"{n} 个文件登记的入库数与实际不符",
    ),
    (
        "days_add_up",
        DIFFERING,
        lambda n: f"{n} 个日合计与监测值不符",
    ),
    (
        "imports_in_order",
        "SELECT a.id FROM import_file a JOIN import_file b ON a.id < b.id AND a.imported_at >= b.imported_at",
        lambda n: f"{n} 对导入文件的先后与时间不符",
    ),
    (
        "obligations_positive",
        "SELECT 1 AS one FROM obligation WHERE amount_fen < 0 OR payer = payee",
        lambda n: f"{n} 条应付义务金额为负或付给自己",
    ),
    (
        "positions_balanced",
        "SELECT settlement_id FROM net_position GROUP BY settlement_id "
        "HAVING sum(final_fen) <> 0 OR sum(adjusted_fen) <> 0 OR sum(clearing_fen) <> 0",
        lambda n: f"{n} 份结算的各方净额合计不为零",
    ),
    (
        "positions_as_obligations",
        "SELECT 1 AS one FROM net_position p WHERE "
        "p.payable_fen <> (SELECT coalesce(sum(amount_fen), 0) FROM obligation o "
        "WHERE o.settlement_id = p.settlement_id AND o.payer = p.party) OR "
        "p.receivable_fen <> (SELECT coalesce(sum(amount_fen), 0) FROM obligation o "
        "WHERE o.settlement_id = p.settlement_id AND o.payee = p.party)",
        lambda n: f"{n} 个缔约方的应付、应收合计与应付义务不符",
    ),
    (
        "nothing_unsealed",
        "SELECT 1 AS one FROM posting p WHERE NOT EXISTS (SELECT 1 FROM entry e WHERE e.id = p.entry_id) UNION ALL "
        "SELECT 1 AS one FROM entry e WHERE NOT EXISTS (SELECT 1 FROM act a WHERE a.id = e.act_id) UNION ALL "
        "SELECT 1 AS one FROM payment_order o WHERE NOT EXISTS (SELECT 1 FROM act a WHERE a.id = o.act_id) UNION ALL "
        "SELECT 1 AS one FROM slip s WHERE NOT EXISTS (SELECT 1 FROM act a WHERE a.id = s.act_id)",
        lambda n: f"{n} 条分录、拨付单或凭证不属于任何办理事项",
    ),
    (
        "undetermined_has_no_amount",
        "SELECT s.id FROM settlement s JOIN obligation o ON o.settlement_id = s.id "
        "WHERE s.undetermined AND s.mode = 'final'",
        lambda n: f"{n} 条应付义务属于未定的正式结算",
    ),
)
