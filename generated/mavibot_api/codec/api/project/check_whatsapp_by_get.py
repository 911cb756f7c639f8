from typing import Any

import httpx2

from ...models.whats_app_check import WhatsAppCheck


def _parse_response(*, client: None, response: httpx2.Response) -> Any:
    response_200 = WhatsAppCheck.from_dict(response.json())

    return response_200
