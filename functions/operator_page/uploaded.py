"""A form with a file in it.

Source: RFC 7578 (multipart/form-data), RFC 2046, section 5.1.1 (boundaries).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from email.message import Message

_BOUNDARY = re.compile(r'boundary="?([^";]{1,70})"?')


@dataclass
class Multipart:
    """The fields of a form and its files, by name."""

    fields: dict[str, list[str]] = field(default_factory=dict)
    #: The file's own name, and its bytes.
    files: dict[str, tuple[str, bytes]] = field(default_factory=dict)


def read_multipart(body: bytes, content_type: str) -> Multipart:
    """Return what a form holds; a part that can't be read is left out."""
    form = Multipart()
    found = _BOUNDARY.search(content_type)
    if found is None:
        return form
    for part in (b"\r\n" + body).split(b"\r\n--" + found[1].encode())[1:-1]:
        head, _, content = part.partition(b"\r\n\r\n")
        disposition = _disposition(head.decode(errors="replace"))
        name = disposition.get_param("name", header="content-disposition")
        if not isinstance(name, str):
            continue
        filename = disposition.get_filename()
        if filename is None:
            form.fields.setdefault(name, []).append(content.decode(errors="replace"))
        else:
            form.files[name] = (filename, content)
    return form


def _disposition(head: str) -> Message:
    message = Message()
    for line in head.splitlines():
        name, _, value = line.partition(":")
        if name.strip().lower() == "content-disposition":
            message["content-disposition"] = value.strip()
    return message
