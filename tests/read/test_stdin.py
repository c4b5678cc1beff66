"""Standard input: its format is recognized, prose stays prose, and options describe one article."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from quotedex.cli.options import FORMATS as NAMES_OF_OPTIONS
from quotedex.cli.options import TABLES
from quotedex.errors import InputError
from quotedex.models import Document
from quotedex.read import ReadOptions, read
from quotedex.read.formats import format_of
from quotedex.read.stdin import FORMATS

STORY = "“We moved the chairs,” said Nadia Okonkwo. The hall was cold, and nobody stayed long."
OTHER = "“We sold the boats,” said Per Lund. The quay is empty now, and the gulls have left it."
ROWS = [{"headline": "Chairs", "body": STORY}, {"headline": "Boats", "body": OTHER}]
PAGE = (
    f"<!DOCTYPE html><html><head><title>Chairs</title></head><body><p>{STORY * 3}</p></body></html>"
)
FEED = (
    '<?xml version="1.0"?><rss version="2.0"><channel><title>Town</title><item>'
    "<title>Chairs</title>"
    f"<description>{STORY * 9}</description></item></channel></rss>"
)

Read = Callable[..., list[Document | InputError]]


@pytest.fixture
def read_stdin(monkeypatch: pytest.MonkeyPatch) -> Read:
    def read_it(data: str | bytes, **options: str) -> list[Document | InputError]:
        data = data.encode() if isinstance(data, str) else data
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
        return list(read(["-"], ReadOptions(**options)))  # type: ignore[arg-type]

    return read_it


def texts(documents: list[Document | InputError]) -> list[str]:
    return [each.text if isinstance(each, Document) else str(each) for each in documents]


@pytest.mark.parametrize(
    "given",
    [
        "\n".join(map(json.dumps, ROWS)),
        "\n".join(map(json.dumps, ROWS)) + "\n\n",
        json.dumps(ROWS),
        json.dumps(ROWS, indent=2),
        json.dumps({"articles": ROWS}),
        json.dumps({"articles": ROWS}, indent=2),
        f'headline,body\nChairs,"{STORY}"\nBoats,"{OTHER}"\n',
        f"headline;body\r\nChairs;{STORY}\r\nBoats;{OTHER}\r\n",
        f"headline\tbody\nChairs\t{STORY}\nBoats\t{OTHER}\n",
        f"\ufeffheadline\tbody\nChairs\t{STORY}\nBoats\t{OTHER}\n",
    ],
    ids=lambda given: given[:12],
)
def test_records_are_articles(read_stdin: Read, given: str) -> None:
    documents = read_stdin(given)
    assert texts(documents) == [STORY, OTHER]
    assert [each.title for each in documents if isinstance(each, Document)] == ["Chairs", "Boats"]
    assert [each.id for each in documents if isinstance(each, Document)] == ["-#1", "-#2"]


def test_long_records(read_stdin: Read) -> None:
    """Longer than what is read to recognize them."""
    long = [STORY * 200, OTHER * 300]
    lines = "\n".join(json.dumps({"text": text}) for text in long)
    assert texts(read_stdin(lines)) == long
    table = "title,text\n" + "\n".join(f'A,"{text}"' for text in long)
    assert texts(read_stdin(table)) == long
    assert texts(read_stdin(json.dumps({"text": long[0]}))) == long[:1]


def test_a_table_of_one_column(read_stdin: Read) -> None:
    story = 'The club met. "We moved the chairs," said Nadia Okonkwo.\n\nThe hall was cold.'
    quoted = story.replace('"', '""')
    assert texts(read_stdin(f'text\n"{quoted}"\n"{OTHER}"\n')) == [story, OTHER]


@pytest.mark.parametrize(
    "prose",
    [
        STORY,
        'Story\n"We moved the chairs," said Nadia Okonkwo.\n',
        f"Content\n{STORY}",
        f"[Update] {STORY}\n\n{OTHER}",
        f"{{Ed: check this}} {STORY}\n",
        f"Chairs, boats and the quay, a story, a text\n\n{STORY}",
        f"Story, content\n\n{STORY}",
        f"Town news\tSection B\n{STORY}",
        f"{json.dumps(ROWS[0])}\nis how one row looks. {STORY}",
        "“No,”\n" + STORY,
        "\n\n" + STORY,
    ],
)
def test_prose_stays_prose(read_stdin: Read, prose: str) -> None:
    (document,) = read_stdin(prose)
    assert isinstance(document, Document)
    assert (document.id, document.text) == ("-", prose)


def test_pages_and_feeds(read_stdin: Read) -> None:
    (page,) = read_stdin(PAGE)
    assert isinstance(page, Document)
    assert page.text.startswith("“We moved")
    assert "<p>" not in page.text
    (article,) = read_stdin(FEED)
    assert isinstance(article, Document)
    assert (article.id, article.title) == ("-#1", "Chairs")


def test_a_format_can_be_given(read_stdin: Read) -> None:
    table = f'town,"words, as printed"\nAshby,"{STORY}"\n'
    (document,) = read_stdin(table)
    assert isinstance(document, Document)
    assert document.text == table
    (row,) = read_stdin(table, input_format="csv", text_column="words, as printed")
    assert isinstance(row, Document)
    assert (row.text, row.metadata) == (STORY, (("town", "Ashby"),))
    assert texts(read_stdin(json.dumps(ROWS), input_format="text")) == [json.dumps(ROWS)]
    assert all(format_of(f"-{suffix}") for suffix in FORMATS.values())
    assert tuple(FORMATS) == NAMES_OF_OPTIONS
    assert set(TABLES) < set(FORMATS)


def test_a_text_column_that_is_named_makes_a_header(read_stdin: Read) -> None:
    (row,) = read_stdin(f'town,words\nAshby,"{STORY}"\n', text_column="words")
    assert isinstance(row, Document)
    assert row.text == STORY


def test_a_format_for_a_file_whose_name_does_not_say_it(tmp_path: Path) -> None:
    file = tmp_path / "dump.data"
    file.write_text(f'headline,body\nChairs,"{STORY}"\n')
    (unknown,) = read([file])
    assert isinstance(unknown, InputError)
    (row,) = read([file], ReadOptions(input_format="csv"))
    assert isinstance(row, Document)
    assert row.text == STORY


def test_what_the_user_says_about_one_article(read_stdin: Read) -> None:
    said = {
        "title": "The hall",
        "date": "2024-05-03",
        "outlet": "Ashby Courier",
        "url": "https://ashby.example/hall",
    }
    (document,) = read_stdin(STORY, **said)
    assert isinstance(document, Document)
    found = document.title, document.published, document.outlet, document.url
    assert found == tuple(said.values())
    first, problem = read_stdin("\n".join(map(json.dumps, ROWS)), **said)
    assert isinstance(first, Document)
    assert isinstance(problem, InputError)
    assert problem.reason == "--title, --date, --outlet and --url describe one article, not several"
