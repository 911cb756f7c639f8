"""A variable that is called `method`, as the keyword that chooses GET or POST."""

import pytest
from tests.client.support import Api, sent

PAID = {"client_id": 1, "message": "paid"}


@pytest.mark.parametrize("by_name", [True, False])
def test_it_is_saved_in_variables(api: Api, by_name: bool) -> None:
    variables = {"method": "card"}
    if by_name:
        api.call("callback", **PAID, variables=variables)
    else:
        api("callback", **PAID, variables=variables)
    assert sent(api.requests[0]) == PAID | variables


@pytest.mark.parametrize("action", ["callback", "tg_callback"])
def test_as_a_keyword_it_is_explained(api: Api, action: str) -> None:
    reason = api.refused_by_name(action, **PAID, method="card")["method"]
    assert "not by card" in reason
    assert "variables={…}" in reason


def test_no_advice_where_no_variables_are_saved_or_a_method_is_meant(api: Api) -> None:
    assert "variables" not in api.refused_by_name("message", **PAID, method="card")["method"]
    assert "variables" not in api.refused_by_name("tg_callback", **PAID, method="GET")["method"]
