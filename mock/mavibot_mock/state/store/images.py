"""Copies of a project's whole state by name: in memory, or as files beside its database."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mavibot_mock.state.store.database import Database, check_file, storage_checked

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_SUFFIX: Final = ".db"


class Images:
    """The copies of one project's state."""

    def __init__(self, folder: Path | None = None) -> None:
        """Find the copies that there are.

        Args:
            folder: where they are kept, or `None` for memory.
        """
        self._folder: Final = folder
        self._kept: Final[dict[str, Database]] = {}

    def __iter__(self) -> Iterator[str]:
        """Go through the names, in their order."""
        names = self._kept if self._folder is None else [path.stem for path in self._folder.glob(f"*{_SUFFIX}")]
        return iter(sorted(names))

    def save(self, name: str, store: Database) -> None:
        """Copy the state under a name; a copy that has it already is replaced."""
        if self._folder is not None:
            with storage_checked():
                self._folder.mkdir(parents=True, exist_ok=True)
            store.save(self._path(self._folder, name))
        elif name in self._kept:
            self._kept[name].replace(store)
        else:
            self._kept[name] = Database(like=store)

    def restore(self, name: str, store: Database) -> None:
        """Put a copy in the place of the state.

        Raises:
            KeyError: there is no such copy.
            ValueError: its file is not complete, or was written by another version of the mock.
        """
        if name not in self:
            raise KeyError(name)
        if self._folder is not None:
            store.load(self._path(self._folder, name))
        else:
            store.replace(self._kept[name])

    def check(self, name: str) -> None:
        """Check whether a copy is there and complete.

        Raises:
            ValueError: it is not; the message names its file.
        """
        if self._folder is not None:
            check_file(self._path(self._folder, name))

    def delete(self, name: str) -> None:
        """Forget a copy; there need be none."""
        if self._folder is not None:
            self._path(self._folder, name).unlink(missing_ok=True)
        elif name in self._kept:
            self._kept.pop(name).close()

    def close(self) -> None:
        """Give memory back; files stay."""
        for image in self._kept.values():
            image.close()
        self._kept.clear()

    @staticmethod
    def _path(folder: Path, name: str) -> Path:
        return folder / f"{name}{_SUFFIX}"
