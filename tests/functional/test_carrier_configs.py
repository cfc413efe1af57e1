"""Carrier configurations: set in parts, complete or refused, the password never in clear."""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from psycopg import Connection

from shared.domain import (
    DomainContext,
    ShipmentDefaultsParams,
    UpsertCarrierConfigParams,
    get_carrier_config,
    get_carrier_credentials,
    upsert_carrier_config,
)
from shared.domain.carriers.accounts import USUAL_SHIPMENT
from shared.domain.carriers.usual import USUAL_GUIDE_LOOKUP_HOURS, USUAL_STOP_AFTER_ERRORS, USUAL_WAVE_SIZE
from shared.domain.ids import uuid7
from tests.factories import data_of, failure_of, make_carrier_config

WHOLE = UpsertCarrierConfigParams(
    portal_username="tienda", portal_password_sealed="c2VhbGVk", robot_url="https://robot.example.com"
)


def test_there_is_no_configuration_before_one_is_set(ctx: DomainContext) -> None:
    failure_of(get_carrier_config(ctx, "coordinadora"), "NOT_FOUND", "carrier_config_not_found")


def test_the_first_part_that_is_set_has_the_schemas_defaults_beside_it(ctx: DomainContext) -> None:
    config = data_of(upsert_carrier_config(ctx, UpsertCarrierConfigParams(portal_username="tienda")))
    assert config == data_of(get_carrier_config(ctx, "coordinadora"))
    assert (config.portal_username, config.has_password, config.robot_url, config.is_enabled) == (
        "tienda",
        False,
        None,
        True,
    )
    # They are what holds, and is shown, before anything is set.
    assert config.shipment_defaults == USUAL_SHIPMENT
    assert (config.wave_size, config.stop_after_errors, config.guide_lookup_hours) == (
        USUAL_WAVE_SIZE,
        USUAL_STOP_AFTER_ERRORS,
        USUAL_GUIDE_LOOKUP_HOURS,
    )
    assert config.created_at.utcoffset() is not None


def test_what_is_left_out_is_kept(ctx: DomainContext) -> None:
    data_of(upsert_carrier_config(ctx, WHOLE))
    defaults = ShipmentDefaultsParams(declared_value=Decimal(55000), weight_kg=Decimal("1.5"), reference="TIENDA")
    data_of(upsert_carrier_config(ctx, UpsertCarrierConfigParams(shipment_defaults=defaults, is_enabled=False)))
    only_height = ShipmentDefaultsParams(height_cm=Decimal(33))
    config = data_of(upsert_carrier_config(ctx, UpsertCarrierConfigParams(shipment_defaults=only_height)))
    assert (config.portal_username, config.has_password, config.robot_url, config.is_enabled) == (
        "tienda",
        True,
        "https://robot.example.com",
        False,
    )
    assert (config.declared_value, config.weight_kg, config.height_cm, config.reference) == (
        Decimal(55000),
        Decimal("1.5"),
        Decimal(33),
        "TIENDA",
    )


#: Each setting, and what it is set to: a value that it does not have at first.
SETTINGS: dict[str, Any] = {
    "portal_username": "sucursal",
    "portal_password_sealed": "YW5ldw==",
    "robot_url": "https://other.example.com",
    "is_enabled": False,
    "personal_data_retention_days": 30,
    "wave_size": 7,
    "stop_after_errors": 0,
    "guide_lookup_hours": 0,
}
DEFAULTS: dict[str, Any] = {
    "declared_value": Decimal(55000),
    "weight_kg": Decimal("1.5"),
    "height_cm": Decimal(33),
    "length_cm": Decimal(43),
    "width_cm": Decimal(53),
    "reference": "TIENDA",
    "units": 2,
    "email": "despachos@example.com",
}


def change_of(**settings: Any) -> UpsertCarrierConfigParams:
    """Return the change of some settings, of the account or of what each shipment has in common."""
    defaults = {name: value for name, value in settings.items() if name in DEFAULTS}
    account = {name: value for name, value in settings.items() if name not in DEFAULTS}
    return UpsertCarrierConfigParams(
        **account, shipment_defaults=ShipmentDefaultsParams(**defaults) if defaults else None
    )


def test_what_is_set_is_all_that_changes(ctx: DomainContext, owner: Connection, workspace: UUID) -> None:
    """Naive: who sets the robot's address sets the next parcel's weight back, or cash goes uncollected."""
    config = data_of(upsert_carrier_config(ctx, change_of()))
    settings = SETTINGS | DEFAULTS
    assert settings.keys() == vars(config).keys() - {"carrier", "guides_refused_at", "created_at", "updated_at"}
    for name, value in [*settings.items(), ("is_enabled", True), ("reference", ""), ("email", "")]:
        changed = data_of(upsert_carrier_config(ctx, change_of(**{name: value})))
        wanted: dict[str, Any] = {name: None if value == "" else value, "updated_at": changed.updated_at}
        assert changed == replace(config, **wanted)
        assert getattr(changed, name) != getattr(config, name)
        assert changed.updated_at > config.updated_at
        config = changed
    owner.execute("UPDATE carrier_configs SET guides_refused_at = now() WHERE workspace_id = %s", [workspace])
    assert data_of(get_carrier_config(ctx, "coordinadora")).guides_refused_at is not None
    # Any change lets the guides be looked up again, also one of nothing.
    kept = data_of(upsert_carrier_config(ctx, change_of()))
    assert kept == replace(config, updated_at=kept.updated_at)


def test_the_bounds_of_settings_are_those_that_are_said(ctx: DomainContext) -> None:
    bounds = {
        "personal_data_retention_days": (1, 3_650),
        "wave_size": (1, 500),
        "stop_after_errors": (0, 100),
        "guide_lookup_hours": (0, 168),
        "units": (1, 999),
    }
    lengths = {
        "portal_username": (1, 200),
        "portal_password_sealed": (1, 10_000),
        "robot_url": (1, 2_000),
        "reference": (0, 200),
        "email": (0, 1_000),
    }
    for end in (0, 1):
        most = {name: each[end] for name, each in bounds.items()}
        texts = {name: "x" * each[end] for name, each in lengths.items()}
        config = data_of(upsert_carrier_config(ctx, change_of(**most, **texts)))
        assert vars(config).items() >= (most | {name: text or None for name, text in texts.items()}).items()
        beyond = 1 if end else -1
        for name, number in most.items():
            refused = upsert_carrier_config(ctx, change_of(**{name: number + beyond}))
            least, largest = bounds[name]
            said = f"{name} must be a whole number, {least} to {largest}."
            assert failure_of(refused, "INVALID", "invalid_number").error == said
    for name, (least, longest) in lengths.items():
        for length in {least - 1, longest + 1} - {-1}:
            refused = upsert_carrier_config(ctx, change_of(**{name: "x" * length}))
            said = f"{name} must have {least} to {longest} characters; it has {length}."
            assert failure_of(refused, "INVALID", "invalid_text").error == said


def test_since_when_it_is_disabled_is_the_first_time(ctx: DomainContext, owner: Connection, workspace: UUID) -> None:
    """Naive: each change while it is disabled begins the time anew."""

    def disabled_at(params: UpsertCarrierConfigParams) -> datetime | None:
        data_of(upsert_carrier_config(ctx, params))
        [(at,)] = owner.execute(
            "SELECT disabled_at FROM carrier_configs WHERE workspace_id = %s", [workspace]
        ).fetchall()
        assert at is None or isinstance(at, datetime)
        return at

    off = UpsertCarrierConfigParams(is_enabled=False)
    assert disabled_at(WHOLE) is None
    first = disabled_at(off)
    assert first is not None
    assert disabled_at(off) == disabled_at(UpsertCarrierConfigParams(wave_size=7)) == first
    assert disabled_at(UpsertCarrierConfigParams(is_enabled=True)) is None
    again = disabled_at(off)
    assert again is not None
    assert again > first


def test_credentials_are_complete_and_enabled(ctx: DomainContext) -> None:
    data_of(upsert_carrier_config(ctx, WHOLE))
    credentials = data_of(get_carrier_credentials(ctx, "coordinadora"))
    assert (credentials.username, credentials.password_sealed, credentials.robot_url) == (
        "tienda",
        "c2VhbGVk",
        "https://robot.example.com",
    )


@pytest.mark.parametrize(
    ("missing", "named"),
    [
        ({"portal_username": None}, "user name"),
        ({"portal_password_sealed": None}, "password"),
        ({"robot_url": None}, "URL"),
        ({"is_enabled": False}, "disabled"),
    ],
)
def test_an_incomplete_or_disabled_configuration_has_no_credentials(
    ctx: DomainContext, owner: Connection, workspace: UUID, missing: dict[str, Any], named: str
) -> None:
    make_carrier_config(owner, workspace, **missing)
    failure = failure_of(get_carrier_credentials(ctx, "coordinadora"), "INVALID", "carrier_not_configured")
    assert named in failure.error


def test_a_workspace_without_a_configuration_has_no_credentials(ctx: DomainContext, owner: Connection) -> None:
    make_carrier_config(owner, uuid7())
    for carrier in ("coordinadora", "other"):
        failure_of(get_carrier_credentials(ctx, carrier), "INVALID", "carrier_not_configured")


def test_another_workspaces_configuration_is_neither_seen_nor_changed(ctx: DomainContext) -> None:
    other = DomainContext(uuid7(), "test")
    data_of(upsert_carrier_config(other, WHOLE))
    failure_of(get_carrier_config(ctx, "coordinadora"), "NOT_FOUND", "carrier_config_not_found")
    data_of(upsert_carrier_config(ctx, UpsertCarrierConfigParams(portal_username="mine")))
    assert data_of(get_carrier_config(other, "coordinadora")).portal_username == "tienda"


def test_the_sealed_password_is_in_no_repr(ctx: DomainContext) -> None:
    config = data_of(upsert_carrier_config(ctx, WHOLE))
    credentials = data_of(get_carrier_credentials(ctx, "coordinadora"))
    assert "c2VhbGVk" not in f"{WHOLE!r} {config!r} {credentials!r}"


def test_a_carrier_without_a_robot_is_not_found(ctx: DomainContext) -> None:
    for carrier in ("other", "x" * 100):
        failure_of(get_carrier_config(ctx, carrier), "NOT_FOUND", "carrier_not_found")
    failure_of(upsert_carrier_config(ctx, UpsertCarrierConfigParams(carrier="other")), "NOT_FOUND", "carrier_not_found")


@pytest.mark.parametrize(
    "params",
    [
        None,
        UpsertCarrierConfigParams(carrier=None),  # type: ignore[arg-type] # callers hand in anything
        UpsertCarrierConfigParams(carrier=""),
        UpsertCarrierConfigParams(carrier="x" * 101),
        UpsertCarrierConfigParams(portal_username=""),
        UpsertCarrierConfigParams(portal_username="a\0b"),
        UpsertCarrierConfigParams(portal_username="x" * 201),
        UpsertCarrierConfigParams(portal_username="\ud83d"),
        UpsertCarrierConfigParams(portal_password_sealed="x" * 2_000_000),
        UpsertCarrierConfigParams(robot_url="x" * 2_001),
        UpsertCarrierConfigParams(is_enabled="yes"),  # type: ignore[arg-type] # the same
        UpsertCarrierConfigParams(shipment_defaults={}),  # type: ignore[arg-type] # the same
        UpsertCarrierConfigParams(shipment_defaults=ShipmentDefaultsParams(weight_kg=Decimal(0))),
        UpsertCarrierConfigParams(shipment_defaults=ShipmentDefaultsParams(weight_kg="1")),  # type: ignore[arg-type] # the same
        UpsertCarrierConfigParams(shipment_defaults=ShipmentDefaultsParams(weight_kg=True)),  # type: ignore[arg-type] # the same
        UpsertCarrierConfigParams(shipment_defaults=ShipmentDefaultsParams(units=True)),
        UpsertCarrierConfigParams(shipment_defaults=ShipmentDefaultsParams(height_cm=Decimal(-1))),
        UpsertCarrierConfigParams(shipment_defaults=ShipmentDefaultsParams(length_cm=Decimal("Infinity"))),
        UpsertCarrierConfigParams(shipment_defaults=ShipmentDefaultsParams(width_cm=Decimal("0.001"))),
        UpsertCarrierConfigParams(shipment_defaults=ShipmentDefaultsParams(declared_value=Decimal(10**12))),
        UpsertCarrierConfigParams(shipment_defaults=ShipmentDefaultsParams(declared_value="1")),  # type: ignore[arg-type] # the same
        UpsertCarrierConfigParams(shipment_defaults=ShipmentDefaultsParams(reference="x" * 201)),
    ],
)
def test_a_value_that_can_t_be_one_is_refused_and_nothing_is_written(ctx: DomainContext, params: Any) -> None:
    refused = upsert_carrier_config(ctx, params)
    assert not refused.success
    assert (refused.code, refused.error[-1]) == ("INVALID", ".")
    failure_of(get_carrier_config(ctx, "coordinadora"), "NOT_FOUND", "carrier_config_not_found")


def test_a_measure_that_can_t_be_one_is_refused_by_its_name(ctx: DomainContext) -> None:
    """Naive: the sentence names another field, and somebody corrects the right one."""
    for name, decimals, below in (
        ("weight_kg", 3, 10**5),
        ("height_cm", 2, 10**6),
        ("length_cm", 2, 10**6),
        ("width_cm", 2, 10**6),
    ):
        for value, said in (
            ("1", "a number."),
            (0, f"more than zero and less than {below}."),
            (below, f"more than zero and less than {below}."),
            (Decimal(1).scaleb(-decimals - 1), f"at most {decimals} decimals."),
        ):
            refused = failure_of(upsert_carrier_config(ctx, change_of(**{name: value})), "INVALID", "invalid_number")
            assert refused.error in {f"{name} must be {said}", f"{name} must have {said}"}
    pesos = failure_of(upsert_carrier_config(ctx, change_of(declared_value=-1)), "INVALID", "invalid_number")
    assert pesos.error.startswith("declared_value must be ")


def test_the_largest_defaults_that_pass_fit_their_columns(ctx: DomainContext) -> None:
    largest = ShipmentDefaultsParams(
        Decimal("999999999999.99"),
        Decimal("99999.999"),
        Decimal("999999.99"),
        Decimal("999999.99"),
        Decimal("999999.99"),
        "x" * 200,
    )
    config = data_of(upsert_carrier_config(ctx, UpsertCarrierConfigParams(shipment_defaults=largest)))
    assert config.declared_value == largest.declared_value
    assert config.weight_kg == largest.weight_kg
