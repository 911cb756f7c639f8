"""The documentation site builds strictly, and works in a browser that reaches nothing but this machine."""

from __future__ import annotations

import re
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.running import serving

from docsite.__main__ import build
from docsite.links import relinked

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.heavy


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    assert build(folder) == 0
    return folder / "html"


@pytest.fixture
def page(browser: Browser, site: Path) -> Iterator[Page]:
    """Return the first page of the site; at the end nothing may have gone wrong, and no other host been asked."""
    complaints: list[str] = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(site)))
    address = f"http://127.0.0.1:{server.server_port}/"
    with serving(server):
        context = browser.new_context(viewport={"width": 1280, "height": 800}, color_scheme="light", base_url=address)
        page = context.new_page()
        page.set_default_timeout(60_000)
        page.on("pageerror", lambda error: complaints.append(f"error: {error}"))
        page.on(
            "response", lambda reply: None if reply.status < 400 else complaints.append(f"{reply.status}: {reply.url}")
        )
        page.on(
            "request",
            lambda request: (
                None
                if request.url.startswith((address, "data:", "blob:"))
                else complaints.append(f"outside: {request.url}")
            ),
        )
        page.goto("/")
        page.wait_for_load_state("networkidle")
        yield page
        context.close()
    assert not complaints


def _has_scheme(page: Page, scheme: str) -> None:
    page.locator(f"body[data-md-color-scheme='{scheme}']").wait_for()


def test_the_search_finds_an_action(page: Page) -> None:
    page.locator("button.md-search__button").click()
    page.get_by_role("combobox", name="Search").fill("send_callback_by_platform_id")
    page.get_by_role("option").first.click()
    page.wait_for_url("**/reference/actions/bot/**")
    page.locator("h2#send_callback_by_platform_id").wait_for()


def test_dark_mode_is_kept(page: Page) -> None:
    _has_scheme(page, "default")
    page.locator("label[title='Switch to dark mode']:visible").click()
    _has_scheme(page, "slate")
    page.goto("/explanation/architecture/")
    _has_scheme(page, "slate")
    assert page.locator("img.diagram").evaluate_all("all => all.every(each => each.naturalWidth > 0)")


def test_the_contract_is_on_the_site(page: Page) -> None:
    assert page.request.get("/openapi.json").json()["openapi"].startswith("3.1")


def test_every_link_leads_to_a_file(site: Path) -> None:
    broken = []
    for page in site.rglob("*.html"):
        for address in re.findall(r'(?:href|src)="?([^"\s>#?]+)', page.read_text(encoding="utf-8")):
            if not re.match(r"[a-z]+:|//", address):
                target = (site / address.lstrip("/")) if address.startswith("/") else page.parent / address
                if not (target / "index.html" if target.is_dir() else target).is_file():
                    broken.append(f"{page.relative_to(site)}: {address}")
    assert broken == []


def test_a_broken_link_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def assembled(target: Path) -> None:
        (target / "pages").mkdir()
        (target / "pages" / "index.md").write_text("# Page\n\n[nowhere](index.md#none)\n", encoding="utf-8")
        (target / "zensical.toml").write_text(
            '[project]\nsite_name = "x"\ndocs_dir = "pages"\nsite_dir = "html"\n', encoding="utf-8"
        )

    monkeypatch.setattr("docsite.__main__.assemble", assembled)
    assert build(tmp_path) == 1
    assert "1 issue found" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("link", "made"),
    [
        ("[a](../openapi/DISCREPANCIES.md#D-1)", "[a](../reference/discrepancies.md#D-1)"),
        ("[made](../rules/#a)", "[made](../reference/rules.md#a)"),
        ("[`code`](../src/code.py)", "`code`"),
        ("[a](#below), [b](https://example.com/)", "[a](#below), [b](https://example.com/)"),
        ("`[a](../src/code.py)`", "`[a](../src/code.py)`"),
        ("![a](images/a.png)", "![a](../images/a.png)"),
    ],
)
def test_links_lead_to_where_pages_stand_on_the_site(link: str, made: str) -> None:
    homes = {
        "openapi/DISCREPANCIES.md": "reference/discrepancies.md",
        "docs/images/a.png": "images/a.png",
        "rules": "reference/rules.md",
    }
    assert relinked(link, here="docs/page.md", there="guides/page.md", homes=homes) == made
