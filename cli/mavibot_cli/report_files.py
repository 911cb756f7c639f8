"""The report files of a conformance run: checked before the run, written after it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from mavibot_cli import terminal
from mavibot_cli.exits import UsageProblem
from mavibot_cli.output_files import check_writable
from mavibot_conformance.reports.files import write_results
from mavibot_conformance.reports.har import har as har_report
from mavibot_conformance.reports.junit import junit as junit_report
from mavibot_conformance.reports.ndjson import ndjson as ndjson_report

if TYPE_CHECKING:
    from mavibot_conformance.results import Results


class ReportFiles:
    """The reports that a user has asked for.

    Args:
        json: file of the results, or `None` for none.
        junit: file of the JUnit report, likewise.
        html: file of the page, likewise.
        har: file of the calls, likewise.
        ndjson: file of lines, likewise.

    Raises:
        UsageProblem: a file cannot be written; a long run should not end with this.
    """

    def __init__(
        self,
        *,
        json: Path | None = None,
        junit: Path | None = None,
        html: Path | None = None,
        har: Path | None = None,
        ndjson: Path | None = None,
    ) -> None:
        wanted: list[tuple[Path | None, Callable[[Results, Path], None]]] = [
            (json, write_results),
            (junit, _writing(junit_report)),
            (html, _write_page),
            (har, _writing(har_report)),
            (ndjson, _writing(ndjson_report)),
        ]
        self._files: Final = {file: write for file, write in wanted if file is not None}
        if len(self._files) < sum(file is not None for file, _ in wanted):
            raise UsageProblem("two reports would be written to the same file")
        if html is not None:
            from mavibot_conformance.reports import html as _  # noqa: F401, PLC0415 - shows that jinja2 is missing
        for file in self._files:
            _check(file)

    def write(self, results: Results) -> bool:
        """Write all reports; return False if one of them could not be written, which is reported."""
        written = True
        for file, write in self._files.items():
            try:
                with _as_usage(file):
                    write(results, file)
            except UsageProblem as problem:
                terminal.tell(f"mavibot conformance: {problem}")
                written = False
        return written


def _writing(report: Callable[[Results], str]) -> Callable[[Results, Path], None]:
    """Return what writes a report as a file."""

    def write(results: Results, file: Path) -> None:
        # A reply can contain an unpaired surrogate, which UTF-8 cannot.
        file.write_text(report(results), encoding="utf-8", errors="backslashreplace")

    return write


def _write_page(results: Results, file: Path) -> None:
    from mavibot_conformance.reports.html import page  # noqa: PLC0415 - needs jinja2

    file.write_text(page(results), encoding="utf-8", errors="replace")


def _check(file: Path) -> None:
    if not file.parent.is_dir():
        raise UsageProblem(f"{file}: there is no folder {file.parent}")
    with _as_usage(file):
        check_writable(file)


@contextmanager
def _as_usage(file: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise UsageProblem(f"{file}: cannot be written: {error.strerror}") from None
