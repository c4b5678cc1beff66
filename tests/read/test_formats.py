"""Formats: the same article in each, its metadata, and damaged files."""

from __future__ import annotations

import codecs
import datetime
import gzip
import io
import json
import logging
import re
import sqlite3
import subprocess
import sys
import time
import tracemalloc
import zipfile
import zlib
from contextlib import closing, nullcontext
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from quotedex.cli import main
from quotedex.errors import InputError
from quotedex.models import Document
from quotedex.read import ReadOptions, may_hold_many_articles, read
from quotedex.read.dates import date_in_name, iso_date
from quotedex.read.formats import BY_SUFFIX, FORMATS
from quotedex.read.language import detect_language
from tests.helpers import ROOT, case_params, load_cases
from tests.helpers import news_files as news

PAGE = (ROOT / "docs" / "formats.md").read_text(encoding="utf-8")
DATES = load_cases("dates")
KNOWN = {
    "title": news.TITLE,
    "byline": news.BYLINE,
    "outlet": news.OUTLET,
    "published": news.DATE,
    "url": news.URL,
}


def outcomes(path: Path | str, **settings: Any) -> list[Document | InputError]:
    return list(read([path], ReadOptions(**settings)))


def documents(path: Path | str, **settings: Any) -> list[Document]:
    found = outcomes(path, **settings)
    assert all(isinstance(one, Document) for one in found), found
    return [one for one in found if isinstance(one, Document)]


def written(folder: Path, name: str, data: bytes | str) -> Path:
    path = folder / name
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return path


def json_lines(folder: Path, *rows: object) -> Path:
    return written(folder, "a.jsonl", "\n".join(json.dumps(row) for row in rows))


@pytest.mark.parametrize("suffix", news.FILES)
def test_every_format(tmp_path: Path, suffix: str) -> None:
    data, fields = news.FILES[suffix]
    (document,) = documents(written(tmp_path, f"news{suffix}", data))
    assert news.SAID in document.text
    assert document.language == "en"
    for field, value in KNOWN.items():
        assert getattr(document, field) == (value if field in fields else None), field
    assert "cookies" not in document.text
    assert document.location
    assert document.location.endswith(document.id)


def test_no_format_is_untested() -> None:
    tried = {suffix for known in BY_SUFFIX for suffix in news.FILES if suffix.endswith(known)}
    assert tried == set(news.FILES)
    assert all(any(suffix.endswith(known) for suffix in news.FILES) for known in BY_SUFFIX)


def test_the_table_of_formats_in_the_documentation() -> None:
    table = PAGE.partition("| names |")[2].partition("\n\n")[0]
    rows = [line.strip("| ").split(" | ") for line in table.splitlines()[2:]]
    named = [tuple(re.findall(r"`(\.[.a-z0-9]+)`", row[0])) for row in rows]
    assert [one for one in named if one] == [one.suffixes for one in FORMATS]
    extras = {suffix: row for row in rows for suffix in re.findall(r"`(\.[.a-z0-9]+)`", row[0])}
    for one in FORMATS:
        row = " ".join(extras[one.suffixes[0]])
        assert re.findall(r"quotedex\[(\w+)\]", row) == ([one.extra] if one.extra else [])
        assert ("many" in extras[one.suffixes[0]][1]) == one.many


def test_paths_that_may_hold_many_articles(tmp_path: Path) -> None:
    assert may_hold_many_articles(tmp_path)
    assert may_hold_many_articles("sqlite:a.db?table=t")
    assert may_hold_many_articles("crawl.WARC.gz")
    assert not may_hold_many_articles("a.txt")
    assert not may_hold_many_articles("-")


@pytest.mark.parametrize(
    ("suffix", "module", "extra"),
    [
        (".docx", "docx", "documents"),
        (".pdf", "pypdf", "documents"),
        (".parquet", "pyarrow.parquet", "parquet"),
    ],
)
def test_a_missing_extra_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suffix: str, module: str, extra: str
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    path = written(tmp_path, f"a{suffix}", news.FILES[suffix][0])
    (error,) = outcomes(path)
    reason = f"reading {suffix} files requires an extra: pip install 'quotedex[{extra}]'"
    assert str(error) == f"{path}: {reason}"


@pytest.mark.parametrize("case", case_params(DATES))
def test_dates(case: dict[str, Any]) -> None:
    assert iso_date(case["given"]) == case["date"]


def test_dates_as_date_objects() -> None:
    assert iso_date(datetime.datetime(2022, 5, 3, 9, 30)) == "2022-05-03"
    assert iso_date(datetime.date(2022, 5, 3)) == "2022-05-03"


@pytest.mark.parametrize(
    ("path", "date"),
    [
        ("2019/04/12/bridge.html", "2019-04-12"),
        ("bridge_2019-04-12.txt", "2019-04-12"),
        ("2018/2019.04.12.txt", "2019-04-12"),
        ("2019-04.12.txt", None),
        ("20190412.txt", None),
        ("2019-13-12.txt", None),
        ("120190-04-12", None),
    ],
)
def test_date_in_name(path: str, date: str | None) -> None:
    assert date_in_name(path) == date


def test_metadata_of_the_format_wins_over_text_and_text_over_name(tmp_path: Path) -> None:
    row = {"text": "Council shuts the bridge\n\n3 May 2022\n\nIt is shut.", "title": "Bridge"}
    (with_title,) = documents(json_lines(tmp_path, row))
    assert (with_title.title, with_title.published) == ("Bridge", "2022-05-03")
    (dated,) = documents(written(tmp_path, "2021-01-02.txt", row["text"]))
    assert (dated.title, dated.published) == ("Council shuts the bridge", "2022-05-03")
    (named,) = documents(written(tmp_path, "2021-01-03.txt", "It is shut."))
    assert (named.title, named.published) == (None, "2021-01-03")


class TestTables:
    def test_other_columns_are_kept(self, tmp_path: Path) -> None:
        row = {"body": "It is shut.", "tags": ["a", "b"], "id": 7, "none": None, "deep": {"x": 1}}
        (document,) = documents(json_lines(tmp_path, row))
        assert document.metadata == (("tags", "a, b"), ("id", "7"))

    def test_names_in_their_usual_spellings(self, tmp_path: Path) -> None:
        row = {
            "Article Text": "It is shut.",
            "publishedAt": "2022-05-03T09:30:00Z",
            "source": {"id": None, "name": "Ashby Courier"},
            "authors": ["Ada Brook", "Ben Cole"],
            "lang": "en-GB",
        }
        (document,) = documents(json_lines(tmp_path, row))
        assert document.text == "It is shut."
        assert document.outlet == "Ashby Courier"
        assert document.byline == "Ada Brook, Ben Cole"
        assert (document.published, document.language) == ("2022-05-03", "en")

    def test_a_date_that_is_not_certain_stays_unknown(self, tmp_path: Path) -> None:
        (document,) = documents(json_lines(tmp_path, {"text": "It is shut.", "date": 1651570000}))
        assert document.published is None

    def test_one_long_column_is_the_text(self, tmp_path: Path) -> None:
        row = {"a": "x", "words": "It is shut. " * 40, "b": "y"}
        (document,) = documents(json_lines(tmp_path, row))
        assert document.text == row["words"]

    def test_no_column_is_the_text(self, tmp_path: Path) -> None:
        path = json_lines(tmp_path, {"a": "x", "b": "y"})
        (error,) = outcomes(path)
        reason = "which column is the text? Name it with --text-column; columns: a, b"
        assert str(error) == f"{path}: {reason}"

    def test_given_text_column(self, tmp_path: Path) -> None:
        path = json_lines(tmp_path, {"text": "no", "b": "yes"})
        assert documents(path, text_column="b")[0].text == "yes"
        (error,) = outcomes(path, text_column="c")
        assert str(error) == f"{path}: no column 'c'; columns: text, b"

    def test_bad_records_are_named_and_the_others_read(self, tmp_path: Path) -> None:
        lines = ['{"text": "one"}', "{", "", "[1]", '{"text": " "}', '{"text": "six"}', "[" * 9000]
        path = written(tmp_path, "a.jsonl", "\n".join(lines))
        found = outcomes(path)
        assert [one.id for one in found if isinstance(one, Document)] == ["a.jsonl#1", "a.jsonl#6"]
        assert [
            str(one).removeprefix(str(path)) for one in found if isinstance(one, InputError)
        ] == [
            "#2: not valid JSON",
            "#4: not a JSON object",
            "#5: column 'text' is empty",
            "#7: not valid JSON",
        ]

    def test_a_record_that_is_too_large(self, tmp_path: Path) -> None:
        rows = [{"text": "x" * size} for size in (10, 300, 20)]
        sizes = [
            len(one.text) if isinstance(one, Document) else one.location[-2:]
            for one in outcomes(json_lines(tmp_path, *rows), max_size=100)
        ]
        assert sizes == [10, "#2", 20]

    @pytest.mark.parametrize(
        "value",
        [
            [{"text": "one"}, {"text": "two"}],
            {"status": "ok", "tags": ["a"], "results": [{"text": "one"}, {"text": "two"}]},
        ],
        ids=["list", "list in an object"],
    )
    def test_json(self, tmp_path: Path, value: object) -> None:
        path = written(tmp_path, "a.json", json.dumps(value))
        assert [one.text for one in documents(path)] == ["one", "two"]

    def test_json_of_one_article(self, tmp_path: Path) -> None:
        (document,) = documents(written(tmp_path, "a.json", '{"text": "one", "tags": ["a"]}'))
        assert document.text == "one"

    @pytest.mark.parametrize(
        ("text", "message"),
        [("{", "not valid"), ("3", "no list"), ("[]", "no list"), ("", "not valid")],
    )
    def test_json_without_articles(self, tmp_path: Path, text: str, message: str) -> None:
        (error,) = outcomes(written(tmp_path, "a.json", text))
        assert message in str(error)

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "windows-1252"])
    def test_csv_with_line_breaks_in_its_encodings(self, tmp_path: Path, encoding: str) -> None:
        rows = 'id;text\r\n1;"“No,” said\r\nZoë; \u2026\n\n""So."""\r\n2;“Yes.”\r\n'
        found = documents(written(tmp_path, "a.csv", rows.encode(encoding)))
        assert [one.text for one in found] == ['“No,” said\r\nZoë; …\n\n"So."', "“Yes.”"]
        assert found[1].id == "a.csv#2"

    def test_csv_with_a_field_of_any_length(self, tmp_path: Path) -> None:
        path = written(tmp_path, "a.csv", "text,id\n" + "x" * 200_000 + ",1\n")
        assert len(documents(path)[0].text) == 200_000

    def test_csv_with_a_mark_that_is_not_closed(self, tmp_path: Path) -> None:
        path = written(tmp_path, "a.csv", 'text,id\none,1\n"' + "x\n" * 200_000)
        one, error = outcomes(path, max_size=200_000)
        assert isinstance(one, Document)
        assert "after row" in str(error)

    def test_csv_of_short_and_long_rows(self, tmp_path: Path) -> None:
        found = outcomes(written(tmp_path, "a.csv", "id,text\n1\n2,two,more,and more\n"))
        assert isinstance(found[0], InputError)
        assert isinstance(found[1], Document)
        assert found[1].text == "two"


class TestSqlite:
    def test_a_table(self, tmp_path: Path) -> None:
        news.sqlite_file(tmp_path / "old news.db")
        (document,) = documents(f"sqlite:{tmp_path}/old news.db?table=articles&text=body")
        assert document.text == news.TEXT
        assert document.location == f"{tmp_path}/old news.db?table=articles#1"
        assert {name: getattr(document, name) for name in KNOWN} == KNOWN
        assert document.metadata == (("section", "Local"),)

    def test_our_own_file_is_one_too(self, tmp_path: Path) -> None:
        from quotedex.index import index
        from tests.helpers.toy_extractor import extract

        index(tmp_path / "q.db", [Document("a", "It is shut.", title="Bridge")], extract=extract)
        (document,) = documents(f"sqlite:{tmp_path}/q.db?table=articles")
        assert (document.text, document.title) == ("It is shut.", "Bridge")

    @pytest.mark.parametrize(
        ("given", "message"),
        [
            ("{}/a.db", "a table is given as sqlite:FILE?table=NAME&text=COLUMN"),
            ("{}/a.db?table=t&words=x", "a table is given as"),
            ("{}/b.db?table=t", "no such file"),
        ],
    )
    def test_invalid_addresses_of_tables(self, tmp_path: Path, given: str, message: str) -> None:
        news.sqlite_file(tmp_path / "a.db")
        with pytest.raises(InputError, match=re.escape(message)):
            read([f"sqlite:{given.format(tmp_path)}"])

    @pytest.mark.parametrize(
        ("name", "message"),
        [("a.db?table=t", "no such table"), ("a.txt?table=t", "not a database")],
    )
    def test_what_sqlite_refuses(self, tmp_path: Path, name: str, message: str) -> None:
        news.sqlite_file(tmp_path / "a.db")
        written(tmp_path, "a.txt", "It is shut. " * 50)
        (error,) = outcomes(f"sqlite:{tmp_path}/{name}")
        assert message in str(error)

    def test_a_table_without_rows(self, tmp_path: Path) -> None:
        with closing(sqlite3.connect(tmp_path / "a.db")) as db:
            db.execute("CREATE TABLE articles (body TEXT)")
        (error,) = outcomes(f"sqlite:{tmp_path}/a.db?table=articles")
        assert "the table has no rows" in str(error)


class TestMail:
    def test_html_mail_and_encodings(self, tmp_path: Path) -> None:
        letter = (
            b"From: press@ashby.example\nSubject: =?iso-8859-1?Q?Caf=E9_shut?=\n"
            b"Content-Type: text/html; charset=windows-1252\nMIME-Version: 1.0\n\n"
            b"<html><body><p>\x93It is shut,\x94 said Zo\xeb.</p></body></html>"
        )
        (document,) = documents(written(tmp_path, "a.eml", letter))
        assert document.text == "“It is shut,” said Zoë."
        assert (document.title, document.byline) == ("Café shut", "press@ashby.example")

    def test_a_mailbox(self, tmp_path: Path) -> None:
        letters = [
            "From a@b Tue May  3 2022\nSubject: One\n\nIt is shut.\n>From now on.\nFrom here on.\n",
            "From a@b Tue May  3 2022\nContent-Type: text/plain; charset=nonsense\n\nNo.\n",
            "From a@b Tue May  3 2022\nSubject: Three\n\nIt is open.\n",
            f"From a@b Tue May  3 2022\nSubject: Four\n\n{'It is open. ' * 50}\n",
        ]
        found = outcomes(written(tmp_path, "a.mbox", "\n".join(letters)), max_size=300)
        assert isinstance(found[0], Document)
        assert found[0].text.strip() == "It is shut.\nFrom now on.\nFrom here on."
        assert isinstance(found[1], InputError)
        assert isinstance(found[2], Document)
        assert found[2].id == "a.mbox#3"
        assert "larger than" in str(found[3])

    def test_a_letter_without_text(self, tmp_path: Path) -> None:
        letter = "From: a@b\nContent-Type: image/png\nMIME-Version: 1.0\n\nx"
        (error,) = outcomes(written(tmp_path, "a.eml", letter))
        assert "this message has no text" in str(error)


class TestPages:
    @pytest.mark.parametrize(
        ("declared", "encoding"),
        [
            ("", "utf-8"),
            ('<meta charset="iso-8859-1">', "windows-1252"),
            ('<meta charset="iso-8859-1">', "utf-8"),
            ("<meta http-equiv=Content-Type content='text/html; charset=utf-16'>", "utf-8"),
            ('<meta charset="iso-8859-15">', "iso-8859-15"),
            ('<meta charset="nonsense">', "windows-1252"),
        ],
    )
    def test_encodings(self, tmp_path: Path, declared: str, encoding: str) -> None:
        words = "Zoë said no to the café."
        page = f"<html><head>{declared}</head><body><p>{words}</p></body></html>"
        (document,) = documents(written(tmp_path, "a.html", page.encode(encoding)))
        assert document.text == words

    def test_marks_that_only_a_browser_draws(self, tmp_path: Path) -> None:
        page = news.HTML.replace(
            "There is no money", "It was a <q>wet <b>year</b></q>, she said. No"
        )
        (document,) = documents(written(tmp_path, "a.html", page))
        assert "\nIt was a “wet year”, she said. No for a new one" in document.text

    @pytest.mark.parametrize(
        "name",
        [
            "<cite>Mara Ilves</cite>",
            "<footer>— <cite>Mara Ilves</cite></footer>",
            "<cite>– Mara Ilves</cite>",
        ],
    )
    def test_a_name_below_a_quotation(self, tmp_path: Path, name: str) -> None:
        quotation = f"<blockquote>“We lost the bridge”{name}</blockquote><p>There is no money"
        page = news.HTML.replace("<p>There is no money", quotation)
        (document,) = documents(written(tmp_path, "a.html", page))
        assert re.search("\n“We lost the bridge”\n[—–] Mara Ilves\nThere is no", document.text)

    def test_a_piece_of_markup_is_a_page(self, tmp_path: Path) -> None:
        (document,) = documents(written(tmp_path, "a.html", "<p>It is shut.</p><p>It is open.</p>"))
        assert document.text == "It is shut.\nIt is open."

    @pytest.mark.parametrize("page", ["", "<html></html>", "<script>var a = 1</script>", "\x00"])
    def test_no_main_text(self, tmp_path: Path, page: str) -> None:
        (error,) = outcomes(written(tmp_path, "a.html", page))
        assert isinstance(error, InputError)


@pytest.mark.parametrize(
    ("logger", "suffix", "data"),
    [("pypdf", ".pdf", news.pdf(["No."])[:-30]), ("trafilatura", ".html", b"<html></html>")],
)
def test_other_libraries_are_silent_only_while_they_read(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, logger: str, suffix: str, data: bytes
) -> None:
    outcomes(written(tmp_path, f"a{suffix}", data))
    assert caplog.records == []
    logging.getLogger(logger).warning("somebody else's page")
    assert caplog.messages == ["somebody else's page"]


class TestDocuments:
    def test_word_tables_in_their_place(self, tmp_path: Path) -> None:
        import docx

        document = docx.Document()
        document.add_paragraph("Above.")
        table = document.add_table(rows=1, cols=2)
        table.cell(0, 0).text, table.cell(0, 1).text = "Left.", "Right."
        document.add_paragraph("Below.")
        document.save(str(tmp_path / "a.docx"))
        assert documents(tmp_path / "a.docx")[0].text == "Above.\n\nLeft.\n\nRight.\n\nBelow."

    def test_a_pdf_without_text(self, tmp_path: Path) -> None:
        (error,) = outcomes(written(tmp_path, "a.pdf", news.pdf([])))
        assert "only images of pages" in str(error)

    def test_a_locked_pdf(self, tmp_path: Path) -> None:
        import io

        import pypdf

        writer = pypdf.PdfWriter(io.BytesIO(news.pdf(["No."])))
        writer.encrypt("secret", algorithm="RC4-128")
        writer.write(tmp_path / "a.pdf")
        (error,) = outcomes(tmp_path / "a.pdf")
        assert "password-protected" in str(error)

    @pytest.mark.parametrize("times", [1, 2])
    def test_a_pdf_that_unpacks_to_very_much(self, tmp_path: Path, times: int) -> None:
        page = b"BT /F 10 Tf (No.) Tj ET" + b" " * 80_000_000
        for _ in range(times):
            page = zlib.compress(page)
        filters = b"/FlateDecode " * times
        stream = b"<< /Length %d /Filter [%s] >>\nstream\n%s\n" % (len(page), filters, page)
        before, _, after = news.pdf(["No."]).partition(b"4 0 obj\n")
        data = before + b"4 0 obj\n" + stream + after[after.index(b"endstream") :]
        (error,) = outcomes(written(tmp_path, "a.pdf", data))
        assert isinstance(error, InputError)
        assert "Limit" in str(error)


class TestCrawls:
    def test_only_pages_that_were_found(self, tmp_path: Path) -> None:
        pages = [
            ("https://a.example/1", "404 Not Found", "<p>No.</p>"),
            ("https://a.example/2", "200 OK", "<html><body><p>It is shut.</p></body></html>"),
            ("https://a.example/3", "200 OK", "<html></html>"),
            ("https://a.example/2019/04/12/x", "200 OK", "<body><p>It is open.</p></body>"),
        ]
        path = written(tmp_path, "a.warc.gz", news.warc(pages, packed=True))
        second, third, fourth = outcomes(path)
        assert isinstance(second, Document)
        assert (second.id, second.url) == ("a.warc.gz#2", "https://a.example/2")
        assert "a.warc.gz#3: no main text" in str(third)
        assert isinstance(fourth, Document)
        assert fourth.published == "2019-04-12"

    def test_a_damaged_record_does_not_lose_the_others(self, tmp_path: Path) -> None:
        damaged = {
            b"WARC/1.0\r\nContent-Length: many\r\n\r\nx\r\n\r\n": "how long it is",
            b"WARC/1.0\r\nX-Long: " + b"x" * 1_500_000 + b"\r\n\r\n": "headers are too long",
            b"WARC/1.0\r\n" + b"X: y\r\n" * 300_000 + b"\r\n": "headers are too long",
            record(PAGE_HEAD + b"x" * 300_000): "larger than 0.2 MB",
            record(PAGE_HEAD.replace(b"\r\n\r\n", b"\r\nContent-Encoding: br\r\n\r\n") + b"\x8b"): (
                "content encoding 'br'"
            ),
            record(b""): "",
            record(b"\xff\xff\xff"): "",
        }
        good = record(PAGE_HEAD + b"<p>It is shut.</p>")
        for one, said in damaged.items():
            found = outcomes(written(tmp_path, "a.warc", good + one + good), max_size=200_000)
            assert [type(each) for each in (found[0], found[-1])] == [Document] * 2
            errors = [str(each) for each in found[1:-1]]
            assert len(errors) == bool(said)
            assert all(said in error and "a.warc#2: " in error for error in errors)

    def test_a_long_header_is_quick(self, tmp_path: Path) -> None:
        data = b"WARC/1.0\r\nX-Long: " + b"x" * 50_000_000 + b"\r\n\r\n"
        start = time.monotonic()
        (error,) = outcomes(written(tmp_path, "a.warc", data))
        assert "its headers are too long" in str(error)
        assert time.monotonic() - start < 2

    @pytest.mark.parametrize("name", ["a.warc", "a.warc.gz"])
    def test_a_crawl_that_was_cut_off(self, tmp_path: Path, name: str) -> None:
        data = record(PAGE_HEAD + b"<p>It is shut.</p>") * 2
        data = data[:-60] if name == "a.warc" else gzip.compress(data)[:-20]
        found = outcomes(written(tmp_path, name, data))
        assert isinstance(found[0], Document) or name == "a.warc.gz"
        assert isinstance(found[-1], InputError)

    def test_a_crawl_that_expands(self, tmp_path: Path) -> None:
        page = PAGE_HEAD + b"<p>It is shut.</p>" + b" " * 3_000_000
        data = b"".join(gzip.compress(record(page)) for _ in range(5))
        found = outcomes(written(tmp_path, "a.warc.gz", data))
        assert "expands to more than 200 times its size" in str(found[-1])
        assert len(found) == 4

    @pytest.mark.parametrize(
        ("headers", "body"),
        [
            (b"Content-Encoding: gzip", gzip.compress(b"<p>It is shut.</p>")),
            (b"Content-Encoding: deflate", zlib.compress(b"<p>It is shut.</p>")),
            (b"Content-Encoding: gzip", b"<p>It is shut.</p>"),
            (b"Transfer-Encoding: chunked", b"5\r\n<p>It\r\nd;x=y\r\n is shut.</p>\r\n0\r\n\r\n"),
            (b"Transfer-Encoding: chunked", b"<p>It is shut.</p>"),
            (b"X-Folded: a\r\n b", b"<p>It is shut.</p>"),
        ],
    )
    def test_how_a_page_was_sent(self, tmp_path: Path, headers: bytes, body: bytes) -> None:
        head = PAGE_HEAD.replace(b"\r\n\r\n", b"\r\n" + headers + b"\r\n\r\n")
        (document,) = documents(written(tmp_path, "a.warc", record(head + body)))
        assert (document.text, document.url) == ("It is shut.", "https://a.example/1")

    def test_a_page_that_was_compressed_to_very_little(self, tmp_path: Path) -> None:
        head = PAGE_HEAD.replace(b"\r\n\r\n", b"\r\nContent-Encoding: gzip, gzip\r\n\r\n")
        body = gzip.compress(gzip.compress(b" " * 30_000_000))
        (error,) = outcomes(written(tmp_path, "a.warc", record(head + body)))
        assert str(error).endswith("a.warc#1: larger than 20 MB (see --max-size)")


PAGE_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"


def record(block: bytes) -> bytes:
    """A record of a web crawl, in which a server sent this."""
    head = b"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: <https://a.example/1>\r\n"
    return head + b"Content-Length: %d\r\n\r\n" % len(block) + block + b"\r\n\r\n"


class TestFeeds:
    def test_an_entry_without_text(self, tmp_path: Path) -> None:
        feed = "<rss version='2.0'><channel><item><title>A</title></item></channel></rss>"
        (error,) = outcomes(written(tmp_path, "a.rss", feed))
        assert "a.rss#1: this feed entry has no text" in str(error)

    def test_no_feed(self, tmp_path: Path) -> None:
        (error,) = outcomes(written(tmp_path, "a.rss", "<html><p>No.</p></html>"))
        assert "not an RSS or Atom feed" in str(error)


DAMAGED = sorted({*BY_SUFFIX, ".tar.gz"} - {".txt", ".md", ".html", ".htm", ".xhtml", ".eml"})


@pytest.mark.parametrize("suffix", DAMAGED)
@pytest.mark.parametrize(
    "data", [b"", b"nonsense\n", b"PK\x03\x04", b"%PDF-1.7\n", b"\x1f\x8b\x08"]
)
def test_data_in_another_format_is_an_error(tmp_path: Path, suffix: str, data: bytes) -> None:
    found = outcomes(written(tmp_path, f"a{suffix}", data))
    assert all(isinstance(one, InputError) for one in found)


@pytest.mark.parametrize("suffix", sorted(news.FILES))
def test_truncated_files_raise_nothing(tmp_path: Path, suffix: str) -> None:
    data = news.FILES[suffix][0]
    for end in (len(data) // 2, len(data) - 3):
        outcomes(written(tmp_path, f"a{suffix}", data[:end]))


class TestCommands:
    FRENCH = "« Le pont est fermé depuis mardi », a déclaré la maire de la ville, Ada Poole."

    def test_options_have_the_defaults_of_the_settings(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        given: list[ReadOptions] = []

        def remember(_: object, settings: ReadOptions, **limits: float) -> Any:
            given.append(settings)
            return nullcontext([])

        monkeypatch.setattr("quotedex.read.reading.Reading", remember)
        CliRunner().invoke(main, ["extract", "a.txt"])
        options = ["--max-size=0.5", "--max-files=3", "--web-pause=2", "--follow-links"]
        CliRunner().invoke(main, ["extract", *options, "a.txt"])
        changed = ReadOptions(max_size=500_000, max_files=3, web_pause=2.0, follow_links=True)
        assert given == [ReadOptions(), changed]

    def test_other_languages_are_stored_without_quotations_and_counted(
        self, tmp_path: Path
    ) -> None:
        path = written(tmp_path, "a.txt", self.FRENCH)
        result = CliRunner().invoke(main, ["index", str(tmp_path / "q.db"), str(path)])
        counts = dict(line.rsplit(None, 1) for line in result.stdout.splitlines())
        assert (counts["articles"], counts["not English"], counts["quotations"]) == ("1", "1", "0")
        with closing(sqlite3.connect(tmp_path / "q.db")) as db:
            assert db.execute("SELECT language FROM articles").fetchall() == [("fr",)]
        again = CliRunner().invoke(main, ["index", str(tmp_path / "q.db"), str(path)])
        assert ["unchanged", "1"] in [line.split() for line in again.stdout.splitlines()]

    def test_any_language(self, tmp_path: Path) -> None:
        path = written(tmp_path, "a.txt", self.FRENCH)
        without = CliRunner().invoke(main, ["extract", str(path)])
        assert json.loads(without.stdout)["quotes"] == []
        looked = CliRunner().invoke(main, ["extract", "--any-language", str(path)])
        assert "Le pont est fermé" in json.loads(looked.stdout)["quotes"][0]["text"]

    def test_the_column_of_a_table(self, tmp_path: Path) -> None:
        path = json_lines(tmp_path, {"words": f"{news.SAID}", "text": "none"})
        result = CliRunner().invoke(main, ["extract", "--text-column", "words", str(path)])
        line = json.loads(result.stdout)
        assert line["document"] == "a.jsonl#1"
        assert len(line["quotes"]) == 2


class TestLanguage:
    @pytest.mark.parametrize(
        ("text", "language"),
        [
            ("The bridge was shut, said the council, and there is no money for a new one.", "en"),
            ("Le pont est fermé depuis mardi, a déclaré la maire, et le bac restera ouvert.", "fr"),
            ("Die Brücke ist seit Dienstag gesperrt, sagte die Bürgermeisterin am Abend.", "de"),
            ("El puente está cerrado desde el martes, dijo la alcaldesa de la ciudad.", "es"),
            ("Мост закрыт со вторника, сообщила мэр города, и паром будет ходить до весны.", "ru"),
            ("Bridge shut.", None),
            ("", None),
            ("1 2 3 4 5 6 7 8 9 10", None),
        ],
    )
    def test_of_texts(self, text: str, language: str | None) -> None:
        assert detect_language(text) == language

    def test_english_spares_the_identifier(self) -> None:
        program = (
            "import sys; from pathlib import Path; from quotedex.read import read;"
            "assert all(one.language == 'en' for one in read(['seeds']));"
            "assert 'py3langid' not in sys.modules and 'trafilatura' not in sys.modules"
        )
        subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=True)


PARAGRAPH = "“We moved the chairs,” said Nadia Okonkwo. The hall was cold, and nobody stayed long. "


@pytest.mark.parametrize(
    ("head", "heading", "first"),
    [
        ("<title>Chairs gone</title>", "<h1>Chairs  gone</h1>", "“We moved"),
        (
            '<title>Chairs gone - Ashby Courier</title><meta property="og:title" content="Chairs">',
            "<header><h1>Chairs <em>gone</em></h1></header>",
            "“We moved",
        ),
        ("<title>Chairs gone</title>", "<h1>Chairs gone</h1><h2>Hall empty</h2>", "Hall empty"),
        ("<title>Chairs gone</title>", "<p>Chairs are gone.</p>", "Chairs are gone."),
    ],
)
def test_the_heading_of_a_page_is_not_its_first_paragraph(
    tmp_path: Path, head: str, heading: str, first: str
) -> None:
    page = tmp_path / "page.html"
    body = f"<article>{heading}" + f"<p>{PARAGRAPH}</p>" * 4 + "</article>"
    page.write_text(f"<html><head>{head}</head><body>{body}</body></html>", encoding="utf-8")
    (document,) = read([page])
    assert isinstance(document, Document)
    assert document.text.startswith(first)
    assert document.title


@pytest.mark.parametrize(
    ("printed", "byline"),
    [
        ("By Ada Brook", "Ada Brook"),
        ("BY ADA BROOK", "ADA BROOK"),
        ("by: Ada Brook and Ben Cole", "Ada Brook and Ben Cole"),
        ("Words by Ada Brook", "Ada Brook"),
        ("Byron Cole", "Byron Cole"),
        ("Ada Brook", "Ada Brook"),
    ],
)
def test_a_byline_column_loses_its_by(tmp_path: Path, printed: str, byline: str) -> None:
    table = tmp_path / "news.jsonl"
    table.write_text(json.dumps({"text": PARAGRAPH, "author": printed}), encoding="utf-8")
    (document,) = read([table])
    assert isinstance(document, Document)
    assert document.byline == byline


class TestBadRecords:
    """One bad record is one error; the others are read."""

    def test_a_deeply_nested_author(self, tmp_path: Path) -> None:
        lines = [
            json.dumps({"text": f"Number {number}.", "author": "@"}).replace(
                '"@"', "[" * depth + '"Ada Poole"' + "]" * depth
            )
            for number, depth in enumerate((1, 300, 900, 100_000, 1))
        ]
        found = outcomes(written(tmp_path, "a.jsonl", "\n".join(lines)))
        texts = [one.text for one in found if isinstance(one, Document)]
        assert texts[0] == "Number 0."
        assert texts[-1] == "Number 4."
        assert len(found) == 5
        assert isinstance(found[0], Document)
        assert found[0].byline == "Ada Poole"

    @pytest.mark.parametrize("first", [{"text": 5}, {"text": ["a"]}, {}, {"title": "No text"}])
    def test_a_first_record_without_a_text(self, tmp_path: Path, first: dict[str, Any]) -> None:
        found = outcomes(json_lines(tmp_path, first, {"text": "one"}, {"text": "two"}))
        assert [one.text for one in found if isinstance(one, Document)] == ["one", "two"]
        (error,) = [one for one in found if isinstance(one, InputError)]
        assert error.reason in {"column 'text' is not text", "column 'text' is empty"}

    def test_a_first_record_without_the_columns_that_are_named(self, tmp_path: Path) -> None:
        path = json_lines(tmp_path, {"a": 1}, {"t": "one", "n": "7"}, {"t": "two", "n": "8"})
        found = outcomes(path, text_column="t", id_column="n")
        assert [one.guid for one in found if isinstance(one, Document)] == ["7", "8"]
        with pytest.raises(InputError, match="no column 'x'; columns: a"):
            raise outcomes(path, text_column="x")[0]  # type: ignore[misc]

    def test_a_table_without_a_text_is_one_error(self, tmp_path: Path) -> None:
        (error,) = outcomes(json_lines(tmp_path, *[{"n": number} for number in range(100)]))
        assert "which column is the text?" in str(error)

    @pytest.mark.parametrize("name", ["a.csv", "a.tsv"])
    @pytest.mark.parametrize("before", [0, 80])
    @pytest.mark.parametrize("marked", [b"", codecs.BOM_UTF8])
    def test_bytes_that_are_no_text(
        self, tmp_path: Path, name: str, before: int, marked: bytes
    ) -> None:
        head = b"text,id\n" + (b"x" * 1_000 + b",0\n") * before + "één,1\n".encode()
        data = head + b"caf\xff,2\nthree,3\n"
        if name == "a.tsv":
            data = data.replace(b",", b"\t")
        found = outcomes(written(tmp_path, name, marked + data))
        (error,) = [one for one in found if isinstance(one, InputError)]
        place = f"#{before + 2}"
        assert str(error).endswith(
            f"{place}: column 'text' is not valid text in the file's encoding"
        )
        assert [one.text for one in found[-3:] if isinstance(one, Document)] == ["één", "three"]

    def test_a_control_character_in_one_row(self, tmp_path: Path) -> None:
        found = documents(written(tmp_path, "a.csv", b"text,id\none,1\nt\0wo,2\nthree,3\n"))
        assert [one.text for one in found] == ["one", "t\0wo", "three"]
        (error,) = outcomes(written(tmp_path, "b.csv", b"t\0ext,id\none,1\n"))
        assert str(error).endswith("b.csv: a binary file, not text")

    def test_a_line_of_csv_that_is_too_long(self, tmp_path: Path) -> None:
        data = f"text,id\none,1\n{'x' * 3_000},2\nthree,3\n"
        one, error, three = outcomes(written(tmp_path, "a.csv", data), max_size=1_000)
        assert [two.text for two in (one, three) if isinstance(two, Document)] == ["one", "three"]
        assert isinstance(error, InputError)
        assert "#2: not a valid row (field larger than field limit" in str(error)

    def test_rows_of_sqlite(self, tmp_path: Path) -> None:
        path = tmp_path / "news.db"
        with closing(sqlite3.connect(path)) as db:
            db.execute("CREATE TABLE news (body TEXT)")
            db.execute("INSERT INTO news VALUES ('one'), (CAST(X'C3' AS TEXT)), ('three')")
            db.execute("INSERT INTO news VALUES (hex(zeroblob(4000000))), ('five')")
            db.execute("CREATE VIEW latest AS SELECT body, 7 AS n FROM news ORDER BY rowid")
            db.execute("CREATE TABLE named (n INTEGER PRIMARY KEY, body TEXT) WITHOUT ROWID")
            db.execute("INSERT INTO named SELECT rowid, body FROM news")
            db.commit()
        for table in ("news", "latest", "named"):
            address = f"sqlite:{path}?table={table}"
            one, two, three, four, five = outcomes(address, max_size=1_000_000)
            good = [row.text for row in (one, three, five) if isinstance(row, Document)]
            assert good == ["one", "three", "five"], table
            assert isinstance(two, InputError)
            assert two.location.endswith(f"?table={table}#2")
            assert two.reason == "column 'body' is not valid text in the file's encoding"
            assert isinstance(four, InputError)
            assert four.reason == "larger than 1 MB (see --max-size)"

    def test_a_view_of_huge_values(self, tmp_path: Path) -> None:
        path = tmp_path / "news.db"
        with closing(sqlite3.connect(path)) as db:
            db.execute("CREATE TABLE sizes (size INTEGER)")
            db.execute("INSERT INTO sizes VALUES (10), (100000000), (20), (200000000)")
            db.execute("CREATE VIEW news AS SELECT hex(zeroblob(size)) AS body FROM sizes")
            db.execute("CREATE VIEW constant AS SELECT hex(zeroblob(1e8)) AS body FROM sizes")
            db.commit()
        found = outcomes(f"sqlite:{path}?table=news")
        assert [type(one) for one in found] == [Document, InputError] * 2
        for one in found[1::2]:
            assert isinstance(one, InputError)
            assert one.reason == "larger than 20 MB (see --max-size)"
        constant = outcomes(f"sqlite:{path}?table=constant")
        assert [type(one) for one in constant] == [InputError] * 4

    def test_rowids_although_a_column_is_called_rowid(self, tmp_path: Path) -> None:
        path = tmp_path / "news.db"
        with closing(sqlite3.connect(path)) as db:
            db.execute("CREATE TABLE news (rowid TEXT, body TEXT)")
            db.execute("INSERT INTO news VALUES ('a', 'one'), ('a', 'two')")
            db.commit()
        found = documents(f"sqlite:{path}?table=news")
        assert [(one.text, one.row) for one in found] == [("one", "1"), ("two", "2")]

    def test_messages_of_a_mailbox(self, tmp_path: Path) -> None:
        good = b"Subject: Bridge\n\nIt is shut.\n\n"
        bad = b"Content-Type: text/plain; charset=no-such-thing\n\nx\n\n"
        data = b"".join(b"From a@b.example\n" + one for one in (good, bad, good))
        found = outcomes(written(tmp_path, "a.mbox", data))
        assert [type(one) for one in found] == [Document, InputError, Document]


class TestWhatExpands:
    """Files that would take much more memory or time than their size suggests."""

    def test_encoded_words_of_a_subject(self, tmp_path: Path) -> None:
        words = "".join(" =?utf-8?q?a?=\r\n" for _ in range(20_000))
        data = f"Subject:{words}From: Ada <ada@ashby.example>\r\n\r\nIt is shut.\r\n"
        start = time.monotonic()
        (document,) = documents(written(tmp_path, "a.eml", data))
        assert time.monotonic() - start < 2
        assert document.byline == "Ada"
        assert document.title
        assert document.title.startswith("aaaa")

    def test_cells_of_a_word_table(self, tmp_path: Path) -> None:
        span = '<w:tcPr><w:gridSpan w:val="2000000000"/></w:tcPr>'
        cells = f"<w:tc>{span}<w:p><w:r><w:t>It is shut.</w:t></w:r></w:p></w:tc>"
        found = documents(written(tmp_path, "a.docx", word(f"<w:tbl><w:tr>{cells}</w:tr></w:tbl>")))
        assert [one.text for one in found] == ["It is shut."]

    def test_merged_cells_of_a_word_table(self, tmp_path: Path) -> None:
        def cell(text: str, properties: str) -> str:
            content = f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"
            return f"<w:tc><w:tcPr>{properties}</w:tcPr>{content}</w:tc>"

        first = cell("one", '<w:gridSpan w:val="2"/>') + cell("two", '<w:vMerge w:val="restart"/>')
        second = cell("three", "") + cell("four", "") + cell("", "<w:vMerge/>")
        table = f"<w:tbl><w:tr>{first}</w:tr><w:tr>{second}</w:tr></w:tbl>"
        (document,) = documents(written(tmp_path, "a.docx", word(table)))
        assert document.text.split() == ["one", "two", "three", "four"]

    def test_paragraphs_of_a_word_file(self, tmp_path: Path) -> None:
        for number, said in ((6_000_000, "larger than 20 MB"), (3_000_000, "XML tags")):
            path = written(tmp_path, "a.docx", word("<w:p/>" * number))
            (error,) = outcomes(path, max_ratio=1_000_000)
            assert said in str(error)

    def test_rows_of_parquet_that_share_a_value(self, tmp_path: Path) -> None:
        pyarrow = pytest.importorskip("pyarrow")
        from pyarrow import parquet

        value, same = "no " * 2_000_000, pyarrow.array([0] * 256, pyarrow.int32())
        texts = pyarrow.DictionaryArray.from_arrays(same, [value])
        table = pyarrow.table({"text": texts, "id": [str(n) for n in range(256)]})
        parquet.write_table(table, tmp_path / "a.parquet", compression="zstd", store_schema=False)
        assert parquet.read_schema(tmp_path / "a.parquet").field("text").type == "string"
        del table, texts
        tracemalloc.start()
        for number, one in enumerate(read([tmp_path / "a.parquet"])):
            assert isinstance(one, Document)
            if number == 3:
                break
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 200_000_000
        assert pyarrow.total_allocated_bytes() < 200_000_000

    def test_columns_of_a_table(self, tmp_path: Path) -> None:
        header = ",".join(f"c{number}" for number in range(10_001))
        (error,) = outcomes(written(tmp_path, "a.csv", f"text{header}\n" + "x\n" * 100_000))
        assert str(error).endswith("a table of more than 10,000 columns")

    def test_parquet_that_expands(self, tmp_path: Path) -> None:
        pyarrow = pytest.importorskip("pyarrow")
        from pyarrow import parquet

        texts = [f"{number}{' ' * 1_000_000}" for number in range(30)]
        parquet.write_table(
            pyarrow.table({"text": texts}),
            tmp_path / "a.parquet",
            compression="zstd",
            use_dictionary=False,
        )
        (error,) = outcomes(tmp_path / "a.parquet")
        assert "expands to more than 200 times its size (see --max-ratio)" in str(error)

    @pytest.mark.parametrize("element", ["<p>a</p>", "<q>a</q>", "<br>"])
    def test_pages_of_many_elements(self, tmp_path: Path, element: str) -> None:
        start = time.monotonic()
        (error,) = outcomes(written(tmp_path, "a.html", "<html><body>" + element * 100_001))
        assert str(error).endswith("a page of more than 100,000 elements")
        assert time.monotonic() - start < 2

    def test_many_marks_in_a_paragraph(self, tmp_path: Path) -> None:
        page = f"<html><body><p>{'<q>No</q>, she said. ' * 20_000}</p></body></html>"
        start = time.monotonic()
        (document,) = documents(written(tmp_path, "a.html", page))
        assert time.monotonic() - start < 10  # drop_tag() took longer than that for each 10,000
        assert document.text.startswith("“No”, she said. “No”, she said.")


def word(body: str) -> bytes:
    """A Word file with this body."""
    space = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    xml = f'<w:document xmlns:w="{space}"><w:body>{body}</w:body></w:document>'
    with zipfile.ZipFile(io.BytesIO(news.FILES[".docx"][0])) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    return news.zipped(files | {"word/document.xml": xml.encode()})
