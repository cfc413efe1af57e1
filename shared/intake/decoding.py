"""The text that a file's bytes are, where there is no doubt about it."""

import codecs
import re
from collections.abc import Iterable

from shared.intake.notes import FileCode, FileRefusedError, Note

#: Ten thousand orders have about 2 MB.
MAX_BYTES = 20_000_000
UTF_8 = "utf-8"
_BOMS = ((codecs.BOM_UTF8, UTF_8), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
WINDOWS = "cp1252"
#: What else a program in Spanish may have written: an older Mac, and DOS.
_RIVALS = ("mac_roman", "cp850")
#: What is beyond ASCII in Spanish texts of orders.
_SPANISH = "áéíóúüñÁÉÍÓÚÜÑ¿¡°ºª\u00a0–—‘’“”…•€"  # noqa: RUF001 - the very signs that spreadsheets put in
_ONLY_SPANISH = re.compile(rf"[\0-\x7f{_SPANISH}]*")
_NOT_ASCII = re.compile(rb"[\x80-\xff]")
_OLD_WORKBOOK = b"\xd0\xcf\x11\xe0"
#: The part of a workbook with a password that has all of it. Source: [MS-OFFCRYPTO] 2.3.4.4.
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_BINARY = {
    _OLD_WORKBOOK: "an old workbook (XLS)",
    b"%PDF": "a PDF",
}
_SAVE_AS = "save it as CSV UTF-8"


def refuse_large(data: bytes) -> None:
    """Refuse a file of more than 20 MB.

    Raises:
        FileRefusedError: it is too large.
    """
    if len(data) > MAX_BYTES:
        why = f"the file has {len(data)} bytes, and may have {MAX_BYTES}; split it"
        raise FileRefusedError(Note(FileCode.TOO_LARGE, why))


def decode(data: bytes) -> tuple[str, str]:
    """Return a file's text without its byte order mark, and the encoding that it was in.

    UTF-8 and UTF-16 with its mark are certain. So is Windows-1252, where all that the file has beyond ASCII are letters
    and signs of Spanish in it, and would not be on an older Mac or in DOS.

    Raises:
        FileRefusedError: it is empty, no text, has a password, or is in an encoding that is not certain.
    """
    if data.startswith(_OLD_WORKBOOK) and _ENCRYPTED in data:
        why = "the workbook has a password; save it without one, or as CSV UTF-8"
        raise FileRefusedError(Note(FileCode.PASSWORD, why))
    for beginning, kind in _BINARY.items():
        if data.startswith(beginning):
            why = f"the file is {kind}, not CSV or XLSX; open it and {_SAVE_AS}"
            raise FileRefusedError(Note(FileCode.NOT_TEXT, why))
    text, encoding = _decoded(data)
    if not text.strip():
        raise FileRefusedError(Note(FileCode.EMPTY_FILE, "the file is empty; its first line names the columns"))
    if "\0" in text:
        raise FileRefusedError(Note(FileCode.NOT_TEXT, f"the file is no text (it holds NUL); {_SAVE_AS}"))
    return text, encoding


def _decoded(data: bytes) -> tuple[str, str]:
    mark, encoding = next(((mark, name) for mark, name in _BOMS if data.startswith(mark)), (b"", UTF_8))
    try:
        text = data[len(mark) :].decode(encoding)
    except UnicodeDecodeError as error:
        if mark:
            raise _uncertain(data[: len(mark) + error.start], f"is no valid {encoding.upper()}") from error
        return _in_windows_encoding(data, error.start)
    # `ÍÁ` in DOS are the bytes of a Hebrew vowel in UTF-8.
    if not mark and not _ONLY_SPANISH.fullmatch(text) and _is_spanish_in_any(data, (WINDOWS, *_RIVALS)):
        raise _uncertain(_NOT_ASCII.split(data, maxsplit=1)[0], "may be in UTF-8 or in an older encoding")
    return text, encoding


def _in_windows_encoding(data: bytes, start: int) -> tuple[str, str]:
    # A French name in it would be Spanish on a Mac, so that only the commonest of them is ever read.
    text = _spanish(data, WINDOWS)
    if text is None or _is_spanish_in_any(data, _RIVALS):
        raise _uncertain(data[:start], "is not in UTF-8, and its encoding is not certain")
    return text, WINDOWS


def _is_spanish_in_any(data: bytes, encodings: Iterable[str]) -> bool:
    return any(_spanish(data, encoding) is not None for encoding in encodings)


def _spanish(data: bytes, encoding: str) -> str | None:
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        return None
    return text if _ONLY_SPANISH.fullmatch(text) else None


def _uncertain(before: bytes, what: str) -> FileRefusedError:
    line = len((before + b".").splitlines())
    return FileRefusedError(Note(FileCode.UNKNOWN_ENCODING, f"the file {what}; {_SAVE_AS}", line))
