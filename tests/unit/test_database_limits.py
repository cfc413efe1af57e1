"""Whatever the database does, a function is done with it before its own time is over."""

import pytest

from shared.db import limits
from tests.template import environment, functions, template

#: What a function needs after the database has failed, to say so and to answer.
RESERVE_S = 1
DEFAULT_S = template()["Globals"]["Function"]["Timeout"]


@pytest.mark.parametrize(
    "name", sorted(name for name, each in functions().items() if "DATABASE_SECRET_ARN" in environment(each))
)
def test_a_function_outlives_a_database_that_answers_nothing(name: str) -> None:
    """Naive: a limit of a minute, of which a function with half a minute never hears."""
    timeout_s = functions()[name].get("Timeout", DEFAULT_S)
    assert timeout_s > limits.CONNECT_S + limits.SILENCE_S + RESERVE_S
    assert timeout_s > limits.IDLE_IN_TRANSACTION_S


def test_the_server_ends_a_statement_before_it_is_taken_for_dead() -> None:
    assert limits.LOCK_S < limits.STATEMENT_S < limits.SILENCE_S
    probes_s = (
        limits.SOCKET["keepalives_idle"] + limits.SOCKET["keepalives_interval"] * limits.SOCKET["keepalives_count"]
    )
    assert probes_s <= limits.SILENCE_S
    assert limits.SOCKET["tcp_user_timeout"] <= limits.SILENCE_S * 1000
