from http import HTTPStatus
from typing import Any

import httpx

from ...client import AuthenticatedClient, Client
from ...models.acknowledgement import Acknowledgement
from ...models.attachment_type import AttachmentType
from ...models.client_not_found import ClientNotFound
from ...models.failure import Failure
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    message_id: int | str | Unset = UNSET,
    message: str | Unset = UNSET,
    client_id: int | str,
    attachment_type: AttachmentType | Unset = UNSET,
    attachment_url: str | Unset = UNSET,
    project_id: int | str | Unset = UNSET,
    time_shift: float | Unset = UNSET,
    send_time: str | Unset = UNSET,
    value_client_id: str | Unset = UNSET,
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

    params["message"] = message

    json_client_id: int | str
    json_client_id = client_id
    params["client_id"] = json_client_id

    json_attachment_type: str | Unset = UNSET
    if not isinstance(attachment_type, Unset):
        json_attachment_type = attachment_type.value

    params["attachment_type"] = json_attachment_type

    params["attachment_url"] = attachment_url

    json_project_id: int | str | Unset
    if isinstance(project_id, Unset):
        json_project_id = UNSET
    else:
        json_project_id = project_id
    params["project_id"] = json_project_id

    params["time_shift"] = time_shift

    params["send_time"] = send_time

    params["value_client_id"] = value_client_id

    params["value_message"] = value_message

    params["delimiter"] = delimiter

    params["delimiter_value_client_id"] = delimiter_value_client_id

    params["delimiter_value_phone"] = delimiter_value_phone

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/message",
        "params": params,
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Acknowledgement | Failure | ClientNotFound | Failure | Failure:
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

    if response.status_code == 404:

        def _parse_response_404(data: object) -> ClientNotFound | Failure:
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                response_404_type_0 = ClientNotFound.from_dict(data)

                return response_404_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            if not isinstance(data, dict):
                raise TypeError()
            response_404_type_1 = Failure.from_dict(data)

            return response_404_type_1

        response_404 = _parse_response_404(response.json())

        return response_404

    if response.status_code == 429:
        response_429 = Failure.from_dict(response.json())

        return response_429

    response_default = Failure.from_dict(response.json())

    return response_default


def _build_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Response[Acknowledgement | Failure | ClientNotFound | Failure | Failure]:
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
    message: str | Unset = UNSET,
    client_id: int | str,
    attachment_type: AttachmentType | Unset = UNSET,
    attachment_url: str | Unset = UNSET,
    project_id: int | str | Unset = UNSET,
    time_shift: float | Unset = UNSET,
    send_time: str | Unset = UNSET,
    value_client_id: str | Unset = UNSET,
    value_message: str | Unset = UNSET,
    delimiter: str | Unset = UNSET,
    delimiter_value_client_id: str | Unset = UNSET,
    delimiter_value_phone: str | Unset = UNSET,
) -> Response[Acknowledgement | Failure | ClientNotFound | Failure | Failure]:
    """Send a message to a client (by GET)

     Sends a text, a file, or a block of the flow. A text is needed unless a file or a block is sent.
    Unlike a callback, further parameters are not saved.

    Args:
        message_id (int | str | Unset): Number of a block in the bot's flow, as get_messages lists
            them. It is not the number of a message in the history. The client is moved into the block
            and the block runs completely.
        message (str | Unset): Text that the client receives.
        client_id (int | str): Number of the client in the builder, as a number or as a string of
            digits. It is not the client's id in the messenger.
        attachment_type (AttachmentType | Unset): How the messenger shows the attached file.
        attachment_url (str | Unset): Address of the file to attach.
        project_id (int | str | Unset): Number of the project; sent by some, without effect.
        time_shift (float | Unset): Seconds from now after which the message goes out. It takes
            precedence over `send_time`.
        send_time (str | Unset): Date and time at which the message goes out, `YYYY-MM-DD
            HH:MM:SS` in the project's time zone (GMT+3 unless the project sets another). Ignored
            where `time_shift` is given.
        value_client_id (str | Unset):
        value_message (str | Unset):
        delimiter (str | Unset):
        delimiter_value_client_id (str | Unset):
        delimiter_value_phone (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Acknowledgement | Failure | ClientNotFound | Failure | Failure]
    """

    kwargs = _get_kwargs(
        message_id=message_id,
        message=message,
        client_id=client_id,
        attachment_type=attachment_type,
        attachment_url=attachment_url,
        project_id=project_id,
        time_shift=time_shift,
        send_time=send_time,
        value_client_id=value_client_id,
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
    message: str | Unset = UNSET,
    client_id: int | str,
    attachment_type: AttachmentType | Unset = UNSET,
    attachment_url: str | Unset = UNSET,
    project_id: int | str | Unset = UNSET,
    time_shift: float | Unset = UNSET,
    send_time: str | Unset = UNSET,
    value_client_id: str | Unset = UNSET,
    value_message: str | Unset = UNSET,
    delimiter: str | Unset = UNSET,
    delimiter_value_client_id: str | Unset = UNSET,
    delimiter_value_phone: str | Unset = UNSET,
) -> Acknowledgement | Failure | ClientNotFound | Failure | Failure | None:
    """Send a message to a client (by GET)

     Sends a text, a file, or a block of the flow. A text is needed unless a file or a block is sent.
    Unlike a callback, further parameters are not saved.

    Args:
        message_id (int | str | Unset): Number of a block in the bot's flow, as get_messages lists
            them. It is not the number of a message in the history. The client is moved into the block
            and the block runs completely.
        message (str | Unset): Text that the client receives.
        client_id (int | str): Number of the client in the builder, as a number or as a string of
            digits. It is not the client's id in the messenger.
        attachment_type (AttachmentType | Unset): How the messenger shows the attached file.
        attachment_url (str | Unset): Address of the file to attach.
        project_id (int | str | Unset): Number of the project; sent by some, without effect.
        time_shift (float | Unset): Seconds from now after which the message goes out. It takes
            precedence over `send_time`.
        send_time (str | Unset): Date and time at which the message goes out, `YYYY-MM-DD
            HH:MM:SS` in the project's time zone (GMT+3 unless the project sets another). Ignored
            where `time_shift` is given.
        value_client_id (str | Unset):
        value_message (str | Unset):
        delimiter (str | Unset):
        delimiter_value_client_id (str | Unset):
        delimiter_value_phone (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Acknowledgement | Failure | ClientNotFound | Failure | Failure
    """

    return sync_detailed(
        client=client,
        message_id=message_id,
        message=message,
        client_id=client_id,
        attachment_type=attachment_type,
        attachment_url=attachment_url,
        project_id=project_id,
        time_shift=time_shift,
        send_time=send_time,
        value_client_id=value_client_id,
        value_message=value_message,
        delimiter=delimiter,
        delimiter_value_client_id=delimiter_value_client_id,
        delimiter_value_phone=delimiter_value_phone,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient | Client,
    message_id: int | str | Unset = UNSET,
    message: str | Unset = UNSET,
    client_id: int | str,
    attachment_type: AttachmentType | Unset = UNSET,
    attachment_url: str | Unset = UNSET,
    project_id: int | str | Unset = UNSET,
    time_shift: float | Unset = UNSET,
    send_time: str | Unset = UNSET,
    value_client_id: str | Unset = UNSET,
    value_message: str | Unset = UNSET,
    delimiter: str | Unset = UNSET,
    delimiter_value_client_id: str | Unset = UNSET,
    delimiter_value_phone: str | Unset = UNSET,
) -> Response[Acknowledgement | Failure | ClientNotFound | Failure | Failure]:
    """Send a message to a client (by GET)

     Sends a text, a file, or a block of the flow. A text is needed unless a file or a block is sent.
    Unlike a callback, further parameters are not saved.

    Args:
        message_id (int | str | Unset): Number of a block in the bot's flow, as get_messages lists
            them. It is not the number of a message in the history. The client is moved into the block
            and the block runs completely.
        message (str | Unset): Text that the client receives.
        client_id (int | str): Number of the client in the builder, as a number or as a string of
            digits. It is not the client's id in the messenger.
        attachment_type (AttachmentType | Unset): How the messenger shows the attached file.
        attachment_url (str | Unset): Address of the file to attach.
        project_id (int | str | Unset): Number of the project; sent by some, without effect.
        time_shift (float | Unset): Seconds from now after which the message goes out. It takes
            precedence over `send_time`.
        send_time (str | Unset): Date and time at which the message goes out, `YYYY-MM-DD
            HH:MM:SS` in the project's time zone (GMT+3 unless the project sets another). Ignored
            where `time_shift` is given.
        value_client_id (str | Unset):
        value_message (str | Unset):
        delimiter (str | Unset):
        delimiter_value_client_id (str | Unset):
        delimiter_value_phone (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Acknowledgement | Failure | ClientNotFound | Failure | Failure]
    """

    kwargs = _get_kwargs(
        message_id=message_id,
        message=message,
        client_id=client_id,
        attachment_type=attachment_type,
        attachment_url=attachment_url,
        project_id=project_id,
        time_shift=time_shift,
        send_time=send_time,
        value_client_id=value_client_id,
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
    message: str | Unset = UNSET,
    client_id: int | str,
    attachment_type: AttachmentType | Unset = UNSET,
    attachment_url: str | Unset = UNSET,
    project_id: int | str | Unset = UNSET,
    time_shift: float | Unset = UNSET,
    send_time: str | Unset = UNSET,
    value_client_id: str | Unset = UNSET,
    value_message: str | Unset = UNSET,
    delimiter: str | Unset = UNSET,
    delimiter_value_client_id: str | Unset = UNSET,
    delimiter_value_phone: str | Unset = UNSET,
) -> Acknowledgement | Failure | ClientNotFound | Failure | Failure | None:
    """Send a message to a client (by GET)

     Sends a text, a file, or a block of the flow. A text is needed unless a file or a block is sent.
    Unlike a callback, further parameters are not saved.

    Args:
        message_id (int | str | Unset): Number of a block in the bot's flow, as get_messages lists
            them. It is not the number of a message in the history. The client is moved into the block
            and the block runs completely.
        message (str | Unset): Text that the client receives.
        client_id (int | str): Number of the client in the builder, as a number or as a string of
            digits. It is not the client's id in the messenger.
        attachment_type (AttachmentType | Unset): How the messenger shows the attached file.
        attachment_url (str | Unset): Address of the file to attach.
        project_id (int | str | Unset): Number of the project; sent by some, without effect.
        time_shift (float | Unset): Seconds from now after which the message goes out. It takes
            precedence over `send_time`.
        send_time (str | Unset): Date and time at which the message goes out, `YYYY-MM-DD
            HH:MM:SS` in the project's time zone (GMT+3 unless the project sets another). Ignored
            where `time_shift` is given.
        value_client_id (str | Unset):
        value_message (str | Unset):
        delimiter (str | Unset):
        delimiter_value_client_id (str | Unset):
        delimiter_value_phone (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Acknowledgement | Failure | ClientNotFound | Failure | Failure
    """

    return (
        await asyncio_detailed(
            client=client,
            message_id=message_id,
            message=message,
            client_id=client_id,
            attachment_type=attachment_type,
            attachment_url=attachment_url,
            project_id=project_id,
            time_shift=time_shift,
            send_time=send_time,
            value_client_id=value_client_id,
            value_message=value_message,
            delimiter=delimiter,
            delimiter_value_client_id=delimiter_value_client_id,
            delimiter_value_phone=delimiter_value_phone,
        )
    ).parsed
