"""The stream of events that keeps an open page up to date, bounded whatever happens in the project."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

import orjson

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from mavibot_mock.server.platform import Platform
    from mavibot_mock.server.project import Project

#: Least seconds between two events: what happens in between goes into one.
SHORTEST_PAUSE: Final = 0.25
#: A line after so long without an event shows who has gone.
_SIGN_OF_LIFE: Final = 15.0
#: How long a browser that lost the stream waits before it asks again, seconds.
_RETRY: Final = 1


async def events(platform: Platform, project: Project, place: str) -> AsyncIterator[bytes]:
    """Yield an event for what has changed since a place in the project's feed, and so on until the project is gone.

    An event holds the names of the topics; its id is the place, from which a browser that lost the stream goes on.
    """
    feed = project.feed
    yield b"retry: %d\n\n" % (_RETRY * 1000)
    while platform.projects.get(project.id) is project:
        topics = feed.topics_since(place)
        if topics:
            place = feed.place
            yield b"id: %s\ndata: %s\n\n" % (place.encode(), orjson.dumps(topics))
            await asyncio.sleep(SHORTEST_PAUSE)
        elif not await feed.wait(place, timeout=_SIGN_OF_LIFE):
            yield b": nothing new\n\n"
