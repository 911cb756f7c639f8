"""Plays the bot's flow: runs a block for a client, and finds the block into which a text leads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mavibot_mock.actions import history
from mavibot_mock.state.facts import ORIGINS
from mavibot_mock.state.store.database import from_json

if TYPE_CHECKING:
    from sqlite3 import Row

    from mavibot_mock.state.state import State


def run_block(
    state: State,
    client_id: int,
    block: Row,
    now: float,
    *,
    origin: int = ORIGINS["DIALOGUE"],
    error_message: str | None = None,
) -> int:
    """Move a client into a block, send its answer and return the id of the message.

    Args:
        state: the project's state.
        client_id: who gets the answer.
        block: a row of the project's blocks; one that pauses the bot does so for the client.
        now: when it runs, Unix seconds.
        origin: what the history gives as origin of the answer (`ORIGINS`); the default is assumed.
        error_message: why the answer cannot be delivered; `None` if deliverable.
    """
    state.store.move_to_block(client_id, block["id"], now=now)
    if block["paused"]:
        state.store.set_paused(client_id, paused=True, now=now)
    return history.send(
        state,
        client_id,
        text=block["answer"],
        now=now,
        attachments=None if block["attachments"] is None else from_json(block["attachments"]),
        buttons=None if block["buttons"] is None else from_json(block["buttons"]),
        block_id=block["id"],
        origin=origin,
        error_message=error_message,
    )


def react(state: State, client_id: int, text: str, now: float) -> int | None:
    """Run the block into which a text leads and return the number of its message.

    Nothing happens where no block has this condition, or where the bot is paused for the client (assumed).

    Args:
        state: the project's state.
        client_id: who wrote it, or the client of the callback.
        text: what was written.
        now: when, Unix seconds.
    """
    block = state.store.block_for(text)
    client = state.store.client(client_id)
    if block is None or client is None or client["paused"]:
        return None
    return run_block(state, client_id, block, now)
