from typing import Any

import httpx2

from ...models.client_not_found import ClientNotFound
from ...models.orders_reply import OrdersReply


def _parse_response(*, client: None, response: httpx2.Response) -> Any:
    def _parse_response_200(data: object) -> ClientNotFound | OrdersReply:
        try:
            if not isinstance(data, dict):
                raise TypeError()
            response_200_orders_reply = OrdersReply.from_dict(data)

            return response_200_orders_reply
        except (TypeError, ValueError, AttributeError, KeyError):
            pass
        if not isinstance(data, dict):
            raise TypeError()
        response_200_type_1 = ClientNotFound.from_dict(data)

        return response_200_type_1

    response_200 = _parse_response_200(response.json())

    return response_200
