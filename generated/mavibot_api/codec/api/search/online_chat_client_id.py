from http import HTTPStatus
from typing import Any

import httpx

from ...client import AuthenticatedClient, Client
from ...models.client_id_reply import ClientIdReply
from ...models.failure import Failure
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    recipient: str,
    tag: str | Unset = UNSET,
    name: str | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    params["recipient"] = recipient

    params["tag"] = tag

    params["name"] = name

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/online_chat_client_id",
        "params": params,
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> ClientIdReply | Failure:
    if response.status_code == 200:
        response_200 = ClientIdReply.from_dict(response.json())

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
) -> Response[ClientIdReply | Failure]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient | Client,
    recipient: str,
    tag: str | Unset = UNSET,
    name: str | Unset = UNSET,
) -> Response[ClientIdReply | Failure]:
    """Find or create the client of a website chat

     Returns the client of a dialogue in the website's chat. It needs the permission to modify, since it
    may create the client.

    Args:
        recipient (str):
        tag (str | Unset):
        name (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ClientIdReply | Failure]
    """

    kwargs = _get_kwargs(
        recipient=recipient,
        tag=tag,
        name=name,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient | Client,
    recipient: str,
    tag: str | Unset = UNSET,
    name: str | Unset = UNSET,
) -> ClientIdReply | Failure | None:
    """Find or create the client of a website chat

     Returns the client of a dialogue in the website's chat. It needs the permission to modify, since it
    may create the client.

    Args:
        recipient (str):
        tag (str | Unset):
        name (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ClientIdReply | Failure
    """

    return sync_detailed(
        client=client,
        recipient=recipient,
        tag=tag,
        name=name,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient | Client,
    recipient: str,
    tag: str | Unset = UNSET,
    name: str | Unset = UNSET,
) -> Response[ClientIdReply | Failure]:
    """Find or create the client of a website chat

     Returns the client of a dialogue in the website's chat. It needs the permission to modify, since it
    may create the client.

    Args:
        recipient (str):
        tag (str | Unset):
        name (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ClientIdReply | Failure]
    """

    kwargs = _get_kwargs(
        recipient=recipient,
        tag=tag,
        name=name,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient | Client,
    recipient: str,
    tag: str | Unset = UNSET,
    name: str | Unset = UNSET,
) -> ClientIdReply | Failure | None:
    """Find or create the client of a website chat

     Returns the client of a dialogue in the website's chat. It needs the permission to modify, since it
    may create the client.

    Args:
        recipient (str):
        tag (str | Unset):
        name (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ClientIdReply | Failure
    """

    return (
        await asyncio_detailed(
            client=client,
            recipient=recipient,
            tag=tag,
            name=name,
        )
    ).parsed
