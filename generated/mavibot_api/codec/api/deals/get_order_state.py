from http import HTTPStatus
from typing import Any

import httpx

from ...client import AuthenticatedClient, Client
from ...models.client_not_found import ClientNotFound
from ...models.failure import Failure
from ...models.order_not_found import OrderNotFound
from ...models.state_id_reply import StateIdReply
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    client_id: int | str,
    order_id: int | str | Unset = UNSET,
    state_id: int | str | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    json_client_id: int | str
    json_client_id = client_id
    params["client_id"] = json_client_id

    json_order_id: int | str | Unset
    if isinstance(order_id, Unset):
        json_order_id = UNSET
    else:
        json_order_id = order_id
    params["order_id"] = json_order_id

    json_state_id: int | str | Unset
    if isinstance(state_id, Unset):
        json_state_id = UNSET
    else:
        json_state_id = state_id
    params["state_id"] = json_state_id

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/get_order_state",
        "params": params,
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> ClientNotFound | OrderNotFound | StateIdReply | Failure:
    if response.status_code == 200:

        def _parse_response_200(data: object) -> ClientNotFound | OrderNotFound | StateIdReply:
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                response_200_type_0 = StateIdReply.from_dict(data)

                return response_200_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                response_200_type_1 = OrderNotFound.from_dict(data)

                return response_200_type_1
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            if not isinstance(data, dict):
                raise TypeError()
            response_200_type_2 = ClientNotFound.from_dict(data)

            return response_200_type_2

        response_200 = _parse_response_200(response.json())

        return response_200

    if response.status_code == 400:
        response_400 = Failure.from_dict(response.json())

        return response_400

    if response.status_code == 401:
        response_401 = Failure.from_dict(response.json())

        return response_401

    if response.status_code == 403:
        response_403 = Failure.from_dict(response.json())

        return response_403

    if response.status_code == 429:
        response_429 = Failure.from_dict(response.json())

        return response_429

    response_default = Failure.from_dict(response.json())

    return response_default


def _build_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Response[ClientNotFound | OrderNotFound | StateIdReply | Failure]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient | Client,
    client_id: int | str,
    order_id: int | str | Unset = UNSET,
    state_id: int | str | Unset = UNSET,
) -> Response[ClientNotFound | OrderNotFound | StateIdReply | Failure]:
    """Read the stage of a deal

     Reads the stage of the given deal, or of the client's current one.

    Args:
        client_id (int | str): Number of the client in the builder, as a number or as a string of
            digits. It is not the client's id in the messenger.
        order_id (int | str | Unset): Number of a deal (order). It is not the bot variable
            `order_id`, which joins the client's number and the deal's with a hyphen.
        state_id (int | str | Unset): Number of a deal (order). It is not the bot variable
            `order_id`, which joins the client's number and the deal's with a hyphen.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ClientNotFound | OrderNotFound | StateIdReply | Failure]
    """

    kwargs = _get_kwargs(
        client_id=client_id,
        order_id=order_id,
        state_id=state_id,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient | Client,
    client_id: int | str,
    order_id: int | str | Unset = UNSET,
    state_id: int | str | Unset = UNSET,
) -> ClientNotFound | OrderNotFound | StateIdReply | Failure | None:
    """Read the stage of a deal

     Reads the stage of the given deal, or of the client's current one.

    Args:
        client_id (int | str): Number of the client in the builder, as a number or as a string of
            digits. It is not the client's id in the messenger.
        order_id (int | str | Unset): Number of a deal (order). It is not the bot variable
            `order_id`, which joins the client's number and the deal's with a hyphen.
        state_id (int | str | Unset): Number of a deal (order). It is not the bot variable
            `order_id`, which joins the client's number and the deal's with a hyphen.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ClientNotFound | OrderNotFound | StateIdReply | Failure
    """

    return sync_detailed(
        client=client,
        client_id=client_id,
        order_id=order_id,
        state_id=state_id,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient | Client,
    client_id: int | str,
    order_id: int | str | Unset = UNSET,
    state_id: int | str | Unset = UNSET,
) -> Response[ClientNotFound | OrderNotFound | StateIdReply | Failure]:
    """Read the stage of a deal

     Reads the stage of the given deal, or of the client's current one.

    Args:
        client_id (int | str): Number of the client in the builder, as a number or as a string of
            digits. It is not the client's id in the messenger.
        order_id (int | str | Unset): Number of a deal (order). It is not the bot variable
            `order_id`, which joins the client's number and the deal's with a hyphen.
        state_id (int | str | Unset): Number of a deal (order). It is not the bot variable
            `order_id`, which joins the client's number and the deal's with a hyphen.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ClientNotFound | OrderNotFound | StateIdReply | Failure]
    """

    kwargs = _get_kwargs(
        client_id=client_id,
        order_id=order_id,
        state_id=state_id,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient | Client,
    client_id: int | str,
    order_id: int | str | Unset = UNSET,
    state_id: int | str | Unset = UNSET,
) -> ClientNotFound | OrderNotFound | StateIdReply | Failure | None:
    """Read the stage of a deal

     Reads the stage of the given deal, or of the client's current one.

    Args:
        client_id (int | str): Number of the client in the builder, as a number or as a string of
            digits. It is not the client's id in the messenger.
        order_id (int | str | Unset): Number of a deal (order). It is not the bot variable
            `order_id`, which joins the client's number and the deal's with a hyphen.
        state_id (int | str | Unset): Number of a deal (order). It is not the bot variable
            `order_id`, which joins the client's number and the deal's with a hyphen.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ClientNotFound | OrderNotFound | StateIdReply | Failure
    """

    return (
        await asyncio_detailed(
            client=client,
            client_id=client_id,
            order_id=order_id,
            state_id=state_id,
        )
    ).parsed
