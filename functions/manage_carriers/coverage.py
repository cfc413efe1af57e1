"""Where a carrier goes: GET /carriers/{carrier}/coverage, GET …/coverage/cities and POST …/coverage/validate."""

from aws_lambda_powertools.event_handler.api_gateway import Router

from functions.manage_carriers.models import (
    CoverageStatsResource,
    FoundCitiesResource,
    Search,
    ValidateCitiesBody,
    ValidatedCitiesResource,
)
from shared import domain
from shared.http.auth import READ_JOBS, Caller
from shared.http.domain_api import data_of
from shared.http.models import Carrier

routes = Router()  # type: ignore[no-untyped-call] # Powertools left its types out


@routes.get("/carriers/<carrier>/coverage", security=READ_JOBS, tags=["Carriers"])
def get_coverage(caller: Caller, carrier: Carrier) -> CoverageStatsResource:
    """Count the cities of a carrier's list."""
    return CoverageStatsResource.model_validate(data_of(domain.get_coverage_stats(caller, carrier)))


@routes.get("/carriers/<carrier>/coverage/cities", security=READ_JOBS, tags=["Carriers"])
def search_cities(caller: Caller, carrier: Carrier, search: Search) -> FoundCitiesResource:
    """Find the cities that someone may mean who has typed this much."""
    found = data_of(domain.search_cities(caller, domain.SearchCitiesParams(search, carrier)))
    return FoundCitiesResource.model_validate(found)


@routes.post("/carriers/<carrier>/coverage/validate", security=READ_JOBS, tags=["Carriers"])
def validate_coverage(caller: Caller, carrier: Carrier, body: ValidateCitiesBody) -> ValidatedCitiesResource:
    """Tell for each city whether the carrier goes there."""
    cities = [domain.CityQuery(each.city, each.department, each.order_id) for each in body.cities]
    validated = data_of(domain.validate_cities(caller, domain.ValidateCitiesParams(cities, carrier)))
    return ValidatedCitiesResource.model_validate(validated)
