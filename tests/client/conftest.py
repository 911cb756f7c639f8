"""Both clients, one after the other."""

import pytest
from tests.client.support import Api, Kind


@pytest.fixture(params=["blocking", "asyncio"])
def api(request: pytest.FixtureRequest) -> Api:
    """A client of either kind whose server answers `ok` until told otherwise."""
    kind: Kind = request.param
    return Api(kind)
