"""The report in a browser: looked at wide and narrow, light and dark, by pointer and keyboard."""

import os
import shutil
import subprocess

import pytest

from annotators.core.views.notes import Entity, Note
from jobs._report.reading import read_run
from jobs._report.report import report_page
from jobs._report.run import Run
from jobs._report.summary import summary
from tests.jobs.report.chromium import PATH, chromium

pytestmark = [pytest.mark.slow]
if os.environ.get("CI") != "true":
    pytestmark.append(pytest.mark.skipif(PATH is None, reason="no Chromium here"))

HOSTILE = "<script>document.title='caught'</script><img src=http://example.org/x onerror=alert(1)>"
NOTES = {
    "n1": "No fever. Chest pain with asthma today.",
    "n2": f"{HOSTILE} aspirin",
    "n3": "حرارة 38 \U0001f912 fever",
    **{f"more {n:03}": f"Note {n}: cough." for n in range(240)},
}
ENTITIES = [
    ("n1", 3, 8, "Disease", 0.9, "absent"),
    ("n1", 10, 20, "Disease", 0.8, "present"),
    ("n1", 10, 32, "Finding", 0.4, "present"),
    ("n2", len(HOSTILE) + 1, len(HOSTILE) + 8, "Chemical", 0.99, "present"),
    ("n3", 11, 16, "Disease", 0.7, "present"),
]


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    with chromium(tmp_path_factory.mktemp("profile")) as page:
        yield page


@pytest.fixture
def opened(page, make_run, tmp_path):
    """The report of NOTES in the browser."""
    run = read_run(str(make_run(NOTES, ENTITIES, extra=("assertion",), labels={"n1": ["1"]})))
    file = tmp_path / "report.html"
    file.write_text(report_page(run, summary(run), 1_000_000)[0], encoding="utf-8")
    page.requests.clear()
    page.complaints.clear()
    page.look()
    page.open(file)
    yield page
    assert page.complaints == []
    assert {request for request in page.requests if request != "about:blank"} == {file.as_uri()}


LISTED = "[...document.querySelectorAll('#list button span')].map((e) => e.textContent)"
MARKS = "[...document.querySelectorAll('#text mark')].map((m) => [m.textContent, m.dataset.l])"
SETTLED = "new Promise((done) => setTimeout(done, 400))"


def chosen(page, control, value):
    page.run(
        f"(() => {{ const c = document.getElementById('{control}'); c.value = '{value}';"
        "c.dispatchEvent(new Event(c.tagName === 'SELECT' ? 'change' : 'input')); })()"
    )
    page.run(SETTLED)


def test_the_first_note_is_shown_with_nested_and_negated_entities(opened):
    assert opened.run("document.getElementById('note-title').textContent") == "n1"
    assert opened.run(MARKS) == [
        ["fever", "Disease · absent"],
        ["Chest pain with asthma", "Finding"],
        ["Chest pain", "Disease"],
    ]
    assert opened.run("getComputedStyle(document.querySelector('.nm-no')).borderStyle") == "dashed"
    assert opened.run("document.querySelector('#text .nm-text').textContent") == NOTES["n1"]


def test_html_of_a_note_is_shown_and_does_nothing(opened):
    chosen(opened, "search", "onerror")

    assert opened.run(LISTED) == ["n2"]
    assert opened.run("document.querySelector('#text .nm-text').textContent") == NOTES["n2"]
    assert opened.run("document.querySelectorAll('#text script, #text img').length") == 0
    assert opened.run("document.title") == "Notemill report: out"


def test_notes_are_paged_searched_and_filtered(opened):
    assert len(opened.run(LISTED)) == 100
    opened.run("document.getElementById('on').click()")
    assert opened.run(LISTED)[0] == "more 097"
    chosen(opened, "f0", "=Disease")
    assert opened.run(LISTED) == ["n1", "n3"]
    chosen(opened, "f1", "=absent")
    assert opened.run(LISTED) == ["n1"]
    assert opened.run("document.querySelectorAll('#text mark:not(.dim)').length") == 1
    chosen(opened, "f1", "")
    chosen(opened, "score", "75")
    assert opened.run(LISTED) == ["n1"]
    chosen(opened, "f0", "")
    chosen(opened, "score", "0")
    chosen(opened, "search", "note 239")
    assert opened.run(LISTED) == ["more 239"]
    chosen(opened, "search", "nowhere at all")
    assert opened.run("document.getElementById('status').textContent") == "0 of 243 notes"


def test_right_to_left_text_and_emoji_keep_their_entities(opened):
    chosen(opened, "search", "38")
    assert "n3" in opened.run(LISTED)
    opened.run("[...document.querySelectorAll('#list button')][0].click()")
    opened.run(SETTLED)
    assert opened.run(MARKS) == [["fever", "Disease"]]


def test_entities_are_reached_by_keyboard_and_tell_their_details(opened):
    opened.run("document.querySelector('#list button').focus()")
    opened.press("ArrowDown", 40)
    opened.run(SETTLED)
    assert opened.run("document.getElementById('note-title').textContent") == "n2"
    opened.press("ArrowUp", 38)
    opened.run(SETTLED)
    opened.run("document.getElementById('later').focus()")
    opened.press("Tab", 9)
    assert opened.run("document.activeElement.textContent") == "fever"
    assert "score: 0.900" in opened.run("document.getElementById('tip').textContent")
    assert opened.run("document.activeElement.getAttribute('aria-describedby')") == "tip"
    opened.press("Escape", 27)
    assert opened.run("document.getElementById('tip').hidden") is True


@pytest.mark.parametrize("width", [1280, 400])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_is_wider_than_the_window(opened, width, scheme):
    opened.look(width, 900, scheme)

    assert opened.run("document.documentElement.scrollWidth") == width


@pytest.fixture(scope="module")
def axe(tmp_path_factory):
    """axe-core of npm, where there is an npm; in CI there is."""
    in_ci = os.environ.get("CI") == "true"
    if shutil.which("npm") is None and not in_ci:
        pytest.skip("no npm here")
    folder = tmp_path_factory.mktemp("npm")
    command = ["npm", "install", "--silent", "--no-audit", "--no-fund", "axe-core@4"]
    if subprocess.run(command, cwd=folder, check=in_ci, timeout=120).returncode:
        pytest.skip("npm has no network here")
    return (folder / "node_modules/axe-core/axe.min.js").read_text("utf-8")


@pytest.mark.parametrize("width", [1280, 400])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_violation(opened, axe, width, scheme):
    opened.look(width, 900, scheme)
    opened.run("document.querySelector('#text mark').focus()")
    opened.run(axe + ";1")
    found = opened.run("axe.run().then((r) => r.violations.map((v) => [v.id, v.nodes[0].html]))")

    assert found == []


def test_ten_thousand_notes_open_within_three_seconds(page, make_run, tmp_path):
    text = "Patient reports no fever and takes aspirin for pain in the left knee. " * 30
    notes = {f"note {n}": f"{n} {text}" for n in range(10_000)}
    entities = [(i, 20, 25, "Disease", 0.5) for i in notes]
    run = read_run(str(make_run(notes, entities)))
    file = tmp_path / "report.html"
    file.write_text(report_page(run, summary(run), 20_000_000)[0], encoding="utf-8")
    page.look()
    before = page.busy()
    page.open(file)

    assert 0 < page.busy() - before < 3
    assert page.run("document.getElementById('status').textContent") == "10,000 of 10,000 notes"


def test_a_comparison_is_accessible_and_fits_a_narrow_window(page, axe, tmp_path):
    from jobs._compare.figures import figures
    from jobs._compare.matching import paired
    from jobs._compare.view import compare_page

    first = Run("before", [Note("n", HOSTILE, [Entity(0, 8, "Disease", HOSTILE[:8])])], {})
    second = Run("after", [Note("n", HOSTILE, [Entity(0, 8, "Chemical", HOSTILE[:8])])], {})
    pairs = paired(first, second)
    file = tmp_path / "diff.html"
    html = compare_page(("before", "after"), pairs, figures(pairs), 1_000_000)[0]
    file.write_text(html, encoding="utf-8")
    page.complaints.clear()
    page.look(400, 900, "dark")
    page.open(file, "document.readyState === 'complete'")

    assert page.run("document.title") == "Notemill compare: before and after"
    assert page.run("document.documentElement.scrollWidth") == 400
    page.call("Page.setBypassCSP", enabled=True)
    page.run(axe + ";1")
    found = page.run("axe.run().then((r) => r.violations.map((v) => [v.id, v.nodes[0].html]))")
    assert found == []
    assert page.complaints == []
