"""The recomputation package (复算包): one file with which another side computes a settlement again, without a database.

An archive of stored members with fixed times, so the same settlement gives the same bytes:

- `package.json`: schema, number, period, mode, stage, engine version, and the SHA-256 of all that follows,
- `agreement.yaml`: the agreement, to the letter,
- `evidence.json`: every daily sum and other record before any data rule, and the files they came from,
- `amounts.json`: the text of which the digest is taken: leaves, lines, positions.

docs/package-format.md describes each field.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from compensation import __version__
from compensation.agreement.loader import parse
from compensation.application.gathering import collect
from compensation.application.settling import mark_of, recomputed, request_of, sources_of, stages_of, status_at
from compensation.application.tracing import trace
from compensation.archive import packed, read_whole, unpacked, write_whole
from compensation.errors import Fault, InputError
from compensation.ledger.lifecycle import Stage
from compensation.settlement.records import Records, as_plain, from_plain, gather_records, rows, table
from compensation.settlement.settle import (
    Mode,
    Settlement,
    SourceFile,
    canonical,
    figures_as_of,
    leaves,
    period_of,
    settle,
)
from compensation.sheets import workbook_bytes
from compensation.sheets.origins import Origin, Trace
from compensation.store import Store, StoredSettlement

FORMAT, SCHEMA = "taipu-compensation-package", 1
WHAT = "复算包"
_MANIFEST, _AGREEMENT, _EVIDENCE, _AMOUNTS, _ABOUT = (
    "package.json",
    "agreement.yaml",
    "evidence.json",
    "amounts.json",
    "说明.txt",
)
_MOST_BYTES = 1024**3
_TEXTS = (
    "format",
    "settlement",
    "mode",
    "stage",
    "period_from",
    "period_to",
    "engine_version",
    "agreement_sha256",
    "evidence_sha256",
    "digest",
    "workbook_sha256",
)
_SAID = """本文件夹是一次结算的复算包：任何一方都可以在没有数据库的电脑上重算，得到同样的摘要和逐字节相同的工作簿。

    compensation package replay 本文件.zip --out 重算的工作簿.xlsx

package.json    结算编号、期间、程序版本，以及以下各项的 SHA-256
agreement.yaml  协议全文
evidence.json   全部证据：逐日汇总的监测值、水量、事件、免责、多元化补偿、以前年度结算、导入文件清单
amounts.json    摘要所依据的全文：每个叶值、每条明细、各方净额
"""


class Step(NamedTuple):
    """One thing that was compared; `detail` says what differs, empty when it agrees."""

    name: str
    detail: str

    @property
    def agrees(self) -> bool:
        """Whether the two sides agree here."""
        return not self.detail


class Replayed(NamedTuple):
    """The steps up to the first that differs; `workbook` is there when it was computed again."""

    number: str
    package_version: str
    steps: tuple[Step, ...]
    workbook: bytes | None

    @property
    def agrees(self) -> bool:
        """Whether everything came out again."""
        return self.workbook is not None and all(step.agrees for step in self.steps)


def export_package(store: Store, stored: StoredSettlement, path: Path) -> str:
    """Write the package of a stored settlement; its SHA-256. IntegrityError when the settlement does not come out."""
    return write_whole(path, package_bytes(store, stored), WHAT)


def package_bytes(store: Store, stored: StoredSettlement) -> bytes:
    """The package as it would be written."""
    settlement = recomputed(store, stored)
    request = request_of(stored)
    as_of = figures_as_of(request.agreement, request.first)
    records = collect(store, request, settlement.case.period, as_of)
    found = trace(store, settlement, stored, with_readings=False)
    evidence = {
        **as_plain(records),
        "sources": table(SourceFile, sources_of(store, request.known_at)),
        "origins": table(Origin, found.origins),
    }
    agreement, evidence_bytes = settlement.agreement.text.encode(), _json(evidence)
    stage = stages_of(store, stored)[-1]
    workbook = workbook_bytes(settlement, mark=mark_of(settlement), status=status_at(stage), trace=found)
    manifest = {
        "format": FORMAT,
        "schema": SCHEMA,
        "settlement": settlement.number,
        "mode": settlement.mode.value,
        "stage": stage.value,
        "period_from": settlement.case.period.first.isoformat(),
        "period_to": settlement.case.period.last.isoformat(),
        "engine_version": settlement.engine_version,
        "agreement_sha256": _sha256(agreement),
        "evidence_sha256": _sha256(evidence_bytes),
        "digest": settlement.digest,
        "workbook_sha256": _sha256(workbook),
    }
    members = {
        _MANIFEST: json.dumps(manifest, ensure_ascii=False, indent=2).encode() + b"\n",
        _AGREEMENT: agreement,
        _EVIDENCE: evidence_bytes,
        _AMOUNTS: _canonical(settlement, settlement.engine_version).encode(),
        _ABOUT: _SAID.encode(),
    }
    return packed(members)


class _Package(NamedTuple):
    manifest: dict[str, Any]
    agreement: bytes
    evidence: bytes
    amounts: dict[str, Any]


def replay_package(path: Path) -> Replayed:
    """Compute a package again, step by step up to the first that differs; no database is opened.

    InputError when the file is no package, is damaged, or is of a schema that this software does not know;
    AgreementError when its agreement cannot be read.
    """
    package = _opened(read_whole(path), path.name)
    manifest = package.manifest
    steps: list[Step] = [Step("复算包完整", "")]
    workbook = None

    def told() -> Replayed:
        return Replayed(manifest["settlement"], manifest["engine_version"], tuple(steps), workbook)

    for name, content, wanted in (
        ("协议全文", package.agreement, manifest["agreement_sha256"]),
        ("证据", package.evidence, manifest["evidence_sha256"]),
    ):
        steps.append(Step(name, _other("SHA-256", wanted, _sha256(content))))
        if not steps[-1].agrees:
            return told()
    settlement, origins = _settled(package, path.name)
    content = json.loads(_canonical(settlement, manifest["engine_version"]))
    for name, compare in _COMPARISONS.items():
        steps.append(Step(name, next(compare(package.amounts, content, settlement), "")))
        if not steps[-1].agrees:
            return told()
    digest = _sha256(_canonical(settlement, manifest["engine_version"]).encode())
    number = manifest["settlement"] if digest == manifest["digest"] else ""
    steps.append(Step("摘要", _other("摘要", manifest["digest"], digest)))
    if not steps[-1].agrees:
        return told()
    status = status_at(Stage(manifest["stage"]))
    workbook = workbook_bytes(settlement, mark=mark_of(settlement), status=status, trace=Trace(origins))
    steps.append(Step("工作簿", _workbook_detail(manifest, settlement, number, _sha256(workbook))))
    return told()


def _workbook_detail(manifest: Mapping[str, Any], settlement: Settlement, number: str, sha256: str) -> str:
    if manifest["engine_version"] != __version__:
        return f"程序版本不同（包 {manifest['engine_version']}，本机 {__version__}），工作簿印有版本，不能逐字节相同"
    if settlement.number != number:
        return _other("结算编号", number, settlement.number)
    return _other("SHA-256", manifest["workbook_sha256"], sha256)


def _opened(data: bytes, name: str) -> _Package:
    """The package; InputError with every member that is missing or cannot be read."""
    members = unpacked(data, name, WHAT, _MOST_BYTES)
    missing = [each for each in (_MANIFEST, _AGREEMENT, _EVIDENCE, _AMOUNTS) if each not in members]
    if missing:
        raise _damaged(name, f"缺少 {'、'.join(missing)}")
    try:
        manifest, amounts = json.loads(members[_MANIFEST]), json.loads(members[_AMOUNTS])
    except ValueError as error:
        raise _damaged(name, "package.json 或 amounts.json 不是 JSON") from error
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise _damaged(name, "package.json 没有写明是复算包")
    if manifest.get("schema") != SCHEMA:
        why = f"包的格式版本为 {manifest.get('schema')}，本程序只认 {SCHEMA}"
        raise InputError(Fault(f"《{name}》", "复算包的格式版本不认识", why, "用写出它的版本或更新的版本重算"))
    lacking = [field for field in _TEXTS if not isinstance(manifest.get(field), str)]
    if not lacking and manifest["stage"] not in {*Stage}:
        raise _damaged(name, f"结算状态“{manifest['stage']}”不认识")
    if lacking or not isinstance(amounts, dict):
        raise _damaged(name, f"package.json 缺少 {'、'.join(lacking)}" if lacking else "amounts.json 不是对象")
    return _Package(manifest, members[_AGREEMENT], members[_EVIDENCE], amounts)


def _damaged(name: str, why: str) -> InputError:
    return InputError(Fault(f"《{name}》", f"{WHAT}已损坏", why, "向提供方重新取得文件"))


def _settled(package: _Package, name: str) -> tuple[Settlement, tuple[Origin, ...]]:
    """The settlement of what the package holds, by this machine's software, and the rows its leaves came from."""
    records, sources, origins = _evidence(package.evidence, name)
    try:
        mode = Mode(package.manifest["mode"])
        first, last = (date.fromisoformat(package.manifest[each]) for each in ("period_from", "period_to"))
        text = package.agreement.decode()
    except ValueError as error:
        raise _damaged(name, f"期间、性质或协议的写法不对：{error}") from error
    agreement = parse(_AGREEMENT, text)
    period = period_of(agreement, first, last, backtest=mode in (Mode.BACKTEST, Mode.PROVISIONAL_BACKTEST))
    gathered = gather_records(agreement, figures_as_of(agreement, first), records)
    return settle(agreement, period, gathered, mode, sources), origins


def _evidence(content: bytes, name: str) -> tuple[Records, tuple[SourceFile, ...], tuple[Origin, ...]]:
    try:
        plain = json.loads(content)
        sources = rows(SourceFile, plain.pop("sources"), "sources")
        origins = rows(Origin, plain.pop("origins"), "origins")
        if any(not 1 <= each.file <= len(sources) for each in origins):
            raise ValueError("origins: file")
        return from_plain(plain), sources, origins
    except (ValueError, KeyError, AttributeError, TypeError) as error:
        raise _damaged(name, f"evidence.json 读不懂：{error}") from error


def _canonical(settlement: Settlement, version: str) -> str:
    return canonical(settlement.case, settlement.outcome, settlement.mode, version)


def _json(content: Any) -> bytes:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _other(what: str, wanted: object, found: object) -> str:
    return "" if wanted == found else f"{what} 包内为 {wanted}，本机得 {found}"


Compare = Callable[[Mapping[str, Any], Mapping[str, Any], Settlement], Iterator[str]]


def _leaves(theirs: Mapping[str, Any], ours: Mapping[str, Any], settlement: Settlement) -> Iterator[str]:
    labels = {"/".join(key): node.label for key, node in leaves(settlement.outcome).items()}
    there, here = theirs.get("leaves"), ours["leaves"]
    if not isinstance(there, dict):
        yield "包内没有叶值"
        return
    for key in sorted(there.keys() | here.keys()):
        yield from filter(None, [_other(f"{labels.get(key, '')}（{key}）", there.get(key, "无"), here.get(key, "无"))])


def _listed(part: str) -> Compare:
    def compare(theirs: Mapping[str, Any], ours: Mapping[str, Any], _: Settlement) -> Iterator[str]:
        there, here = theirs.get(part), ours[part]
        if not isinstance(there, list):
            yield f"包内没有 {part}"
            return
        for number in range(max(len(there), len(here))):
            one, other = (json.dumps(each[number], ensure_ascii=False) if number < len(each) else "无"
                          for each in (there, here))  # fmt: skip
            yield from filter(None, [_other(f"第 {number + 1} 条", one, other)])

    return compare


def _positions(theirs: Mapping[str, Any], ours: Mapping[str, Any], settlement: Settlement) -> Iterator[str]:
    there, here = theirs.get("positions"), ours["positions"]
    if not isinstance(there, dict):
        yield "包内没有净额"
        return
    names = {party.code: party.short for party in settlement.agreement.parties}
    for code in sorted(there.keys() | here.keys()):
        yield from filter(None, [_other(f"{names.get(code, code)}净额", there.get(code, "无"), here.get(code, "无"))])


_COMPARISONS: dict[str, Compare] = {
    "叶值": _leaves,
    "条款明细": _listed("lines"),
    "各方净额": _positions,
    "清算支付": _listed("clearing"),
    "剔除": _listed("excluded"),
}
