from http import HTTPStatus
from typing import Any

import httpx

from ...client import AuthenticatedClient, Client
from ...models.failure import Failure
from ...models.messenger import Messenger
from ...models.subscriber import Subscriber
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    page: int | Unset = 0,
    tag: str | Unset = UNSET,
    group: int | str | Unset = UNSET,
    date_from: float | Unset = UNSET,
    date_to: float | Unset = UNSET,
    client_type: int | Messenger | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    params["page"] = page

    params["tag"] = tag

    json_group: int | str | Unset
    if isinstance(group, Unset):
        json_group = UNSET
    else:
        json_group = group
    params["group"] = json_group

    params["date_from"] = date_from

    params["date_to"] = date_to

    json_client_type: int | Unset
    if isinstance(client_type, Unset):
        json_client_type = UNSET
    elif isinstance(client_type, Messenger):
        json_client_type = client_type.value
    else:
        json_client_type = client_type
    params["client_type"] = json_client_type

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/subscribers",
        "params": params,
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Failure | list[Subscriber]:
    if response.status_code == 200:
        response_200 = []
        _response_200 = response.json()
        for response_200_item_data in _response_200:
            response_200_item = Subscriber.from_dict(response_200_item_data)

            response_200.append(response_200_item)

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
) -> Response[Failure | list[Subscriber]]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient | Client,
    page: int | Unset = 0,
    tag: str | Unset = UNSET,
    group: int | str | Unset = UNSET,
    date_from: float | Unset = UNSET,
    date_to: float | Unset = UNSET,
    client_type: int | Messenger | Unset = UNSET,
) -> Response[Failure | list[Subscriber]]:
    """List the subscribers of a messenger

     Lists clients of one messenger or of all, a thousand a page; pages count from 0.

    Args:
        page (int | Unset):  Default: 0.
        tag (str | Unset):
        group (int | str | Unset): Bot, group or channel inside a messenger, as the field
            `group_id` of connected_channels gives it; a number or a string, depending on the
            messenger.
        date_from (float | Unset):
        date_to (float | Unset):
        client_type (int | Messenger | Unset): Messenger of the client. Numbers that this table
            does not name may exist.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Failure | list[Subscriber]]
    """

    kwargs = _get_kwargs(
        page=page,
        tag=tag,
        group=group,
        date_from=date_from,
        date_to=date_to,
        client_type=client_type,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient | Client,
    page: int | Unset = 0,
    tag: str | Unset = UNSET,
    group: int | str | Unset = UNSET,
    date_from: float | Unset = UNSET,
    date_to: float | Unset = UNSET,
    client_type: int | Messenger | Unset = UNSET,
) -> Failure | list[Subscriber] | None:
    """List the subscribers of a messenger

     Lists clients of one messenger or of all, a thousand a page; pages count from 0.

    Args:
        page (int | Unset):  Default: 0.
        tag (str | Unset):
        group (int | str | Unset): Bot, group or channel inside a messenger, as the field
            `group_id` of connected_channels gives it; a number or a string, depending on the
            messenger.
        date_from (float | Unset):
        date_to (float | Unset):
        client_type (int | Messenger | Unset): Messenger of the client. Numbers that this table
            does not name may exist.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Failure | list[Subscriber]
    """

    return sync_detailed(
        client=client,
        page=page,
        tag=tag,
        group=group,
        date_from=date_from,
        date_to=date_to,
        client_type=client_type,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient | Client,
    page: int | Unset = 0,
    tag: str | Unset = UNSET,
    group: int | str | Unset = UNSET,
    date_from: float | Unset = UNSET,
    date_to: float | Unset = UNSET,
    client_type: int | Messenger | Unset = UNSET,
) -> Response[Failure | list[Subscriber]]:
    """List the subscribers of a messenger

     Lists clients of one messenger or of all, a thousand a page; pages count from 0.

    Args:
        page (int | Unset):  Default: 0.
        tag (str | Unset):
        group (int | str | Unset): Bot, group or channel inside a messenger, as the field
            `group_id` of connected_channels gives it; a number or a string, depending on the
            messenger.
        date_from (float | Unset):
        date_to (float | Unset):
        client_type (int | Messenger | Unset): Messenger of the client. Numbers that this table
            does not name may exist.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Failure | list[Subscriber]]
    """

    kwargs = _get_kwargs(
        page=page,
        tag=tag,
        group=group,
        date_from=date_from,
        date_to=date_to,
        client_type=client_type,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient | Client,
    page: int | Unset = 0,
    tag: str | Unset = UNSET,
    group: int | str | Unset = UNSET,
    date_from: float | Unset = UNSET,
    date_to: float | Unset = UNSET,
    client_type: int | Messenger | Unset = UNSET,
) -> Failure | list[Subscriber] | None:
    """List the subscribers of a messenger

     Lists clients of one messenger or of all, a thousand a page; pages count from 0.

    Args:
        page (int | Unset):  Default: 0.
        tag (str | Unset):
        group (int | str | Unset): Bot, group or channel inside a messenger, as the field
            `group_id` of connected_channels gives it; a number or a string, depending on the
            messenger.
        date_from (float | Unset):
        date_to (float | Unset):
        client_type (int | Messenger | Unset): Messenger of the client. Numbers that this table
            does not name may exist.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Failure | list[Subscriber]
    """

    return (
        await asyncio_detailed(
            client=client,
            page=page,
            tag=tag,
            group=group,
            date_from=date_from,
            date_to=date_to,
            client_type=client_type,
        )
    ).parsed
