"""Change how a workspace reaches its carrier: what that holds back or lets go has its turn at once."""

from psycopg import Connection

from shared.domain.activity_log import log_activity
from shared.domain.carriers.accounts import CarrierConfig, UpsertCarrierConfigParams, write_carrier_config
from shared.domain.context import DomainContext
from shared.domain.function import domain_function
from shared.domain.jobs.lock import lock_line
from shared.domain.jobs.turn import call_next

_KEPT = {"carrier", "guides_refused_at", "created_at", "updated_at"}


@domain_function
def upsert_carrier_config(conn: Connection, ctx: DomainContext, params: UpsertCarrierConfigParams) -> CarrierConfig:
    """Set what is given and keep the rest; disabled, it holds every wave back, enabled again it lets the next one go.

    Refused: no such carrier (`NOT_FOUND`), bad values (`INVALID`).
    """
    lock_line(conn, ctx.workspace_id)
    before, config = write_carrier_config(conn, ctx, params)
    was = {} if before is None else vars(before)
    # A password is sealed anew each time it is given: whether it is another one nobody can tell.
    if fields := sorted(name for name, value in vars(config).items() if was.get(name) != value and name not in _KEPT):
        log_activity(conn, ctx, "carrier_configured", carrier=config.carrier, fields=fields)
    call_next(conn, ctx.workspace_id)
    return config
