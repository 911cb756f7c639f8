"""The whole stand-in platform: the projects of one server, found by id or by any of their keys."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Final

from mavibot_mock.server.journal import Journal
from mavibot_mock.server.project import Project, check_webhook, is_kept, write
from mavibot_mock.state.store.database import StorageError, storage_checked

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from pathlib import Path

    from mavibot_mock.server.project import ApiKey
    from mavibot_mock.state.store import Store

#: Suffix of the folder of a project that is being made or deleted.
_UNFINISHED: Final = ".unfinished"


class TakenKeyError(ValueError):
    """Another project has the key."""

    def __init__(self) -> None:
        super().__init__("keys: another project has this key; leave the value out to get a new one")


class Platform:
    """The projects of one server.

    Attributes:
        projects: by id.
        journal: calls with a key that belongs to no project.
        removed: folders of projects that were never finished, or not wholly deleted, when the process ended.
    """

    def __init__(
        self,
        projects: Iterable[Project] = (),
        *,
        directory: Path | None = None,
        webhook_hosts: Collection[str] = (),
    ) -> None:
        """Serve some projects, and those that a directory keeps.

        Args:
            projects: what to serve.
            directory: where projects that are made here are kept, a folder each; `None` for memory.
            webhook_hosts: hosts beyond this machine to which webhooks may go.

        Raises:
            ValueError: two projects share a key or an id; or the directory belongs to another version of the mock,
                or another process uses it.
        """
        self.projects: Final[dict[int, Project]] = {}
        self.journal: Final = Journal()
        self.removed: Final[list[Path]] = []
        # A key stays its project's as long as that exists, so that no snapshot can bring it back to find it taken.
        self._owners: Final[dict[str, Project]] = {}
        self._directory: Final = directory
        self._webhook_hosts: Final = frozenset(host.lower() for host in webhook_hosts)
        for project in projects:
            self.add(project)
        self._last = max(self.projects, default=0)
        if directory is not None:
            directory.mkdir(parents=True, exist_ok=True)
            try:
                self._open(directory)
            except BaseException:
                self.close()
                raise

    def _open(self, directory: Path) -> None:
        for number in sorted(int(folder.name) for folder in directory.iterdir() if folder.name.isdecimal()):
            self._last = max(self._last, number)
            if is_kept(directory / str(number)):
                self.add(Project(number, folder=directory / str(number)))
        # No other server is at work here, or one of the projects would have been locked.
        for folder in sorted(directory.glob(f"*{_UNFINISHED}")):
            if folder.stem.isdecimal():
                shutil.rmtree(folder, ignore_errors=True)
                self.removed.append(folder)

    def add(self, project: Project) -> None:
        """Serve one more project.

        Raises:
            ValueError: another project has its id or one of its keys.
        """
        if project.id in self.projects:
            raise ValueError(f"two projects have the number {project.id}")
        self.claim(project, project.keys)
        self.projects[project.id] = project
        project.outbox.allowed_hosts |= self._webhook_hosts

    def create(self, state: Store) -> Project:
        """Make a project that begins with a copy of a state, and serve it.

        Raises:
            StorageError: the directory cannot be written.
            TakenKeyError: another project has one of its keys.
            ValueError: its webhook's address leads to another machine.
        """
        check_webhook(state, allowed=self._webhook_hosts)
        if not self._owners.keys().isdisjoint(row["value"] for row in state.api_keys()):
            raise TakenKeyError
        number = self._last + 1
        folder = None if self._directory is None else self._directory / str(number)
        if folder is not None:
            self._write(folder, state)
        project = Project(number, folder=folder, like=state)
        self._last = number
        self.add(project)
        return project

    @staticmethod
    def _write(folder: Path, state: Store) -> None:
        """Write a new project: it is there wholly or not at all."""
        unfinished = folder.with_suffix(_UNFINISHED)
        try:
            write(unfinished, state)
            with storage_checked():
                unfinished.rename(folder)
        except StorageError:
            shutil.rmtree(unfinished, ignore_errors=True)
            raise

    def claim(self, project: Project, keys: Iterable[str]) -> None:
        """Keep keys for a project.

        Raises:
            TakenKeyError: another project has one of them.
        """
        values = list(keys)
        if any(self._owners.get(value, project) is not project for value in values):
            raise TakenKeyError
        self._owners.update(dict.fromkeys(values, project))

    def find(self, key: str) -> tuple[Project, ApiKey] | None:
        """Return the project to which a key belongs, and what the key may do."""
        project = self._owners.get(key)
        if project is None or key not in project.keys:
            return None
        return project, project.keys[key]

    def remove(self, project: Project) -> None:
        """Serve a project no longer, close it and delete what the directory keeps of it."""
        del self.projects[project.id]
        for value in [value for value, owner in self._owners.items() if owner is project]:
            del self._owners[value]
        project.close()
        if self._directory is not None:
            folder = self._directory / str(project.id)
            with storage_checked():
                # It goes by one rename too.
                gone = folder.rename(folder.with_suffix(_UNFINISHED))
            shutil.rmtree(gone, ignore_errors=True)

    def close(self) -> None:
        """Close all projects; what the directory keeps stays."""
        for project in self.projects.values():
            project.close()
