"""A workbook as PDF, by the LibreOffice that is on the machine; without it, a clear word."""

import shutil
import subprocess
import tempfile
from pathlib import Path

from compensation.errors import Fault, InputError
from compensation.sheets.package import write_atomically

_TIMEOUT_S = 300
_PLACES = (
    "/Applications/LibreOffice.app/Contents/MacOS/soffice",
    "C:/Program Files/LibreOffice/program/soffice.exe",
)


def office() -> str:
    """The program that makes PDF files; InputError when it is not on this machine."""
    found = shutil.which("soffice") or shutil.which("libreoffice")
    known = [found] if found else [place for place in _PLACES if Path(place).is_file()]
    if not known:
        raise InputError(
            Fault(
                "--pdf",
                "不能导出 PDF，什么也没有写出",
                "这台计算机上没有 LibreOffice（soffice）",
                "安装 LibreOffice 后再试；或不加 --pdf，用 WPS、Excel 打开工作簿后另存为 PDF",
            )
        )
    return known[0]


def write_pdf(workbook: Path, target: Path) -> str:
    """Write `target` from the workbook, whole or not at all; its SHA-256, which differs from run to run.

    InputError when LibreOffice is not there or does not finish, or the place cannot be written to.
    """
    program = office()
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "workbook.xlsx"
        copy.write_bytes(workbook.read_bytes())
        # a profile of its own: an office that is open on the desktop would swallow the command
        command = [program, f"-env:UserInstallation={Path(folder, 'profile').as_uri()}", "--headless", "--norestore"]
        command += ["--convert-to", "pdf:calc_pdf_Export", "--outdir", folder, str(copy)]
        try:
            subprocess.run(command, check=True, capture_output=True, timeout=_TIMEOUT_S)
            content = copy.with_suffix(".pdf").read_bytes()
        except (OSError, subprocess.SubprocessError) as error:
            raise InputError(
                Fault(
                    f"《{workbook}》",
                    "工作簿已写出，PDF 没有写成",
                    f"LibreOffice 没有完成转换（{type(error).__name__}）",
                    "在 LibreOffice、WPS 或 Excel 中打开工作簿后另存为 PDF",
                )
            ) from error
    return write_atomically(target, content)
