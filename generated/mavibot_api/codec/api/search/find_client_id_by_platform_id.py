from typing import Any

import httpx2

from ...models.found_client import FoundClient


def _parse_response(*, client: None, response: httpx2.Response) -> Any:
    response_200 = []
    _response_200 = response.json()
    for response_200_item_data in _response_200:
        response_200_item = FoundClient.from_dict(response_200_item_data)

        response_200.append(response_200_item)

    return response_200
