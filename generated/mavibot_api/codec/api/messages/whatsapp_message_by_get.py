from http import HTTPStatus
from typing import Any

import httpx

from ...client import AuthenticatedClient, Client
from ...models.acknowledgement import Acknowledgement
from ...models.attachment_type import AttachmentType
from ...models.failure import Failure
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    message_id: int | str | Unset = UNSET,
    whatsapp_bot_id: int | str | Unset = UNSET,
    attachment_url: str | Unset = UNSET,
    attachment_type: AttachmentType | Unset = UNSET,
    message: str | Unset = UNSET,
    phone: int | str,
    time_shift: float | Unset = UNSET,
    send_time: str | Unset = UNSET,
    value_phone: str | Unset = UNSET,
    value_message: str | Unset = UNSET,
    delimiter: str | Unset = UNSET,
    delimiter_value_client_id: str | Unset = UNSET,
    delimiter_value_phone: str | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    json_message_id: int | str | Unset
    if isinstance(message_id, Unset):
        json_message_id = UNSET
    else:
        json_message_id = message_id
    params["message_id"] = json_message_id

    json_whatsapp_bot_id: int | str | Unset
    if isinstance(whatsapp_bot_id, Unset):
        json_whatsapp_bot_id = UNSET
    else:
        json_whatsapp_bot_id = whatsapp_bot_id
    params["whatsapp_bot_id"] = json_whatsapp_bot_id

    params["attachment_url"] = attachment_url

    json_attachment_type: str | Unset = UNSET
    if not isinstance(attachment_type, Unset):
        json_attachment_type = attachment_type.value

    params["attachment_type"] = json_attachment_type

    params["message"] = message

    json_phone: int | str
    json_phone = phone
    params["phone"] = json_phone

    params["time_shift"] = time_shift

    params["send_time"] = send_time

    params["value_phone"] = value_phone

    params["value_message"] = value_message

    params["delimiter"] = delimiter

    params["delimiter_value_client_id"] = delimiter_value_client_id

    params["delimiter_value_phone"] = delimiter_value_phone

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/whatsapp_message",
        "params": params,
    }

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
    message_id: int | str | Unset = UNSET,
    whatsapp_bot_id: int | str | Unset = UNSET,
    attachment_url: str | Unset = UNSET,
    attachment_type: AttachmentType | Unset = UNSET,
    message: str | Unset = UNSET,
    phone: int | str,
    time_shift: float | Unset = UNSET,
    send_time: str | Unset = UNSET,
    value_phone: str | Unset = UNSET,
    value_message: str | Unset = UNSET,
    delimiter: str | Unset = UNSET,
    delimiter_value_client_id: str | Unset = UNSET,
    delimiter_value_phone: str | Unset = UNSET,
) -> Response[Acknowledgement | Failure | Failure]:
    """Send a WhatsApp message to a phone number (by GET)

     Sends a text, a file, or a block of the flow from a connected WhatsApp account. A text is needed
    unless a file or a block is sent.

    Args:
        message_id (int | str | Unset): Number of a block in the bot's flow, as get_messages lists
            them. It is not the number of a message in the history. The client is moved into the block
            and the block runs completely.
        whatsapp_bot_id (int | str | Unset): Bot, group or channel inside a messenger, as the
            field `group_id` of connected_channels gives it; a number or a string, depending on the
            messenger.
        attachment_url (str | Unset): Address of the file to attach.
        attachment_type (AttachmentType | Unset): How the messenger shows the attached file.
        message (str | Unset): Text that the client receives.
        phone (int | str): Phone number in any notation, as a string or a number.
        time_shift (float | Unset): Seconds from now after which the message goes out. It takes
            precedence over `send_time`.
        send_time (str | Unset): Date and time at which the message goes out, `YYYY-MM-DD
            HH:MM:SS` in the project's time zone (GMT+3 unless the project sets another). Ignored
            where `time_shift` is given.
        value_phone (str | Unset):
        value_message (str | Unset):
        delimiter (str | Unset):
        delimiter_value_client_id (str | Unset):
        delimiter_value_phone (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Acknowledgement | Failure | Failure]
    """

    kwargs = _get_kwargs(
        message_id=message_id,
        whatsapp_bot_id=whatsapp_bot_id,
        attachment_url=attachment_url,
        attachment_type=attachment_type,
        message=message,
        phone=phone,
        time_shift=time_shift,
        send_time=send_time,
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
    message_id: int | str | Unset = UNSET,
    whatsapp_bot_id: int | str | Unset = UNSET,
    attachment_url: str | Unset = UNSET,
    attachment_type: AttachmentType | Unset = UNSET,
    message: str | Unset = UNSET,
    phone: int | str,
    time_shift: float | Unset = UNSET,
    send_time: str | Unset = UNSET,
    value_phone: str | Unset = UNSET,
    value_message: str | Unset = UNSET,
    delimiter: str | Unset = UNSET,
    delimiter_value_client_id: str | Unset = UNSET,
    delimiter_value_phone: str | Unset = UNSET,
) -> Acknowledgement | Failure | Failure | None:
    """Send a WhatsApp message to a phone number (by GET)

     Sends a text, a file, or a block of the flow from a connected WhatsApp account. A text is needed
    unless a file or a block is sent.

    Args:
        message_id (int | str | Unset): Number of a block in the bot's flow, as get_messages lists
            them. It is not the number of a message in the history. The client is moved into the block
            and the block runs completely.
        whatsapp_bot_id (int | str | Unset): Bot, group or channel inside a messenger, as the
            field `group_id` of connected_channels gives it; a number or a string, depending on the
            messenger.
        attachment_url (str | Unset): Address of the file to attach.
        attachment_type (AttachmentType | Unset): How the messenger shows the attached file.
        message (str | Unset): Text that the client receives.
        phone (int | str): Phone number in any notation, as a string or a number.
        time_shift (float | Unset): Seconds from now after which the message goes out. It takes
            precedence over `send_time`.
        send_time (str | Unset): Date and time at which the message goes out, `YYYY-MM-DD
            HH:MM:SS` in the project's time zone (GMT+3 unless the project sets another). Ignored
            where `time_shift` is given.
        value_phone (str | Unset):
        value_message (str | Unset):
        delimiter (str | Unset):
        delimiter_value_client_id (str | Unset):
        delimiter_value_phone (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Acknowledgement | Failure | Failure
    """

    return sync_detailed(
        client=client,
        message_id=message_id,
        whatsapp_bot_id=whatsapp_bot_id,
        attachment_url=attachment_url,
        attachment_type=attachment_type,
        message=message,
        phone=phone,
        time_shift=time_shift,
        send_time=send_time,
        value_phone=value_phone,
        value_message=value_message,
        delimiter=delimiter,
        delimiter_value_client_id=delimiter_value_client_id,
        delimiter_value_phone=delimiter_value_phone,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient | Client,
    message_id: int | str | Unset = UNSET,
    whatsapp_bot_id: int | str | Unset = UNSET,
    attachment_url: str | Unset = UNSET,
    attachment_type: AttachmentType | Unset = UNSET,
    message: str | Unset = UNSET,
    phone: int | str,
    time_shift: float | Unset = UNSET,
    send_time: str | Unset = UNSET,
    value_phone: str | Unset = UNSET,
    value_message: str | Unset = UNSET,
    delimiter: str | Unset = UNSET,
    delimiter_value_client_id: str | Unset = UNSET,
    delimiter_value_phone: str | Unset = UNSET,
) -> Response[Acknowledgement | Failure | Failure]:
    """Send a WhatsApp message to a phone number (by GET)

     Sends a text, a file, or a block of the flow from a connected WhatsApp account. A text is needed
    unless a file or a block is sent.

    Args:
        message_id (int | str | Unset): Number of a block in the bot's flow, as get_messages lists
            them. It is not the number of a message in the history. The client is moved into the block
            and the block runs completely.
        whatsapp_bot_id (int | str | Unset): Bot, group or channel inside a messenger, as the
            field `group_id` of connected_channels gives it; a number or a string, depending on the
            messenger.
        attachment_url (str | Unset): Address of the file to attach.
        attachment_type (AttachmentType | Unset): How the messenger shows the attached file.
        message (str | Unset): Text that the client receives.
        phone (int | str): Phone number in any notation, as a string or a number.
        time_shift (float | Unset): Seconds from now after which the message goes out. It takes
            precedence over `send_time`.
        send_time (str | Unset): Date and time at which the message goes out, `YYYY-MM-DD
            HH:MM:SS` in the project's time zone (GMT+3 unless the project sets another). Ignored
            where `time_shift` is given.
        value_phone (str | Unset):
        value_message (str | Unset):
        delimiter (str | Unset):
        delimiter_value_client_id (str | Unset):
        delimiter_value_phone (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Acknowledgement | Failure | Failure]
    """

    kwargs = _get_kwargs(
        message_id=message_id,
        whatsapp_bot_id=whatsapp_bot_id,
        attachment_url=attachment_url,
        attachment_type=attachment_type,
        message=message,
        phone=phone,
        time_shift=time_shift,
        send_time=send_time,
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
    message_id: int | str | Unset = UNSET,
    whatsapp_bot_id: int | str | Unset = UNSET,
    attachment_url: str | Unset = UNSET,
    attachment_type: AttachmentType | Unset = UNSET,
    message: str | Unset = UNSET,
    phone: int | str,
    time_shift: float | Unset = UNSET,
    send_time: str | Unset = UNSET,
    value_phone: str | Unset = UNSET,
    value_message: str | Unset = UNSET,
    delimiter: str | Unset = UNSET,
    delimiter_value_client_id: str | Unset = UNSET,
    delimiter_value_phone: str | Unset = UNSET,
) -> Acknowledgement | Failure | Failure | None:
    """Send a WhatsApp message to a phone number (by GET)

     Sends a text, a file, or a block of the flow from a connected WhatsApp account. A text is needed
    unless a file or a block is sent.

    Args:
        message_id (int | str | Unset): Number of a block in the bot's flow, as get_messages lists
            them. It is not the number of a message in the history. The client is moved into the block
            and the block runs completely.
        whatsapp_bot_id (int | str | Unset): Bot, group or channel inside a messenger, as the
            field `group_id` of connected_channels gives it; a number or a string, depending on the
            messenger.
        attachment_url (str | Unset): Address of the file to attach.
        attachment_type (AttachmentType | Unset): How the messenger shows the attached file.
        message (str | Unset): Text that the client receives.
        phone (int | str): Phone number in any notation, as a string or a number.
        time_shift (float | Unset): Seconds from now after which the message goes out. It takes
            precedence over `send_time`.
        send_time (str | Unset): Date and time at which the message goes out, `YYYY-MM-DD
            HH:MM:SS` in the project's time zone (GMT+3 unless the project sets another). Ignored
            where `time_shift` is given.
        value_phone (str | Unset):
        value_message (str | Unset):
        delimiter (str | Unset):
        delimiter_value_client_id (str | Unset):
        delimiter_value_phone (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Acknowledgement | Failure | Failure
    """

    return (
        await asyncio_detailed(
            client=client,
            message_id=message_id,
            whatsapp_bot_id=whatsapp_bot_id,
            attachment_url=attachment_url,
            attachment_type=attachment_type,
            message=message,
            phone=phone,
            time_shift=time_shift,
            send_time=send_time,
            value_phone=value_phone,
            value_message=value_message,
            delimiter=delimiter,
            delimiter_value_client_id=delimiter_value_client_id,
            delimiter_value_phone=delimiter_value_phone,
        )
    ).parsed
