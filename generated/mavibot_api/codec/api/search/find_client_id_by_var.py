from http import HTTPStatus
from typing import Any

import httpx

from ...client import AuthenticatedClient, Client
from ...models.client_id_reply import ClientIdReply
from ...models.client_not_found import ClientNotFound
from ...models.failure import Failure
from ...models.search_in import SearchIn
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    var: str,
    val: float | str,
    group_id: int | str | Unset = UNSET,
    search_in: SearchIn | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    params["var"] = var

    json_val: float | str
    json_val = val
    params["val"] = json_val

    json_group_id: int | str | Unset
    if isinstance(group_id, Unset):
        json_group_id = UNSET
    else:
        json_group_id = group_id
    params["group_id"] = json_group_id

    json_search_in: str | Unset = UNSET
    if not isinstance(search_in, Unset):
        json_search_in = search_in.value

    params["search_in"] = json_search_in

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/find_client_id_by_var",
        "params": params,
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> ClientIdReply | ClientNotFound | Failure:
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

    if response.status_code == 404:
        response_404 = ClientNotFound.from_dict(response.json())

        return response_404

    if response.status_code == 429:
        response_429 = Failure.from_dict(response.json())

        return response_429

    response_default = Failure.from_dict(response.json())

    return response_default


def _build_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Response[ClientIdReply | ClientNotFound | Failure]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient | Client,
    var: str,
    val: float | str,
    group_id: int | str | Unset = UNSET,
    search_in: SearchIn | Unset = UNSET,
) -> Response[ClientIdReply | ClientNotFound | Failure]:
    """Find a client by the value of a variable

     Searches the variables of clients, or those of deals on request.

    Args:
        var (str):
        val (float | str):
        group_id (int | str | Unset): Bot, group or channel inside a messenger, as the field
            `group_id` of connected_channels gives it; a number or a string, depending on the
            messenger.
        search_in (SearchIn | Unset): Whose variables are searched; those of clients where it is
            not given.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ClientIdReply | ClientNotFound | Failure]
    """

    kwargs = _get_kwargs(
        var=var,
        val=val,
        group_id=group_id,
        search_in=search_in,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient | Client,
    var: str,
    val: float | str,
    group_id: int | str | Unset = UNSET,
    search_in: SearchIn | Unset = UNSET,
) -> ClientIdReply | ClientNotFound | Failure | None:
    """Find a client by the value of a variable

     Searches the variables of clients, or those of deals on request.

    Args:
        var (str):
        val (float | str):
        group_id (int | str | Unset): Bot, group or channel inside a messenger, as the field
            `group_id` of connected_channels gives it; a number or a string, depending on the
            messenger.
        search_in (SearchIn | Unset): Whose variables are searched; those of clients where it is
            not given.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ClientIdReply | ClientNotFound | Failure
    """

    return sync_detailed(
        client=client,
        var=var,
        val=val,
        group_id=group_id,
        search_in=search_in,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient | Client,
    var: str,
    val: float | str,
    group_id: int | str | Unset = UNSET,
    search_in: SearchIn | Unset = UNSET,
) -> Response[ClientIdReply | ClientNotFound | Failure]:
    """Find a client by the value of a variable

     Searches the variables of clients, or those of deals on request.

    Args:
        var (str):
        val (float | str):
        group_id (int | str | Unset): Bot, group or channel inside a messenger, as the field
            `group_id` of connected_channels gives it; a number or a string, depending on the
            messenger.
        search_in (SearchIn | Unset): Whose variables are searched; those of clients where it is
            not given.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ClientIdReply | ClientNotFound | Failure]
    """

    kwargs = _get_kwargs(
        var=var,
        val=val,
        group_id=group_id,
        search_in=search_in,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient | Client,
    var: str,
    val: float | str,
    group_id: int | str | Unset = UNSET,
    search_in: SearchIn | Unset = UNSET,
) -> ClientIdReply | ClientNotFound | Failure | None:
    """Find a client by the value of a variable

     Searches the variables of clients, or those of deals on request.

    Args:
        var (str):
        val (float | str):
        group_id (int | str | Unset): Bot, group or channel inside a messenger, as the field
            `group_id` of connected_channels gives it; a number or a string, depending on the
            messenger.
        search_in (SearchIn | Unset): Whose variables are searched; those of clients where it is
            not given.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ClientIdReply | ClientNotFound | Failure
    """

    return (
        await asyncio_detailed(
            client=client,
            var=var,
            val=val,
            group_id=group_id,
            search_in=search_in,
        )
    ).parsed
