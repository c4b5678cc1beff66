"""Each check, made to fail on purpose: that one is reported, and no other."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from benchmarks import synthetic
from quotedex.check import CHECKS, check
from quotedex.errors import DatabaseError, InputError
from quotedex.index import index
from tests.helpers import toy_extractor as toy
from tests.helpers.checksums import renew

TEXT = (
    "“Rates stay in {0},” Ada Okafor said. “He said ‘no {0}’ to us,” an aide said."
    " “We will see.” “Rents rise,” Ms Okafor said. “The quay will be dry by then.” Bo Lind nodded."
)

VIOLATIONS = {
    "schema": [
        "DROP INDEX quotes_by_cue",
        "DROP TRIGGER quotes_deleted",
    ],
    "foreign keys": [
        "UPDATE failures SET run_id = 99",
        "UPDATE quotes SET parent_id = 999 WHERE id = 2",
    ],
    "internal ids": ["INSERT INTO _quote_links VALUES (999, NULL, 1)"],
    "article hashes": [
        "UPDATE articles SET sha256 = replace(sha256, substr(sha256, 1, 1), 'X')",
        "UPDATE articles SET text = replace(text, 'nodded', 'shrugs')",
        "UPDATE articles SET byline = 'Somebody else' WHERE id = 2",
        "UPDATE articles SET metadata = '{}' WHERE id = 2",
        "UPDATE quotes SET confidence = 0.91 WHERE id = 1",
        "UPDATE quotes SET why = 'x' WHERE id = 1",
        "UPDATE quotes SET speaker_why = 'x' WHERE id = 1",
        "UPDATE quotes SET kind = 'partial' WHERE id = 1",
        "UPDATE quotes SET utterance = 9 WHERE id = 1",
        "UPDATE quotes SET mention = NULL, mention_start_char = NULL, mention_end_char = NULL"
        " WHERE text = 'The quay will be dry by then.' OR id = 1",
    ],
    "other hashes": [
        "UPDATE runs SET version = '9', model = 'x'",
        "UPDATE failures SET error = 'all is well'",
        "UPDATE speakers SET description = 'x', wikidata = 'Q1' WHERE id = 1",
        "DELETE FROM failures",
        "INSERT INTO people_list VALUES ('x', 'Ned', '[]', NULL, NULL)",
        "INSERT INTO former_keys (page, key, label) VALUES ('quotes', 'x', 'y')",
        "DELETE FROM _checksums WHERE source = 'run'",
    ],
    "word counts": ["UPDATE articles SET word_count = word_count + 1 WHERE id = 2"],
    "quotation offsets": [
        "UPDATE quotes SET start_char = start_char + 1, end_char = end_char + 1 WHERE id = 1",
        "UPDATE quotes SET end_char = end_char - 1 WHERE text = 'We will see.'",
    ],
    "mention offsets": [
        "UPDATE quotes SET mention_start_char = mention_start_char + 1 WHERE id = 1"
    ],
    "cue offsets": ["UPDATE quotes SET cue_end_char = cue_end_char + 1 WHERE id = 1"],
    "quotation dates": [
        "UPDATE quotes SET published = '2024-05-01'"
        " WHERE text LIKE 'The quay%' AND published = '2024-05-02'",
        "UPDATE quotes SET published = NULL"
        " WHERE text LIKE 'The quay%' AND published = '2024-05-02'",
    ],
    "nested quotations": [
        "UPDATE quotes SET parent_id = 1 WHERE id = 4",
        "UPDATE quotes SET parent_id = id WHERE id = 4",
        "UPDATE quotes SET parent_id = parent_id + 5 WHERE id = 3",
    ],
    "pull-quotes": [
        "UPDATE quotes SET repeats_id = id WHERE id = 4",
        "UPDATE quotes SET repeats_id = (SELECT max(id) FROM quotes) WHERE id = 1",
        "UPDATE quotes SET repeats_id = id - 1 WHERE id IN (2, 3)",
    ],
    "search index": [
        "INSERT INTO quote_search (quote_search, rowid, text, speaker, title)"
        " SELECT 'delete', id, text, speaker, title FROM quote_details WHERE id = 2",
        "INSERT INTO quote_search (rowid, text) VALUES (999, 'never said')",
        "INSERT INTO quote_search (quote_search) VALUES ('delete-all')",
    ],
    "speaker counts": [
        "UPDATE speakers SET quote_count = quote_count + 1 WHERE id = 1",
        "UPDATE speakers SET article_count = article_count - 1 WHERE id = 1",
        "UPDATE speakers SET last_quoted = '2025-01-01' WHERE id = 1",
        "INSERT INTO speakers (key, name, label, kind) VALUES ('x', 'Ned', 'Ned', 'person')",
    ],
    "alias counts": [
        "UPDATE aliases SET article_count = article_count + 1 WHERE name = 'Ms Okafor'",
        "DELETE FROM aliases WHERE name = 'Ms Okafor'",
        "INSERT INTO aliases VALUES (1, 'Okie', 1, 'okie')",
    ],
    "statement counts": [
        "UPDATE statements SET article_count = article_count + 1 WHERE id = 1",
        "UPDATE statements SET first_published = NULL WHERE id = 1",
        "INSERT INTO statements (key, text) VALUES ('x', 'Never said')",
    ],
    "statement texts": ["UPDATE statements SET text = 'Other words' WHERE id = 1"],
    "statement speakers": [
        "UPDATE statements SET speaker_id = NULL WHERE text = 'Rents rise,'",
        "UPDATE statements SET speaker_id = 1 WHERE text = 'We will see.'",
    ],
    "quotation speakers": [
        "UPDATE quotes SET speaker_from = NULL WHERE id = 1",
        "UPDATE quotes SET speaker_from = 'article' WHERE text = 'We will see.'",
        "UPDATE quotes SET speaker_why = 'x' WHERE text = 'We will see.'",
    ],
    "article speakers": [
        "UPDATE _article_speakers SET normalized_name = 'x' WHERE id = 1",
    ],
    "link evidence": [
        "DELETE FROM _link_evidence WHERE evidence = (SELECT min(evidence) FROM _link_evidence)",
        "INSERT INTO _link_evidence VALUES (1, 1)",
        "UPDATE _article_speakers SET name_class = 'x' WHERE id = 1",
        "INSERT INTO _choice_evidence VALUES (1, 1)",
    ],
    "wordings": [
        "UPDATE _wordings SET normalized_text = 'x' WHERE normalized_text = 'we will see'",
        "UPDATE _wordings SET word_count = 9 WHERE normalized_text LIKE 'rents %'",
        "DELETE FROM _wording_fingerprints"
        " WHERE fingerprint = (SELECT min(fingerprint) FROM _wording_fingerprints)",
        "INSERT INTO _wording_fingerprints VALUES (1, 1)",
    ],
    "linked statements": [
        "UPDATE _wordings SET statement_id = (SELECT id FROM statements WHERE text = 'Rents rise,')"
        " WHERE normalized_text LIKE 'the quay%'",
        "UPDATE _common_statements SET said_by = 'speaker 99' WHERE said_by = 'article 1'",
    ],
    "article keys": [
        "UPDATE articles SET key = 'x' WHERE id = 1",
        "UPDATE articles SET path = '2.txt' WHERE id = 1",
        "UPDATE articles SET identified_by = 'url' WHERE id = 1",
        "UPDATE articles SET identified_by = 'text' WHERE id = 1",
    ],
    "quotation keys": ["UPDATE quotes SET key = 'x' WHERE text LIKE 'The quay%' AND id < 9"],
    "statement keys": ["UPDATE statements SET key = 'x' WHERE id = 1"],
    "speaker keys": [
        "UPDATE speakers SET key = 'x' WHERE name = 'Ada Okafor'",
        "UPDATE speakers SET key = 'aide' WHERE id = (SELECT max(id) FROM speakers)",
        "UPDATE speakers SET label = 'x' WHERE name = 'Ada Okafor'",
        "UPDATE aliases SET slug = 'x' WHERE name = 'Ada Okafor'",
    ],
    "former keys": [
        "INSERT INTO former_keys (page, key, leads_to, label) VALUES ('quotes', 'x', 'y', '')",
        "INSERT INTO former_keys (page, key, label) SELECT 'articles', key, '' FROM articles",
    ],
    "topics": [
        "INSERT INTO topics SELECT id, 'rents', 0.5 FROM speakers WHERE kind = 'anonymous'",
        "INSERT INTO _topic_samples SELECT id, NULL, 1 FROM speakers WHERE kind = 'anonymous'",
        "DELETE FROM _topic_samples",
    ],
    "run counts": [
        "UPDATE runs SET article_count = 2",
        "UPDATE runs SET quote_count = 0",
        "UPDATE runs SET failure_count = 0",
    ],
}

# These cannot fail alone.
ALSO_FAILING = {
    "linked speakers": [
        "UPDATE _article_speakers SET speaker_id = (SELECT max(id) FROM speakers) WHERE id = 1",
        "UPDATE _article_speakers SET speaker_id = (SELECT min(id) FROM speakers)"
        " WHERE kind = 'anonymous'",
    ],
    "corrections": [
        "INSERT INTO corrections (what, key, made_at, state)"
        " VALUES ('nobody', 'x', '2024-05-01', 'applied')",
    ],
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "quotes.db"
    documents = [
        toy.document(f"{day}.txt", TEXT.format(day), f"2024-05-{day:02}", language="en")
        for day in (1, 2, 3)
    ]
    index(path, [*documents, InputError("c.bin", "the file is empty")], extract=toy.extract)
    return path


def test_a_synthetic_file_passes_every_check(tmp_path: Path) -> None:
    """As benchmarks build it: with copies, nested quotations and speakers of every kind."""
    synthetic.build(tmp_path / "synthetic.db", 1_000)
    assert failing(tmp_path / "synthetic.db") == []
    with closing(sqlite3.connect(tmp_path / "synthetic.db")) as conn:
        assert conn.execute("SELECT count(*) FROM quotes").fetchone() == (1_000,)
        copied = "SELECT count(*) FROM statements WHERE article_count > 1"
        assert conn.execute(copied).fetchone()[0] > 50
        nested = "SELECT count(*) FROM quotes WHERE parent_id IS NOT NULL"
        assert conn.execute(nested).fetchone()[0] > 10


def failing(path: Path) -> list[str]:
    return [each.name for each in check(path) if not each.ok]


def test_a_new_file_passes_every_check(path: Path) -> None:
    checks = check(path)
    assert [each.name for each in checks if each.ok] == [name for name, _ in CHECKS]
    assert all(each.detail == "" for each in checks)


@pytest.mark.parametrize(
    ("name", "change"), [(name, sql) for name, changes in VIOLATIONS.items() for sql in changes]
)
def test_a_violation_fails_one_check(path: Path, name: str, change: str) -> None:
    with closing(sqlite3.connect(path)) as conn, conn:
        assert conn.execute(change).rowcount != 0, "nothing was changed"
        if not name.endswith("hashes"):
            renew(conn)  # by somebody who knows of them
    assert failing(path) == [name]


@pytest.mark.parametrize(
    ("name", "change"), [(name, sql) for name, changes in ALSO_FAILING.items() for sql in changes]
)
def test_a_violation_fails_this_check_among_others(path: Path, name: str, change: str) -> None:
    with closing(sqlite3.connect(path)) as conn, conn:
        assert conn.execute(change).rowcount != 0, "nothing was changed"
    assert name in failing(path)


def test_a_damaged_page_is_reported(path: Path) -> None:
    with closing(sqlite3.connect(path)) as conn:
        root, size = conn.execute(
            "SELECT rootpage, (SELECT page_size FROM pragma_page_size) FROM sqlite_master"
            " WHERE name = 'articles_by_language'"
        ).fetchone()
    data = bytearray(path.read_bytes())
    page = slice((root - 1) * size, root * size)
    assert b"en" in data[page]
    data[page] = data[page].replace(b"en", b"xx")
    path.write_bytes(data)
    assert failing(path) == ["SQLite integrity"]


def test_every_check_has_a_violation() -> None:
    assert {*VIOLATIONS, *ALSO_FAILING, "SQLite integrity"} == {name for name, _ in CHECKS}


def test_violations_are_described(path: Path) -> None:
    with closing(sqlite3.connect(path)) as conn, conn:
        conn.execute("UPDATE articles SET word_count = 1")
        conn.execute("UPDATE speakers SET quote_count = 9 WHERE id = 1")
        conn.execute("UPDATE runs SET model = 'x'")
    details = {each.name: each.detail for each in check(path) if not each.ok}
    assert details == {
        "article hashes": "; ".join(
            f"article {number} is not as it was stored" for number in (1, 2, 3)
        ),
        "other hashes": "the run 1 is not as it was stored",
        "word counts": "; ".join(
            f"article {number} has a word_count of 1, but 34 words" for number in (1, 2, 3)
        ),
        "speaker counts": "speaker 1 (Ada Okafor) has wrong counts or dates",
    }


def test_a_long_list_is_cut(path: Path) -> None:
    with closing(sqlite3.connect(path)) as conn, conn:
        conn.execute("UPDATE quotes SET start_char = start_char + 1 WHERE start_char < 200")
    (detail,) = (p.detail for p in check(path) if p.name == "quotation offsets")
    assert detail.count("quotation") == 3
    assert detail.endswith("; and more")


def test_checking_leaves_the_file_as_it_is(path: Path) -> None:
    before = path.read_bytes()
    check(path)
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(DatabaseError, match=r"nowhere\.db does not exist"):
        check(tmp_path / "nowhere.db")
    (tmp_path / "empty.db").touch()
    with pytest.raises(DatabaseError, match=r"empty\.db is empty"):
        check(tmp_path / "empty.db")
