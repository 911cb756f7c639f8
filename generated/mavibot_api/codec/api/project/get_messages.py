from typing import Any

import httpx

from ...models.blocks_reply import BlocksReply


def _parse_response(*, client: None, response: httpx.Response) -> Any:
    response_200 = BlocksReply.from_dict(response.json())

    return response_200
