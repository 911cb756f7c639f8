from http import HTTPStatus
from typing import Any

import httpx

from ...client import AuthenticatedClient, Client
from ...models.clients_reply import ClientsReply
from ...models.failure import Failure
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    offset: int | Unset = 0,
    limit: int | Unset = 500,
    list_: int | str | Unset = UNSET,
    reverse: bool | Unset = False,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    params["offset"] = offset

    params["limit"] = limit

    json_list_: int | str | Unset
    if isinstance(list_, Unset):
        json_list_ = UNSET
    else:
        json_list_ = list_
    params["list"] = json_list_

    params["reverse"] = reverse

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/get_clients",
        "params": params,
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> ClientsReply | Failure:
    if response.status_code == 200:
        response_200 = ClientsReply.from_dict(response.json())

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
) -> Response[ClientsReply | Failure]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient | Client,
    offset: int | Unset = 0,
    limit: int | Unset = 500,
    list_: int | str | Unset = UNSET,
    reverse: bool | Unset = False,
) -> Response[ClientsReply | Failure]:
    """List the clients of the project

     Lists clients page by page; a page shorter than `limit` is the last one.

    Args:
        offset (int | Unset):  Default: 0.
        limit (int | Unset):  Default: 500.
        list_ (int | str | Unset): Number of a client list in the builder.
        reverse (bool | Unset):  Default: False.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ClientsReply | Failure]
    """

    kwargs = _get_kwargs(
        offset=offset,
        limit=limit,
        list_=list_,
        reverse=reverse,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient | Client,
    offset: int | Unset = 0,
    limit: int | Unset = 500,
    list_: int | str | Unset = UNSET,
    reverse: bool | Unset = False,
) -> ClientsReply | Failure | None:
    """List the clients of the project

     Lists clients page by page; a page shorter than `limit` is the last one.

    Args:
        offset (int | Unset):  Default: 0.
        limit (int | Unset):  Default: 500.
        list_ (int | str | Unset): Number of a client list in the builder.
        reverse (bool | Unset):  Default: False.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ClientsReply | Failure
    """

    return sync_detailed(
        client=client,
        offset=offset,
        limit=limit,
        list_=list_,
        reverse=reverse,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient | Client,
    offset: int | Unset = 0,
    limit: int | Unset = 500,
    list_: int | str | Unset = UNSET,
    reverse: bool | Unset = False,
) -> Response[ClientsReply | Failure]:
    """List the clients of the project

     Lists clients page by page; a page shorter than `limit` is the last one.

    Args:
        offset (int | Unset):  Default: 0.
        limit (int | Unset):  Default: 500.
        list_ (int | str | Unset): Number of a client list in the builder.
        reverse (bool | Unset):  Default: False.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ClientsReply | Failure]
    """

    kwargs = _get_kwargs(
        offset=offset,
        limit=limit,
        list_=list_,
        reverse=reverse,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient | Client,
    offset: int | Unset = 0,
    limit: int | Unset = 500,
    list_: int | str | Unset = UNSET,
    reverse: bool | Unset = False,
) -> ClientsReply | Failure | None:
    """List the clients of the project

     Lists clients page by page; a page shorter than `limit` is the last one.

    Args:
        offset (int | Unset):  Default: 0.
        limit (int | Unset):  Default: 500.
        list_ (int | str | Unset): Number of a client list in the builder.
        reverse (bool | Unset):  Default: False.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ClientsReply | Failure
    """

    return (
        await asyncio_detailed(
            client=client,
            offset=offset,
            limit=limit,
            list_=list_,
            reverse=reverse,
        )
    ).parsed
