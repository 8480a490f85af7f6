"""The pages as text: complete, escaped, closed to what must not be shown, and the same every time."""

import csv
import io
import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from harness.nouns import Entry, InputError, Reading, Record
from harness.record import record_digest
from leaderboard.board import standings
from leaderboard.figures import legible, slug
from leaderboard.pages import LIST, Pages, render, write_site
from tests.leaderboard.board_samples import (
    CLOSED,
    COMPETITION,
    DATA,
    PICTURES,
    PROCESS,
    READINGS,
    realistic,
    run,
)
from tests.leaderboard.links import Page, faults

HOSTILE = [
    "../x", "/etc/passwd", "..", ".", "", " ", "con", "a/b", "a\\b", "Alice", "alice", "ALICE", "álice",
    "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "' onmouseover='alert(1)", "{{ 7 * 7 }}",
    "\u202egnp.exe", "\u2066\u200b", "nul\0byte", "line\nbreak", "\ud800", "x" * 10_000, "x" * 10_001, "日本語",
    "-0123456789abcdef0123", "alice-0123456789abcdef0123",
]  # fmt: skip


def site(records: list[Record]) -> Pages:
    return render(COMPETITION, standings(records), PICTURES)


def entry_page(pages: Pages, name: str) -> str:
    page = pages[f"e/{slug(name)}/index.html"]
    assert isinstance(page, str)
    return page


def everything(pages: Pages) -> str:
    return "\n".join(page for page in pages.values() if isinstance(page, str)) + "\n".join(
        page.decode() for path, page in pages.items() if isinstance(page, bytes) and path.endswith(".json")
    )


@pytest.fixture(scope="module")
def pages() -> Pages:
    return site(realistic())


def test_two_builds_are_byte_identical_whatever_the_order(pages: Pages) -> None:
    """No clock, no chance, no order of files."""
    again = site(realistic()[::-1])
    assert pages == again
    assert list(pages) == list(again)


def test_every_link_and_fragment_resolves_and_nothing_is_remote_or_inline(pages: Pages) -> None:
    """A page needs nothing but the site itself."""
    assert faults(pages) == []


def test_the_link_check_sees_faults() -> None:
    """The checker itself: a missing page, a missing fragment, a remote address, an inline style, an event."""
    bad = '<a href="no.html"><a href="#no"><img src="https://example.org/x.png" style="x" onload="y"><script>1</script>'
    assert len(faults({"index.html": bad})) == 6


def test_every_page_has_a_strict_policy_a_language_and_one_heading(pages: Pages) -> None:
    """What each page owes its reader."""
    for path, page in pages.items():
        if path.endswith(".html"):
            assert isinstance(page, str)
            assert "default-src 'none'; img-src 'self' data:; style-src 'self'; script-src 'self'" in page
            assert '<html lang="en">' in page, path
            assert page.count("<h1") == 1, path


def test_hostile_names_get_addresses_of_their_own() -> None:
    """Each is one safe part of a path, and none collides, not even on a disk that ignores capitals."""
    slugs = [slug(name) for name in HOSTILE]
    assert len({found.lower() for found in slugs}) == len(HOSTILE)
    assert all(re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,63}", found) for found in slugs)
    assert slug("alice") == "alice"
    assert slug("my_net-2") == "my_net-2"


def test_hostile_names_are_text_on_every_page() -> None:
    """No tag, no event and no template of a stranger's comes alive, and the pages are valid UTF-8."""
    records = [
        run(
            f"e{i}",
            100 + i,
            entry=Entry(name, name, (name, name), name),
            id=str(i),
            readings=(Reading(name, name, ""),),
        )
        for i, name in enumerate(HOSTILE)
        if "\ud800" not in name
    ]
    pages = site(records)
    assert faults(pages) == []
    assert len([path for path in pages if path.startswith("e/") and path.endswith("index.html")]) == len(records)
    allowed = Page(entry_page(site([run("plain", readings=READINGS)]), "plain")).tags
    for path, page in pages.items():
        if isinstance(page, str) and path.startswith("e/"):
            assert Page(page).tags <= allowed
            assert "49" not in page[: page.index("</h1>")]
            assert "\0" not in page
            assert page.encode()
    assert max(len(page) for path, page in pages.items() if path.endswith(".html")) < 120_000


def test_half_a_surrogate_pair_is_replaced() -> None:
    """Text that no file can hold does not stop a build."""
    assert legible("b\udc00a\0d\u202e") == "b\ufffda\ufffdd\u202e"


@pytest.mark.parametrize("public", [True, False])
def test_readings_and_pictures_show_only_where_the_licence_allows(public: bool) -> None:
    """Neither pages, downloads nor picture files hold them otherwise."""
    data = DATA if public else replace(DATA, licence=CLOSED)
    pages = site([run("alice", dataset=data, readings=READINGS)])
    assert ("Marigold" in everything(pages)) is public
    assert ({"lines/v-0001.png", "lines/v-0003.png"} <= set(pages)) is public
    assert any(path.startswith("lines/") for path in pages) is public


def test_only_pictures_of_shown_readings_are_in_the_site(pages: Pages) -> None:
    """A picture that was handed in and is read by nobody stays out."""
    assert [path for path in pages if path.startswith("lines/")] == ["lines/v-0001.png", "lines/v-0003.png"]


def test_a_picture_that_is_no_png_is_refused() -> None:
    """A script in a picture's clothes does not get in."""
    with pytest.raises(InputError, match="its picture is no PNG"):
        render(COMPETITION, standings([run(readings=READINGS)]), {"v-0001": b"<svg onload='x'/>"})


def test_nothing_tells_of_single_hidden_writers(pages: Pages) -> None:
    """No page or download names a test writer or gives the score of a group of one."""
    assert not re.search("hidden-writer|one hidden hand|0\\.123456|12\\.35", everything(pages))
    assert "hands never seen" in entry_page(pages, "baseline")


def test_synthetic_stands_by_every_score_on_synthetic_data() -> None:
    """In each row, on the entry's page and in the table for machines; and nowhere where the hands are real."""
    pages = site([run("alice"), run("bob")])
    index = pages["index.html"]
    assert isinstance(index, str)
    rows = re.findall(r"<tr>\s*<td.*?</tr>", index, re.S)
    assert len(rows) == 2
    assert all("synthetic" in row for row in rows)
    assert "synthetic" in entry_page(pages, "alice")
    real = site([run("alice", dataset=replace(DATA, name="iam", synthetic=False))])
    assert '<span class="tag">synthetic</span>' not in everything(real)


def test_practice_rooms_are_labelled() -> None:
    """And official ones are not."""
    pages = site([run("alice", room=PROCESS), run("bob")])
    assert "practice room" in entry_page(pages, "alice")
    assert "practice room" not in entry_page(pages, "bob")


def test_faults_are_listed_with_their_owner_and_reason(pages: Pages) -> None:
    """Below the ranking and on the entry's own page."""
    index = pages["index.html"]
    assert isinstance(index, str)
    for place in (index[index.index("Without a score") :], entry_page(pages, "unlucky")):
        assert "the harness’s fault" in place
        assert "ran out of disk" in place


def test_a_corrected_record_is_shown_with_its_correction(pages: Pages) -> None:
    """Both numbers are kept."""
    page = entry_page(pages, "vertical-attention")
    assert "95.89" in page
    assert "95.98" in page
    assert "corrected by" in page


def test_an_empty_board_says_how_to_enter() -> None:
    """Before the first entry there is no table, and no error."""
    pages = site([])
    assert faults(pages) == []
    index = pages["index.html"]
    assert isinstance(index, str)
    assert "No entry yet" in index
    assert "htr-harness submit" in index
    assert "<table" not in index


def test_a_board_of_faults_alone_has_no_table() -> None:
    """Nobody is first with nothing."""
    index = site([run("a", None)])["index.html"]
    assert isinstance(index, str)
    assert "No entry has a ranked score yet" in index
    assert "<table" not in index


def test_figures_are_written_with_their_interval() -> None:
    """500 edits in 10,000 characters are 95.00 %."""
    page = entry_page(site([run("alice", 500)]), "alice")
    assert "95.00<small> %" in page
    assert "94.20–95.60 %" in page
    assert "500 in 10,000 characters" in page


def test_a_record_of_another_competition_is_refused() -> None:
    """It would be judged by other limits."""
    with pytest.raises(InputError, match="it is of the competition 'other', not of 'demo'"):
        site([run(competition="other")])


def test_standings_csv_has_every_figure_unrounded(pages: Pages) -> None:
    """Ranked rows first, then those apart, then runs without a score; no cell runs as a formula."""
    table = pages["data/standings.csv"]
    assert isinstance(table, str)
    rows = list(csv.DictReader(io.StringIO(table)))
    assert [row["rank"] for row in rows] == ["1", "2", "3", "3", "5", "6", "7", "8", "9", "", "", "", ""]
    assert [row["status"] for row in rows[9:]] == ["apart", "no score", "no score", "no score"]
    assert float(rows[0]["character_accuracy"]) == 1 - 214 / 10_000
    assert rows[1]["model_bytes"] == ""
    assert rows[1]["synthetic"] == "yes"
    assert not any(cell.startswith(("=", "+", "@")) for row in rows for cell in row.values())


def test_records_json_names_the_digest_of_the_whole_record(pages: Pages) -> None:
    """So that whoever holds the whole record can tell that it is this one."""
    content = pages["data/records.json"]
    assert isinstance(content, bytes)
    records = json.loads(content)
    assert {entry["digest"] for entry in records} == {record_digest(record) for record in realistic()}
    assert len(records) == len(realistic())


def test_every_record_is_a_download_beside_its_entry(pages: Pages) -> None:
    """Superseded and failed ones too."""
    files = [path for path in pages if path.startswith("e/") and path.endswith(".json")]
    assert len(files) == len(realistic())
    assert all(json.loads(pages[path])["competition"] == "demo" for path in files)


def test_a_perfect_and_a_hopeless_score_can_be_drawn() -> None:
    """No logarithm of nothing."""
    pages = site([run("a", 0), run("b", 30_000)])
    assert faults(pages) == []
    assert "nan" not in pages["index.html"]
    assert "100.00" in pages["index.html"]


def test_writing_twice_leaves_only_the_second_build_and_what_is_not_ours(tmp_path: Path) -> None:
    """A file of somebody else's in the site stays; empty folders of an earlier build go."""
    out = tmp_path / "site"
    write_site({"index.html": "one", "e/a/index.html": "a", "e/b/index.html": "b"}, out)
    (out / "CNAME").write_text("example.org")
    write_site({"index.html": "two", "e/a/index.html": b"a"}, out)
    found = sorted(path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file())
    assert found == ["CNAME", "e/a/index.html", "index.html", LIST]
    assert (out / "index.html").read_text() == "two"
    assert not (out / "e/b").exists()


def test_a_whole_site_is_written_as_rendered(pages: Pages, tmp_path: Path) -> None:
    """Byte for byte, and its list names every file."""
    write_site(pages, tmp_path / "site")
    for path, content in pages.items():
        assert (tmp_path / "site" / path).read_bytes() == (content.encode() if isinstance(content, str) else content)
    assert json.loads((tmp_path / "site" / LIST).read_text())["files"] == sorted(pages)


def test_a_folder_that_is_no_site_of_ours_is_refused(tmp_path: Path) -> None:
    """And nothing in it is touched."""
    (tmp_path / "thesis.tex").write_text("years of work")
    with pytest.raises(InputError, match="not empty and no site of ours"):
        write_site({"index.html": "x"}, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


def test_a_file_in_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    """A mistyped target."""
    (tmp_path / "site").write_text("x")
    with pytest.raises(InputError, match="no site of ours"):
        write_site({"index.html": "x"}, tmp_path / "site")


def test_a_stranger_s_file_in_the_way_is_not_written_over(tmp_path: Path) -> None:
    """Even inside a site of ours."""
    write_site({"index.html": "x"}, tmp_path)
    (tmp_path / "404.html").write_text("mine")
    with pytest.raises(InputError, match=r"404\.html: a file that no build made"):
        write_site({"index.html": "x", "404.html": "ours"}, tmp_path)
    assert (tmp_path / "404.html").read_text() == "mine"


@pytest.mark.parametrize("path", ["../victim", "e/../../victim", "/tmp/victim"])
def test_a_forged_list_removes_nothing_outside_the_site(tmp_path: Path, path: str) -> None:
    """The list is only a file, and anybody may have written it."""
    (tmp_path / "victim").write_text("x")
    write_site({"index.html": "x"}, tmp_path / "site")
    (tmp_path / "site" / LIST).write_text(json.dumps({"files": ["index.html", path.replace("/tmp", str(tmp_path))]}))
    write_site({"index.html": "y"}, tmp_path / "site")
    assert (tmp_path / "victim").read_text() == "x"
