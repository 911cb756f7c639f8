from http import HTTPStatus
from typing import Any

import httpx

from ...client import AuthenticatedClient, Client
from ...models.acknowledgement import Acknowledgement
from ...models.failure import Failure
from ...models.whatsapp_message_parameters import WhatsappMessageParameters
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    body: WhatsappMessageParameters,
    value_phone: str | Unset = UNSET,
    value_message: str | Unset = UNSET,
    delimiter: str | Unset = UNSET,
    delimiter_value_client_id: str | Unset = UNSET,
    delimiter_value_phone: str | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}

    params: dict[str, Any] = {}

    params["value_phone"] = value_phone

    params["value_message"] = value_message

    params["delimiter"] = delimiter

    params["delimiter_value_client_id"] = delimiter_value_client_id

    params["delimiter_value_phone"] = delimiter_value_phone

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/whatsapp_message",
        "params": params,
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Acknowledgement | Failure | Failure:
    if response.status_code == 200:

        def _parse_response_200(data: object) -> Acknowledgement | Failure:
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                response_200_type_0 = Acknowledgement.from_dict(data)

                return response_200_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            if not isinstance(data, dict):
                raise TypeError()
            response_200_type_1 = Failure.from_dict(data)

            return response_200_type_1

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
) -> Response[Acknowledgement | Failure | Failure]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient | Client,
    body: WhatsappMessageParameters,
    value_phone: str | Unset = UNSET,
    value_message: str | Unset = UNSET,
    delimiter: str | Unset = UNSET,
    delimiter_value_client_id: str | Unset = UNSET,
    delimiter_value_phone: str | Unset = UNSET,
) -> Response[Acknowledgement | Failure | Failure]:
    """Send a WhatsApp message to a phone number

     Sends a text, a file, or a block of the flow from a connected WhatsApp account. A text is needed
    unless a file or a block is sent.

    Args:
        value_phone (str | Unset):
        value_message (str | Unset):
        delimiter (str | Unset):
        delimiter_value_client_id (str | Unset):
        delimiter_value_phone (str | Unset):
        body (WhatsappMessageParameters):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Acknowledgement | Failure | Failure]
    """

    kwargs = _get_kwargs(
        body=body,
        value_phone=value_phone,
        value_message=value_message,
        delimiter=delimiter,
        delimiter_value_client_id=delimiter_value_client_id,
        delimiter_value_phone=delimiter_value_phone,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient | Client,
    body: WhatsappMessageParameters,
    value_phone: str | Unset = UNSET,
    value_message: str | Unset = UNSET,
    delimiter: str | Unset = UNSET,
    delimiter_value_client_id: str | Unset = UNSET,
    delimiter_value_phone: str | Unset = UNSET,
) -> Acknowledgement | Failure | Failure | None:
    """Send a WhatsApp message to a phone number

     Sends a text, a file, or a block of the flow from a connected WhatsApp account. A text is needed
    unless a file or a block is sent.

    Args:
        value_phone (str | Unset):
        value_message (str | Unset):
        delimiter (str | Unset):
        delimiter_value_client_id (str | Unset):
        delimiter_value_phone (str | Unset):
        body (WhatsappMessageParameters):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Acknowledgement | Failure | Failure
    """

    return sync_detailed(
        client=client,
        body=body,
        value_phone=value_phone,
        value_message=value_message,
        delimiter=delimiter,
        delimiter_value_client_id=delimiter_value_client_id,
        delimiter_value_phone=delimiter_value_phone,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient | Client,
    body: WhatsappMessageParameters,
    value_phone: str | Unset = UNSET,
    value_message: str | Unset = UNSET,
    delimiter: str | Unset = UNSET,
    delimiter_value_client_id: str | Unset = UNSET,
    delimiter_value_phone: str | Unset = UNSET,
) -> Response[Acknowledgement | Failure | Failure]:
    """Send a WhatsApp message to a phone number

     Sends a text, a file, or a block of the flow from a connected WhatsApp account. A text is needed
    unless a file or a block is sent.

    Args:
        value_phone (str | Unset):
        value_message (str | Unset):
        delimiter (str | Unset):
        delimiter_value_client_id (str | Unset):
        delimiter_value_phone (str | Unset):
        body (WhatsappMessageParameters):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Acknowledgement | Failure | Failure]
    """

    kwargs = _get_kwargs(
        body=body,
        value_phone=value_phone,
        value_message=value_message,
        delimiter=delimiter,
        delimiter_value_client_id=delimiter_value_client_id,
        delimiter_value_phone=delimiter_value_phone,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient | Client,
    body: WhatsappMessageParameters,
    value_phone: str | Unset = UNSET,
    value_message: str | Unset = UNSET,
    delimiter: str | Unset = UNSET,
    delimiter_value_client_id: str | Unset = UNSET,
    delimiter_value_phone: str | Unset = UNSET,
) -> Acknowledgement | Failure | Failure | None:
    """Send a WhatsApp message to a phone number

     Sends a text, a file, or a block of the flow from a connected WhatsApp account. A text is needed
    unless a file or a block is sent.

    Args:
        value_phone (str | Unset):
        value_message (str | Unset):
        delimiter (str | Unset):
        delimiter_value_client_id (str | Unset):
        delimiter_value_phone (str | Unset):
        body (WhatsappMessageParameters):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Acknowledgement | Failure | Failure
    """

    return (
        await asyncio_detailed(
            client=client,
            body=body,
            value_phone=value_phone,
            value_message=value_message,
            delimiter=delimiter,
            delimiter_value_client_id=delimiter_value_client_id,
            delimiter_value_phone=delimiter_value_phone,
        )
    ).parsed
