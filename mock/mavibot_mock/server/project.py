"""A project: what one customer of the platform owns, found by any of its keys."""

from __future__ import annotations

import sqlite3
import time
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from mavibot_mock.actions.jobs import JOBS
from mavibot_mock.server.faults import Faults
from mavibot_mock.server.feed import Feed
from mavibot_mock.server.jobs import Jobs
from mavibot_mock.server.journal import Journal
from mavibot_mock.server.limiter import Limiter
from mavibot_mock.state.facts import PERMISSIONS
from mavibot_mock.state.state import State
from mavibot_mock.state.store import Store
from mavibot_mock.state.store.database import check_file, from_json, storage_checked
from mavibot_mock.state.store.images import Images
from mavibot_mock.webhook.outbox import Outbox
from mavibot_mock.webhook.targets import check_target

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable
    from pathlib import Path
    from sqlite3 import Row
    from types import TracebackType

    from mavibot_mock.state.settings import Settings

#: The copy of the state to which a reset goes back.
SEED: Final = "seed"

_STATE: Final = "state.db"
_IMAGES: Final = "images"


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key of a project.

    Attributes:
        value: the key itself, as it stands in the address.
        permissions: what it may do, such as `clients:read`.
        revoked: whether it was deleted in the project settings.
        is_primary: whether it is the project's primary key, for which `#{api_key}` stands inside a bot.
        is_legacy: whether it was made before keys had permissions, and may do everything.
        name: its name in the control interface.
    """

    value: str = field(repr=False)
    permissions: frozenset[str]
    revoked: bool = False
    is_primary: bool = False
    is_legacy: bool = False
    name: str = ""


class Project(State):
    """One project: its state, with its keys, jobs, webhooks and journal; close it when it is no longer needed.

    Attributes:
        keys: its API keys by their value.
        images: copies of the state by name; `SEED` is the one to which a reset goes back.
        feed: tells what has changed.
        journal: the calls of its keys.
        faults: the faults that its calls meet.
        limiter: the limit on calls.
        outbox: what it posts to its webhook.
        jobs: what is scheduled for later.
    """

    def __init__(
        self,
        project_id: int,
        keys: Iterable[ApiKey] = (),
        *,
        clock: Callable[[], float] = time.time,
        folder: Path | None = None,
        like: Store | None = None,
    ) -> None:
        """Make a project, or open the one that a folder keeps.

        Args:
            project_id: id of the project.
            keys: API keys to add.
            clock: returns the time in Unix seconds; tests give one that they move.
            folder: where its state is kept, or `None` for memory.
            like: the state that a new project begins with, instead of an empty one.

        Raises:
            StorageError: the folder cannot be written.
            ValueError: what the folder keeps is not complete or belongs to another version of the mock, or another
                process uses it; the message names the file.
        """
        if folder is not None and not is_kept(folder):
            with closing(Store(like=like)) as state:
                write(folder, state)
        self.images: Final = Images(None if folder is None else folder / _IMAGES)
        if folder is not None:
            # Before anything is opened to write: what is refused stays as it is.
            check_file(folder / _STATE)
            self.images.check(SEED)
        super().__init__(project_id, clock=clock, path=None if folder is None else folder / _STATE, like=like)
        self.feed: Final = Feed()
        self.journal: Final = Journal(changed=self.feed.teller("calls"))
        self.faults: Final = Faults(changed=self.feed.teller("faults"))
        self.limiter: Final = Limiter()
        self.outbox: Final = Outbox(self, changed=self.feed.teller("webhooks"))
        self.jobs: Final = Jobs(self, JOBS, transaction=self.transaction, outbox=self.outbox)
        for key in keys:
            self.put_key(key)
        if folder is None:
            self.images.save(SEED, self.store)

    def load(self) -> None:
        """Read keys, settings and clock anew, after the database was replaced."""
        super().load()
        self.keys = self._kept_keys()

    @property
    def api_key(self) -> str | None:
        """Of the keys that are not revoked the first that may do most; `None` where there is none."""
        usable = (key for key in self.keys.values() if not key.revoked)
        best = max(usable, key=lambda key: len(key.permissions), default=None)
        return None if best is None else best.value

    @property
    def primary_key(self) -> str | None:
        """The primary key; `None` until one is designated."""
        return next((key.value for key in self.keys.values() if key.is_primary), None)

    def put_key(self, key: ApiKey) -> None:
        """Add a key, or change the one with its name; there is one primary key at most."""
        name = key.name or f"key-{len(self.keys) + 1}"
        permissions = None if key.is_legacy else key.permissions
        self.store.put_key(name, key.value, permissions, is_primary=key.is_primary, revoked=key.revoked)
        self.keys = self._kept_keys()

    def delete_key(self, name: str) -> None:
        """Delete a key; where it was the primary one, the project has none."""
        self.store.delete_key(name)
        self.keys = self._kept_keys()

    def _kept_keys(self) -> dict[str, ApiKey]:
        return {row["value"]: _api_key(row) for row in self.store.api_keys()}

    async def save(self, name: str) -> None:
        """Keep a copy of the state; calls of other projects are answered meanwhile."""
        await self.aside(lambda: self.images.save(name, self.store))
        self.feed.tell("state")

    def forget(self, name: str) -> None:
        """Delete a copy of the state."""
        self.images.delete(name)
        self.feed.tell("state")

    async def restore(self, name: str = SEED) -> None:
        """Go back to a copy of the state, at once and wholly; what went on since then is forgotten.

        Raises:
            KeyError: there is no such copy.
            ValueError: its file is not complete, or was written by another version of the mock.
        """
        await self.aside(lambda: self.images.restore(name, self.store), then=self.begin_anew)

    async def replace(self, state: Store) -> None:
        """Put a copy of another state in the place of this one, at once and wholly.

        Raises:
            ValueError: its webhook's address leads to another machine.
        """
        check_webhook(state, allowed=self.outbox.allowed_hosts)
        await self.aside(lambda: self.store.replace(state), then=self.begin_anew)

    def begin_anew(self) -> None:
        """Begin a new epoch with the state that there is now."""
        self.epoch += 1
        self.load()
        self.journal.clear()
        self.faults.clear()
        self.limiter.clear()
        self.outbox.reset()
        self.jobs.reset()
        self.feed.tell_all()

    def keep_clock(self) -> None:
        """Keep what the clock shows, after it was stopped, moved or started again."""
        super().keep_clock()
        self.feed.tell("clock")

    def configure(self, settings: Settings) -> None:
        """Change the settings.

        Raises:
            ValueError: there is no such time zone, or the webhook's address leads to another machine.
        """
        self.outbox.check(settings.webhook_url)
        super().configure(settings)

    def transaction(self) -> AbstractContextManager[None]:
        """Begin to keep all changes made inside and post their messages; none where an exception leaves the block."""
        return _Transaction(self)

    def close(self) -> None:
        """Give the state back to the operating system."""
        self.epoch += 1
        self.outbox.close()
        self.jobs.stop_timer()
        self.feed.tell_all()
        super().close()
        self.images.close()


class _Transaction(AbstractContextManager[None]):
    """A transaction of a project; a class, since every call has one and a generator takes twice the time."""

    def __init__(self, project: Project) -> None:
        self._project: Final = project
        self._before: Final = project.store.changes
        self._changes: Final = project.store.transaction()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        project = self._project
        try:
            self._changes.__exit__(kind, error, trace)
        except sqlite3.Error as failure:
            error = failure
        if error is None:
            if project.written:
                project.outbox.post(project.written)
                project.written.clear()
            project.jobs.watch()
            if project.store.changes != self._before:
                project.feed.tell("state")
            return
        project.written.clear()
        if isinstance(error, sqlite3.Error | OSError):
            with storage_checked():
                raise error


def write(folder: Path, state: Store) -> None:
    """Write what a folder keeps of a new project; its state comes last.

    Args:
        folder: the folder, which need not exist.
        state: what the project begins with, and goes back to at a reset.

    Raises:
        StorageError: the folder cannot be written.
    """
    Images(folder / _IMAGES).save(SEED, state)
    state.save(folder / _STATE)


def is_kept(folder: Path) -> bool:
    """Return True if a folder holds a project.

    Raises:
        ValueError: it holds what remains of one.
    """
    if (folder / _STATE).exists():
        return True
    if (folder / _IMAGES).exists():
        raise ValueError(f"{folder / _STATE}: is missing beside {_IMAGES}; put it back, or delete the folder to go on")
    return False


def check_webhook(state: Store, *, allowed: Collection[str]) -> None:
    """Check where a state posts its messages.

    Raises:
        ValueError: to another machine, whose name is not among those allowed.
    """
    url = state.fact("settings", {}).get("webhook_url")
    if url:
        check_target(url, allowed=allowed)


def _api_key(row: Row) -> ApiKey:
    is_legacy = row["permissions"] is None
    return ApiKey(
        row["value"],
        PERMISSIONS if is_legacy else frozenset(from_json(row["permissions"])),
        revoked=bool(row["revoked"]),
        is_primary=bool(row["is_primary"]),
        is_legacy=is_legacy,
        name=row["name"],
    )
