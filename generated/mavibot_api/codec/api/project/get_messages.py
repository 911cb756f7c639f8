from typing import Any

import httpx2

from ...models.blocks_reply import BlocksReply


def _parse_response(*, client: None, response: httpx2.Response) -> Any:
    response_200 = BlocksReply.from_dict(response.json())

    return response_200
