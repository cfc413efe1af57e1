"""Files of orders that somebody looks at before they are imported: kept for a day, as they came."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from psycopg import Connection
from psycopg.rows import class_row

from shared.domain import refusal_page as page
from shared.domain.context import DomainContext
from shared.domain.function import domain_function, domain_query
from shared.domain.ids import uuid7
from shared.domain.validation import require_text, require_uuid

#: Bytes of a file; the column's check is the same.
MAX_UPLOAD_BYTES = 4 * 1024 * 1024
MAX_NAME = 300


@dataclass(frozen=True)
class KeepUploadParams:
    """A file as it came, what its sender calls it, and which columns its headings are, as far as that is known."""

    name: str
    content: bytes = field(repr=False)
    mapping: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class ChooseUploadParams:
    """What a person says of a file: which column a heading is, and which orders are imported though they look alike."""

    upload_id: UUID
    mapping: Mapping[str, str]
    confirmed: Sequence[UUID] = ()


@dataclass(frozen=True)
class SaidOfColumns:
    """Which columns a person last said that headings are."""

    mapping: dict[str, str]


@dataclass(frozen=True)
class UploadRef:
    """The file that was kept."""

    upload_id: UUID


@dataclass(frozen=True)
class Upload:
    """A file that is kept, and what a person said of it."""

    id: UUID
    name: str
    content: bytes = field(repr=False)
    mapping: dict[str, str]
    confirmed: list[UUID]


@domain_function
def keep_upload(conn: Connection, ctx: DomainContext, params: KeepUploadParams) -> UploadRef:
    """Keep a file for a day, and delete the workspace's older ones. Refused: more than 4 MB (`INVALID`)."""
    name = require_text(params.name, "name", at_least=1, at_most=MAX_NAME)
    if len(params.content) > MAX_UPLOAD_BYTES:
        raise page.upload_too_large(len(params.content), MAX_UPLOAD_BYTES)
    upload_id = uuid7()
    row = {"id": upload_id, "workspace_id": ctx.workspace_id, "name": name, "content": params.content}
    row["mapping"] = json.dumps(dict(params.mapping))
    conn.execute(_DELETE_OLD, row)
    conn.execute(_INSERT, row)
    return UploadRef(upload_id)


@domain_query
def get_upload(conn: Connection, ctx: DomainContext, upload_id: UUID) -> Upload:
    """Return a file that is kept. Refused: there is none, or not any more (`NOT_FOUND`)."""
    row = {"id": require_uuid(upload_id, "upload_id"), "workspace_id": ctx.workspace_id}
    found = conn.cursor(row_factory=class_row(Upload)).execute(_SELECT, row, binary=True).fetchone()
    if found is None:
        raise page.upload_not_found()
    return found


@domain_query
def get_last_mapping(conn: Connection, ctx: DomainContext) -> SaidOfColumns:
    """Return what a person said of the columns of the workspace's newest file of which anything was said."""
    found = conn.execute(_SELECT_LAST_MAPPING, {"workspace_id": ctx.workspace_id}).fetchone()
    return SaidOfColumns(found[0] if found else {})


@domain_function
def choose_upload(conn: Connection, ctx: DomainContext, params: ChooseUploadParams) -> UploadRef:
    """Record what a person says of a file. Refused: there is none, or not any more (`NOT_FOUND`)."""
    row = {
        "id": require_uuid(params.upload_id, "upload_id"),
        "workspace_id": ctx.workspace_id,
        "mapping": json.dumps(dict(params.mapping)),
        "confirmed": [require_uuid(each, "confirmed") for each in params.confirmed],
    }
    if conn.execute(_CHOOSE, row).fetchone() is None:
        raise page.upload_not_found()
    return UploadRef(params.upload_id)


# What the workspace's people looked at before yesterday.
_DELETE_OLD = """
DELETE FROM uploads
 WHERE (workspace_id = %(workspace_id)s) IS TRUE AND created_at < now() - interval '1 day'
"""

_INSERT = """
INSERT INTO uploads (id, workspace_id, name, content, mapping)
VALUES (%(id)s, %(workspace_id)s, %(name)s, %(content)b, %(mapping)s::jsonb)
"""

# One file, for a day.
_SELECT = """
SELECT id, name, content, mapping, confirmed
  FROM uploads
 WHERE id = %(id)s AND (workspace_id = %(workspace_id)s) IS TRUE AND created_at >= now() - interval '1 day'
"""

# The last files of the workspace are those of a day.
_SELECT_LAST_MAPPING = """
SELECT mapping
  FROM uploads
 WHERE (workspace_id = %(workspace_id)s) IS TRUE AND created_at >= now() - interval '1 day' AND mapping <> '{}'
 ORDER BY created_at DESC
 LIMIT 1
"""

_CHOOSE = """
UPDATE uploads
   SET mapping = %(mapping)s::jsonb, confirmed = %(confirmed)b::uuid[]
 WHERE id = %(id)s AND (workspace_id = %(workspace_id)s) IS TRUE AND created_at >= now() - interval '1 day'
RETURNING id
"""
