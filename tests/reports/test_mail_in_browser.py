"""Every report's mail as a person sees it: on a desk, on a phone, in the dark, with and without pictures, and as PDF."""

from collections.abc import Iterator
from email import message_from_bytes, policy
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, sync_playwright

from reports.catalogue import all_reports
from reports.published import Published
from reports.render.pictures import Pictures, find_browser
from reports.render.report import Rendered, render_report
from reports.settings import Settings

ARGUMENTS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-dev-shm-usage")
# Elements whose content is wider than themselves, by their first words.
CUT = """
    [...document.querySelectorAll('td, th, div, p, h1, h2, h3')]
        .filter(e => e.clientWidth > 0 && e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).display !== 'none')
        .map(e => e.textContent.trim().slice(0, 60))
"""
# Words of at most sixteen letters that stand on two lines: a name torn apart in its middle. What has no space in more characters than a
# phone's column is broken somewhere, wherever the font says.
TORN = """
    (() => {
        const found = [], walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
        for (let node = walker.nextNode(); node; node = walker.nextNode())
            for (const match of node.data.matchAll(/[\\p{L}\\p{N}]{2,16}/gu)) {
                const range = document.createRange();
                range.setStart(node, match.index);
                range.setEnd(node, match.index + match[0].length);
                const tops = new Set([...range.getClientRects()].filter(box => box.width > 1).map(box => Math.round(box.top)));
                const before = node.data[match.index - 1] ?? ' ', after = node.data[match.index + match[0].length] ?? ' ';
                const run = (node.data.slice(0, match.index).match(/\\S*$/)[0] + node.data.slice(match.index).match(/^\\S*/)[0]).length;
                if (tops.size > 1 && run <= 24 && !/[\\p{L}\\p{N}]/u.test(before + after)) found.push(match[0]);
            }
        return found;
    })()
"""
# How much wider letters are here than a phone's. A phone has letters of Arial's width (the sample takes 1,265 px in Liberation Sans, which
# has the same), a machine that knows DejaVu Sans alone has letters a seventh wider, and what fits there says nothing.
LETTERS = """
    (() => {
        const pen = document.createElement('canvas').getContext('2d');
        pen.font = '100px Arial';
        return Math.max(1, pen.measureText('Рекомендации 0123456789').width / 1265);
    })()
"""
MARGINS = 50  # of a section, left and right, in every width
# widths of a window, the light, and the ground that a mail has in it
SIGHTS: list[tuple[int, Literal["light", "dark"], str]] = [
    (640, "light", "rgb(242, 244, 247)"),
    (640, "dark", "rgb(15, 19, 25)"),
    (360, "light", "rgb(242, 244, 247)"),
    (360, "dark", "rgb(15, 19, 25)"),
]
PNG = b"\x89PNG\r\n\x1a\n"
DIRECTOR = "director_daily"

pytestmark = pytest.mark.xdist_group("browser")


@pytest.fixture(scope="module")
def mails(complete_published: Published, settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Rendered]:
    """Every report over names that are long, hostile or empty, drawn by one browser; the director's also as PDF."""
    folder = tmp_path_factory.mktemp("drawn")
    with Pictures() as pictures:
        return {
            name: render_report(name, complete_published, settings, None, "ru", folder, pictures=pictures, pdf=name == DIRECTOR)
            for name in all_reports()
        }


@pytest.fixture(scope="module")
def drawn(mails: dict[str, Rendered]) -> Rendered:
    return mails[DIRECTOR]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=find_browser(), args=list(ARGUMENTS))
        yield opened
        opened.close()


def test_charts_are_drawn_as_opaque_pictures_twice_as_dense_as_shown(drawn: Rendered) -> None:
    assert len(drawn.pictures) == 4
    for path in drawn.pictures:
        data = path.read_bytes()
        assert data.startswith(PNG)
        assert int.from_bytes(data[16:20], "big") == 1008
    message = drawn.message.read_bytes()
    assert message.count(b"Content-ID: <") == 4


@pytest.mark.parametrize("name", sorted(all_reports()))
def test_nothing_overflows_and_no_word_is_torn(mails: dict[str, Rendered], browser: Browser, name: str) -> None:
    """Opened once (half a second of a processor) and looked at in every width and light."""
    page = browser.new_page()
    told: list[str] = []
    page.on("console", lambda message: told.append(message.text))
    page.on("requestfailed", lambda request: told.append(request.url))
    page.goto(mails[name].html.as_uri())
    letters = page.evaluate(LETTERS)
    for of_a_phone, scheme, ground in SIGHTS:
        width = round(MARGINS + (of_a_phone - MARGINS) * letters)
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.evaluate(CUT) == [], (width, scheme)
        assert page.evaluate(TORN) == [], (width, scheme)
        assert page.evaluate("[...document.images].every(image => image.complete && image.naturalWidth > 0)")
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == ground
    assert told == []
    page.close()


def test_where_pictures_are_blocked_bars_and_figures_still_stand(drawn: Rendered, browser: Browser) -> None:
    page = browser.new_page(viewport={"width": 360, "height": 900})
    page.route("**/*.png", lambda route: route.abort())
    page.goto(drawn.html.as_uri())
    assert page.locator("td.fill").count() > 10
    assert page.locator("img").first.get_attribute("alt")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.close()


def test_on_request_the_page_is_printed_and_goes_along(drawn: Rendered) -> None:
    assert drawn.pdf is not None
    data = drawn.pdf.read_bytes()
    assert data.startswith(b"%PDF-")
    assert data.count(b"/Type /Page\n") >= 4, "every section, the pictures among them, takes more than three pages"
    [attached] = [
        part
        for part in message_from_bytes(drawn.message.read_bytes(), policy=policy.default).walk()
        if part.get_content_type() == "application/pdf"
    ]
    assert attached.get_filename() == f"{drawn.html.stem}.pdf"
    assert attached.get_payload(decode=True) == data


def test_a_browser_that_dies_costs_the_pictures_not_the_report(
    published: Published, settings: Settings, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    broken = tmp_path / "chromium"
    broken.write_text("#!/bin/sh\nexit 3\n", encoding="utf-8")
    broken.chmod(0o755)
    with Pictures(str(broken)) as pictures:
        found = render_report("director_daily", published, settings, None, "en", tmp_path / "out", pictures=pictures)
    assert found.state == "ok"
    assert not found.pictures
    assert "Charts were not drawn" in found.html.read_text(encoding="utf-8")
    assert f"could not be drawn: {broken} says: " in caplog.text
    assert "Traceback" not in caplog.text, "the administrator reads this in the log of the service"
