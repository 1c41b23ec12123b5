"""What a database's refusals mean, in words for officials."""

from typing import NamedTuple

from compensation.errors import Fault, StoreError


class Failure(NamedTuple):
    """A kind of failure: parts of the driver's message or beginnings of an SQLSTATE, and what to tell people."""

    words: tuple[str, ...]
    states: tuple[str, ...]
    what: str
    why: str
    fix: str


FAILURES = (
    Failure(
        ("database is locked", "table is locked"),
        ("55P03", "40001", "40P01"),
        "数据库正被占用",
        "另一个导入或结算正在写入",
        "等它结束后重试；本次未改动任何数据",
    ),
    Failure(
        ("disk is full", "No space left", "could not write init file"),
        ("53100",),
        "磁盘已满",
        "数据库所在磁盘没有剩余空间",
        "清理磁盘后重试；本次未改动任何数据",
    ),
    Failure(
        ("readonly database",),
        ("42501", "25006"),
        "数据库只读",
        "当前用户没有写入权限",
        "检查数据库文件及其文件夹的权限，或向数据库管理员申请权限",
    ),
    Failure(
        ("file is not a database", "disk image is malformed"),
        (),
        "数据库文件不可用",
        "文件不是本软件的数据库，或已损坏",
        "换用正确的文件，或从备份恢复",
    ),
    Failure(
        ("unable to open database file",),
        (),
        "无法打开数据库文件",
        "文件夹不存在或没有权限",
        "检查路径与权限",
    ),
    Failure(
        ("no such table",),
        ("42P01",),
        "数据库尚未初始化",
        "其中没有本软件的表",
        "运行 compensation init",
    ),
    Failure(
        ("connection failed", "connection is bad", "server closed", "could not connect"),
        ("08", "57P0"),
        "无法连接数据库服务器",
        "服务器未启动、地址不对或网络中断",
        "检查环境变量 COMPENSATION_DATABASE_URL 与服务器状态后重试",
    ),
    Failure(
        ("unbalanced:", "overdrawn:", "unchained:"),
        (),
        "账目不平，或不与前一笔相接",
        "分录、各方净额合计须为零，共同资金不得为负，办理事项须逐笔相接",
        "账目只由本软件登记，不得直接写库",
    ),
    Failure(
        ("append-only:",),
        ("23000",),
        "历史记录不可修改",
        "该表只增不改",
        "更正请另行导入或裁定，不得直接改库",
    ),
)


def is_drivers(error: BaseException) -> bool:
    """Whether a failure comes from one of the two drivers; asked by name, as neither need be loaded."""
    return any(kind.__module__.partition(".")[0] in {"sqlite3", "psycopg"} for kind in type(error).__mro__)


def told(error: BaseException, database: str) -> StoreError:
    """Return a driver's failure as one of ours, in Chinese, with the driver's own words beside it."""
    words = (str(error).strip() or type(error).__name__).splitlines()[0]
    state = getattr(error, "sqlstate", None) or ""
    for failure in FAILURES:
        if any(part in words for part in failure.words) or (state and state.startswith(failure.states)):
            return StoreError(Fault(f"数据库 {database}", failure.what, f"{failure.why}（{words}）", failure.fix))
    fix = "本次操作未改动任何数据；请把此信息交给维护人员"
    return StoreError(Fault(f"数据库 {database}", "数据库拒绝了这次操作", words, fix))
