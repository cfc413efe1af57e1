"""How a workspace ships with a carrier: GET and PUT /carriers/{carrier}/config."""

from aws_lambda_powertools.event_handler.api_gateway import Router
from pydantic import SecretStr

from functions.manage_carriers.models import CarrierConfigBody, CarrierConfigResource
from shared import domain
from shared.aws.passwords import seal_password
from shared.carriers.registry import CARRIERS
from shared.domain.carriers.registry import no_such_carrier
from shared.http import refusal_page as page
from shared.http.auth import READ_JOBS, WRITE_CARRIERS, Caller
from shared.http.domain_api import data_of, problem_of_failure
from shared.http.models import Carrier
from shared.http.problems import ProblemError
from shared.robot.url_policy import RobotUrlError, check_robot_url

routes = Router()  # type: ignore[no-untyped-call] # Powertools left its types out


@routes.get("/carriers/<carrier>/config", security=READ_JOBS, tags=["Carriers"])
def get_config(caller: Caller, carrier: Carrier) -> CarrierConfigResource:
    """Show the configuration of a carrier, without its password."""
    return CarrierConfigResource.model_validate(data_of(domain.get_carrier_config(caller, carrier)))


@routes.put("/carriers/<carrier>/config", security=WRITE_CARRIERS, tags=["Carriers"])
def put_config(caller: Caller, carrier: Carrier, body: CarrierConfigBody) -> CarrierConfigResource:
    """Configure a carrier; what is left out stays as it is."""
    if carrier not in CARRIERS:
        # The domain refuses it as well; here it is before a password is sealed for it.
        raise ProblemError(problem_of_failure(no_such_carrier().failure))
    _check(body.robot_url)
    params = domain.UpsertCarrierConfigParams(
        carrier=carrier,
        portal_username=body.portal_username,
        portal_password_sealed=_seal(caller, carrier, body.portal_password),
        robot_url=body.robot_url,
        is_enabled=body.is_enabled,
        personal_data_retention_days=body.personal_data_retention_days,
        wave_size=body.wave_size,
        stop_after_errors=body.stop_after_errors,
        guide_lookup_hours=body.guide_lookup_hours,
        shipment_defaults=domain.ShipmentDefaultsParams(**body.shipment_defaults.given())
        if body.shipment_defaults
        else None,
    )
    return CarrierConfigResource.model_validate(data_of(domain.upsert_carrier_config(caller, params)))


def _check(robot_url: str | None) -> None:
    try:
        if robot_url is not None:
            check_robot_url(robot_url)
    except RobotUrlError as error:
        raise page.invalid_robot_url(str(error)) from error


def _seal(caller: domain.DomainContext, carrier: str, password: SecretStr | None) -> str | None:
    if password is None:
        return None
    return seal_password(password.get_secret_value(), workspace_id=caller.workspace_id, carrier=carrier)
