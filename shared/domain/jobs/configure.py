"""Change how a workspace reaches its carrier: what that holds back or lets go has its turn at once."""

from psycopg import Connection

from shared.domain.carriers.accounts import CarrierConfig, UpsertCarrierConfigParams, write_carrier_config
from shared.domain.context import DomainContext
from shared.domain.function import domain_function
from shared.domain.jobs.lock import lock_line
from shared.domain.jobs.turn import call_next


@domain_function
def upsert_carrier_config(conn: Connection, ctx: DomainContext, params: UpsertCarrierConfigParams) -> CarrierConfig:
    """Set what is given and keep the rest; disabled, it holds every wave back, enabled again it lets the next one go.

    Refused: no such carrier (`NOT_FOUND`), bad values (`INVALID`).
    """
    lock_line(conn, ctx.workspace_id)
    config = write_carrier_config(conn, ctx, params)
    call_next(conn, ctx.workspace_id)
    return config
