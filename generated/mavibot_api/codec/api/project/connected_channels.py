from typing import Any

import httpx2

from ...models.connected_channels import ConnectedChannels


def _parse_response(*, client: None, response: httpx2.Response) -> Any:
    response_200 = ConnectedChannels.from_dict(response.json())

    return response_200
