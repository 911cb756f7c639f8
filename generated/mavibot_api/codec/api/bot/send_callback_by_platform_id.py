from http import HTTPStatus
from typing import Any

import httpx

from ...client import AuthenticatedClient, Client
from ...models.callbacks_sent import CallbacksSent
from ...models.failure import Failure
from ...models.send_callback_by_platform_id_parameters import SendCallbackByPlatformIdParameters
from ...types import Response


def _get_kwargs(
    *,
    body: SendCallbackByPlatformIdParameters,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/send_callback_by_platform_id",
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> CallbacksSent | Failure:
    if response.status_code == 200:
        response_200 = CallbacksSent.from_dict(response.json())

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
) -> Response[CallbacksSent | Failure]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient | Client,
    body: SendCallbackByPlatformIdParameters,
) -> Response[CallbacksSent | Failure]:
    """Send a callback to clients by their ids in the messenger

     Sends the callback text to each client of the project whose id in the messenger is in the list; ids
    that are not found are passed over.

    Args:
        body (SendCallbackByPlatformIdParameters):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[CallbacksSent | Failure]
    """

    kwargs = _get_kwargs(
        body=body,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient | Client,
    body: SendCallbackByPlatformIdParameters,
) -> CallbacksSent | Failure | None:
    """Send a callback to clients by their ids in the messenger

     Sends the callback text to each client of the project whose id in the messenger is in the list; ids
    that are not found are passed over.

    Args:
        body (SendCallbackByPlatformIdParameters):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        CallbacksSent | Failure
    """

    return sync_detailed(
        client=client,
        body=body,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient | Client,
    body: SendCallbackByPlatformIdParameters,
) -> Response[CallbacksSent | Failure]:
    """Send a callback to clients by their ids in the messenger

     Sends the callback text to each client of the project whose id in the messenger is in the list; ids
    that are not found are passed over.

    Args:
        body (SendCallbackByPlatformIdParameters):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[CallbacksSent | Failure]
    """

    kwargs = _get_kwargs(
        body=body,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient | Client,
    body: SendCallbackByPlatformIdParameters,
) -> CallbacksSent | Failure | None:
    """Send a callback to clients by their ids in the messenger

     Sends the callback text to each client of the project whose id in the messenger is in the list; ids
    that are not found are passed over.

    Args:
        body (SendCallbackByPlatformIdParameters):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        CallbacksSent | Failure
    """

    return (
        await asyncio_detailed(
            client=client,
            body=body,
        )
    ).parsed
