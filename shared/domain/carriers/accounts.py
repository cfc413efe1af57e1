"""How a workspace reaches its carrier's portal. The portal's password is only ever seen as ciphertext here."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from psycopg import Connection, Cursor
from psycopg.rows import class_row

from shared.carriers.registry import DEFAULT_CARRIER
from shared.db.hand_overs import hand_overs_are_off
from shared.domain import refusal_page as page
from shared.domain.carriers.registry import MAX_CARRIER, require_ability, require_carrier
from shared.domain.context import DomainContext
from shared.domain.function import domain_query
from shared.domain.numbers import require_number, require_pesos
from shared.domain.texts import optional_sent
from shared.domain.validation import optional_text, optional_whole, require_text
from shared.logistics import MAX_UNITS, FieldKind, ShipmentDefaults
from shared.words import JobKind

MAX_USERNAME = 200
MAX_REFERENCE = 200
MAX_EMAIL = 1_000
MAX_URL = 2_000
#: KMS seals at most 4,096 bytes, which grow by its envelope and base64.
MAX_SEALED = 10_000
MAX_RETENTION_DAYS = 3_650
#: Items that a robot is given at once.
MAX_WAVE_SIZE = 500
MAX_STOP_AFTER_ERRORS = 100
#: A week.
MAX_GUIDE_LOOKUP_HOURS = 168
#: Where a workspace has no configuration; the schema's defaults are the same.
USUAL_SHIPMENT = ShipmentDefaults(
    declared_value=Decimal(10_000),
    weight_kg=Decimal(1),
    height_cm=Decimal(10),
    length_cm=Decimal(10),
    width_cm=Decimal(10),
    reference=None,
    units=1,
    email=None,
)


@dataclass(frozen=True)
class CarrierConfig:
    """A workspace's way to its carrier; the password is ciphertext, and out of the repr all the same."""

    carrier: str
    portal_username: str | None
    portal_password_sealed: str | None = field(repr=False)
    robot_url: str | None
    is_enabled: bool
    declared_value: Decimal
    weight_kg: Decimal
    height_cm: Decimal
    length_cm: Decimal
    width_cm: Decimal
    reference: str | None
    units: int
    email: str | None
    personal_data_retention_days: int
    #: Items that a robot is given at once, where a job does not say its own.
    wave_size: int
    #: So many errors in a row with the same words pause a job; 0: none do.
    stop_after_errors: int
    #: Guides are looked up every so many hours; 0: never by itself.
    guide_lookup_hours: int
    #: Since when none is, because the robot refused it for good; any change of the configuration lets it go on.
    guides_refused_at: datetime | None
    created_at: datetime
    updated_at: datetime

    @property
    def has_password(self) -> bool:
        """Whether a password was set."""
        return self.portal_password_sealed is not None

    @property
    def portal(self) -> "CarrierCredentials | None":
        """What a hand-over needs; None where it is incomplete. Disabled, it holds them back and is complete still."""
        if not (self.portal_username and self.portal_password_sealed and self.robot_url):
            return None
        return CarrierCredentials(self.portal_username, self.portal_password_sealed, self.robot_url)

    @property
    def shipment_defaults(self) -> ShipmentDefaults:
        """What each shipment has in common."""
        return ShipmentDefaults(
            self.declared_value,
            self.weight_kg,
            self.height_cm,
            self.length_cm,
            self.width_cm,
            self.reference,
            self.units,
            self.email,
        )


@dataclass(frozen=True)
class ShipmentDefaultsParams:
    """Pesos, kilograms, centimetres and pieces (1 to 999) to set; None keeps what is there, an empty text ends it."""

    declared_value: Decimal | None = None
    weight_kg: Decimal | None = None
    height_cm: Decimal | None = None
    length_cm: Decimal | None = None
    width_cm: Decimal | None = None
    reference: str | None = None
    units: int | None = None
    #: Where neither the order nor its contact has one.
    email: str | None = None


@dataclass(frozen=True)
class UpsertCarrierConfigParams:
    """What to set; None keeps what is there. The password comes sealed for this workspace and carrier."""

    carrier: str = DEFAULT_CARRIER
    portal_username: str | None = None
    portal_password_sealed: str | None = field(default=None, repr=False)
    robot_url: str | None = None
    is_enabled: bool | None = None
    #: After an item's end, 1 to 3,650.
    personal_data_retention_days: int | None = None
    #: 1 to 500.
    wave_size: int | None = None
    #: 0 (never) to 100.
    stop_after_errors: int | None = None
    #: 0 (never) to 168.
    guide_lookup_hours: int | None = None
    shipment_defaults: ShipmentDefaultsParams | None = None


@dataclass(frozen=True)
class CarrierCredentials:
    """What a hand-over needs; the password is ciphertext."""

    username: str
    password_sealed: str = field(repr=False)
    robot_url: str


@domain_query
def get_carrier_config(conn: Connection, ctx: DomainContext, carrier: str) -> CarrierConfig:
    """Return the workspace's configuration. Refused: there is none yet, or no such carrier (`NOT_FOUND`)."""
    carrier = require_carrier(carrier)
    config = read_carrier_config(conn, ctx, carrier)
    if config is None:
        raise page.carrier_config_not_found(carrier)
    return config


def write_carrier_config(
    conn: Connection, ctx: DomainContext, params: UpsertCarrierConfigParams
) -> tuple[CarrierConfig | None, CarrierConfig]:
    """Set what is given and keep the rest; return the configuration as it was, if there was one, and as it is.

    Raises:
        RefusedError: there is no such carrier, or a value can't be right.
    """
    if not isinstance(params, UpsertCarrierConfigParams):
        raise page.unexpected_value("The configuration", "UpsertCarrierConfigParams")
    if params.is_enabled is not None and not isinstance(params.is_enabled, bool):
        raise page.unexpected_value("is_enabled", "true or false")
    row = {
        "workspace_id": ctx.workspace_id,
        "carrier": require_carrier(params.carrier),
        "portal_username": optional_sent(
            params.portal_username, "portal_username", None, at_least=1, at_most=MAX_USERNAME
        ),
        "portal_password_sealed": optional_text(
            params.portal_password_sealed, "portal_password_sealed", at_least=1, at_most=MAX_SEALED
        ),
        "robot_url": optional_text(params.robot_url, "robot_url", at_least=1, at_most=MAX_URL),
        "is_enabled": params.is_enabled,
        "retention_days": optional_whole(
            params.personal_data_retention_days, "personal_data_retention_days", 1, MAX_RETENTION_DAYS
        ),
        "wave_size": optional_whole(params.wave_size, "wave_size", 1, MAX_WAVE_SIZE),
        "stop_after_errors": optional_whole(params.stop_after_errors, "stop_after_errors", 0, MAX_STOP_AFTER_ERRORS),
        "guide_lookup_hours": optional_whole(
            params.guide_lookup_hours, "guide_lookup_hours", 0, MAX_GUIDE_LOOKUP_HOURS
        ),
    } | _checked_defaults(params.shipment_defaults)
    before = conn.cursor(row_factory=class_row(CarrierConfig)).execute(_SELECT, row)
    conn.execute(_INSERT, row)
    [config] = conn.cursor(row_factory=class_row(CarrierConfig)).execute(_UPDATE, row).fetchall()
    return before.fetchone(), config


@domain_query
def get_carrier_credentials(conn: Connection, ctx: DomainContext, carrier: str) -> CarrierCredentials:
    """Return what a hand-over needs. Refused: absent, disabled or incomplete (`INVALID`, `carrier_not_configured`)."""
    _, credentials = require_ready(carrier, read_carrier_config(conn, ctx, carrier))
    return credentials


def read_carrier_config(conn: Connection, ctx: DomainContext, carrier: object) -> CarrierConfig | None:
    """Return the workspace's configuration of a carrier, or None.

    Raises:
        RefusedError: the carrier is no text that could name one.
    """
    return ask_carrier_config(conn, ctx, require_text(carrier, "carrier", at_least=1, at_most=MAX_CARRIER)).fetchone()


def ask_carrier_config(conn: Connection, ctx: DomainContext, carrier: str) -> Cursor[CarrierConfig]:
    """Ask for the workspace's configuration of a carrier without waiting for the answer: one row, or none."""
    row = {"workspace_id": ctx.workspace_id, "carrier": carrier}
    return conn.cursor(row_factory=class_row(CarrierConfig)).execute(_SELECT, row)


def ask_config_of_job(conn: Connection, ctx: DomainContext, job_id: UUID) -> Cursor[CarrierConfig]:
    """Ask for the configuration of the carrier that a job is for, without waiting: one row, or none."""
    row = {"workspace_id": ctx.workspace_id, "job_id": job_id}
    return conn.cursor(row_factory=class_row(CarrierConfig)).execute(_SELECT_OF_JOB, row)


def require_ready(carrier: str, config: CarrierConfig | None) -> tuple[CarrierConfig, CarrierCredentials]:
    """Return a configuration that a hand-over can be made with, and its credentials.

    Raises:
        RefusedError: it is absent, disabled or incomplete; the sentence says what is missing.
    """
    if config is None:
        raise page.carrier_not_configured("it has no configuration", carrier=carrier)
    if not config.is_enabled:
        raise page.carrier_not_configured("it is disabled", carrier=carrier)
    if credentials := config.portal:
        return config, credentials
    if not config.portal_username:
        raise page.carrier_not_configured("the portal's user name is missing", carrier=carrier)
    if not config.portal_password_sealed:
        raise page.carrier_not_configured("the portal's password is missing", carrier=carrier)
    raise page.carrier_not_configured("the robot's URL is missing", carrier=carrier)


def require_able(carrier: str, kind: JobKind, config: CarrierConfig | None) -> CarrierConfig:
    """Return a configuration with which a job of this kind can be made now.

    Raises:
        RefusedError: hand-overs are off; it is absent, disabled or incomplete; or the carrier does no such jobs.
    """
    if hand_overs_are_off():
        raise page.hand_overs_off(carrier=carrier)
    ready, _ = require_ready(carrier, config)
    require_ability(carrier, kind)
    return ready


def _checked_defaults(defaults: object) -> dict[str, object]:
    if defaults is None:
        defaults = ShipmentDefaultsParams()
    if not isinstance(defaults, ShipmentDefaultsParams):
        raise page.unexpected_value("shipment_defaults", "ShipmentDefaultsParams")
    return {
        "declared_value": None
        if defaults.declared_value is None
        else require_pesos(defaults.declared_value, "declared_value"),
        "weight_kg": _optional(defaults.weight_kg, "weight_kg", decimals=3, below=10**5),
        "height_cm": _optional(defaults.height_cm, "height_cm", decimals=2, below=10**6),
        "length_cm": _optional(defaults.length_cm, "length_cm", decimals=2, below=10**6),
        "width_cm": _optional(defaults.width_cm, "width_cm", decimals=2, below=10**6),
        "reference": optional_sent(defaults.reference, "reference", None, at_most=MAX_REFERENCE),
        "units": optional_whole(defaults.units, "units", 1, MAX_UNITS),
        "email": optional_sent(defaults.email, "email", FieldKind.TEXT, at_most=MAX_EMAIL),
    }


def _optional(value: object, name: str, *, decimals: int, below: int) -> Decimal | None:
    if value is None:
        return None
    return require_number(value, name, decimals=decimals, below=below)


_COLUMNS = """
       config.carrier, portal_username, portal_password_sealed, robot_url, is_enabled,
       default_declared_value AS declared_value, default_weight_kg AS weight_kg, default_height_cm AS height_cm,
       default_length_cm AS length_cm, default_width_cm AS width_cm, default_reference AS reference,
       default_units AS units, default_email AS email, personal_data_retention_days, config.wave_size,
       stop_after_errors, guide_lookup_hours, guides_refused_at, config.created_at,
       config.updated_at
"""

# One configuration.
_SELECT = (
    "SELECT "
    + _COLUMNS
    + """
  FROM carrier_configs AS config
 WHERE config.workspace_id = %(workspace_id)s AND config.carrier = %(carrier)s
"""
)

# The configuration of the carrier that a job is for.
_SELECT_OF_JOB = (
    "SELECT "
    + _COLUMNS
    + """
  FROM robot_jobs AS job
  JOIN carrier_configs AS config ON config.workspace_id = job.workspace_id AND config.carrier = job.carrier
 WHERE job.id = %(job_id)s AND job.workspace_id = %(workspace_id)s
"""
)

# A configuration with the schema's defaults, where there is none yet.
_INSERT = """
INSERT INTO carrier_configs (workspace_id, carrier)
VALUES (%(workspace_id)s, %(carrier)s)
ON CONFLICT (workspace_id, carrier) DO NOTHING
"""

# What is given is set, what is null is kept.
_UPDATE = (
    """
UPDATE carrier_configs AS config
   SET portal_username = coalesce(%(portal_username)s, portal_username),
       portal_password_sealed = coalesce(%(portal_password_sealed)s, portal_password_sealed),
       robot_url = coalesce(%(robot_url)s, robot_url),
       is_enabled = coalesce(%(is_enabled)s, is_enabled),
       disabled_at = CASE WHEN NOT coalesce(%(is_enabled)s, is_enabled) THEN coalesce(disabled_at, now()) END,
       wave_size = coalesce(%(wave_size)s::int, config.wave_size),
       stop_after_errors = coalesce(%(stop_after_errors)s::int, stop_after_errors),
       guide_lookup_hours = coalesce(%(guide_lookup_hours)s::int, guide_lookup_hours),
       guides_refused_at = NULL,
       default_declared_value = coalesce(%(declared_value)s, default_declared_value),
       default_weight_kg = coalesce(%(weight_kg)s, default_weight_kg),
       default_height_cm = coalesce(%(height_cm)s, default_height_cm),
       default_length_cm = coalesce(%(length_cm)s, default_length_cm),
       default_width_cm = coalesce(%(width_cm)s, default_width_cm),
       default_reference = nullif(coalesce(%(reference)s, default_reference), ''),
       default_units = coalesce(%(units)s::int, default_units),
       default_email = nullif(coalesce(%(email)s, default_email), ''),
       personal_data_retention_days = coalesce(%(retention_days)s::int, personal_data_retention_days),
       updated_at = now()
 WHERE workspace_id = %(workspace_id)s AND carrier = %(carrier)s
RETURNING """
    + _COLUMNS
)
