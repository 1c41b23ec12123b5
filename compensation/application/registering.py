"""The registry of sections: listed, extended, and two names found to be one place."""

from collections.abc import Sequence

from compensation.errors import Fault, InputError
from compensation.monitoring.lookups import province_code
from compensation.store import IngestReport, Listed, NewSection, RegisteredSection, Store


def list_sections(store: Store, word: str | None) -> list[Listed]:
    """All sections, or those whose code or one of whose names holds `word`."""
    return [
        each
        for each in store.listed_sections()
        if word is None
        or any(word in text for text in (each.section.code, each.section.name, *(name for name, _ in each.names)))
    ]


def add_section(
    store: Store,
    code: str,
    name: str,
    province: str,
    body: str,
    basin: str | None,
    other_names: Sequence[str],
    accepted_provinces: Sequence[str],
    parties: Sequence[str] = (),
    position: str | None = None,
) -> None:
    """Register a section; provinces and parties, upstream first, by name or code; `position` in words.

    InputError for a province nobody knows, or names in use.
    """
    codes = {text: province_code(text) for text in (province, *accepted_provinces, *parties)}
    unknown = [text for text, found in codes.items() if found is None]
    if unknown:
        raise InputError(
            [Fault(f"省份“{text}”", "不认识", "不是省级行政区", "填写全称，如 江苏省") for text in unknown]
        )
    if not code.strip() or not name.strip() or ":" in code:
        raise InputError(Fault("断面登记", "代码或名称不能用", "不能为空，代码中不能有冒号", "核对代码和名称"))
    section = RegisteredSection(
        *(code.strip(), name.strip(), codes[province], basin, body),
        registered=True,
        parties=";".join(dict.fromkeys(found for text in parties if (found := codes[text]))) or None,
        position=(position or "").strip() or None,
    )
    store.add_section(
        NewSection(section, other_names, [found for text in accepted_provinces if (found := codes[text])])
    )


def merge_sections(store: Store, old: str, new: str, by: str, reason: str) -> IngestReport:
    """Let `old` be `new` from now on; InputError without a name or a reason."""
    if not by.strip() or not reason.strip():
        raise InputError(Fault("断面合并", "何人或理由是空的", "要能追究到人和理由", "填写 --by 和 --why"))
    return store.merge_sections(old, new, by.strip(), reason.strip())
