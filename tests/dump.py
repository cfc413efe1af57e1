"""Everything that a database holds, read by the catalogue, so that no table is forgotten."""

from uuid import UUID

from psycopg import Connection, sql


def tables_of_workspaces(owner: Connection) -> list[str]:
    """Return the tables that have a workspace, as the catalogue knows them."""
    rows = owner.execute(
        "SELECT attrelid::regclass::text FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid "
        "WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND attname = 'workspace_id' ORDER BY 1"
    )
    return [name for (name,) in rows]


def dump(owner: Connection, *workspace_ids: UUID) -> dict[str, list[str]]:
    """Return every row of these workspaces as JSON, table by table."""
    query = "SELECT to_json({table})::text FROM {table} WHERE workspace_id = ANY(%s) ORDER BY 1"
    return {
        table: [
            row for (row,) in owner.execute(sql.SQL(query).format(table=sql.Identifier(table)), [list(workspace_ids)])
        ]
        for table in tables_of_workspaces(owner)
    }
