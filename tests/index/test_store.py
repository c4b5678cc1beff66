"""The file as readers see it after articles have come, changed and gone."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from quotedex.check import check, damage
from quotedex.errors import DatabaseError
from quotedex.link import ListedSpeaker
from quotedex.models import Document, Extraction, Speaker
from quotedex.store import Failure, Store, counts
from quotedex.store.schema import APPLICATION_ID
from quotedex.store.values import name_form
from tests.helpers.toy_extractor import document, extract

# Bo Lind is the evidence that Ada Okafor is the same person in both.
RATES = "Ada Okafor met Bo Lind. “We will see,” Ms Okafor said. “Rates stay,” an aide said."
RENTS = "“Rents rise,” Ada Okafor said. “We will see!” Bo Lind said. “Nobody.”"
# Words that two people do not choose independently.
QUAY = "The quay will be dry by then"


def write(path: Path, *documents: Document) -> None:
    with Store(path) as store:
        store.write([extract(each) for each in documents], store.start_run())


def rows(path: Path, sql: str, *values: Any) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(path)) as conn:
        return conn.execute(sql, values).fetchall()


def test_a_headline_is_repaired_like_the_text(path: Path) -> None:
    damaged = document("a.txt", RATES, title="Mayor: â\x80\x98No new bridgeâ\x80\x99")
    write(path, damaged)
    assert rows(path, "SELECT title FROM articles") == [("Mayor: ‘No new bridge’",)]
    with Store(path) as store:
        assert store.known(damaged) == "unchanged"


def test_article_with_its_quotations(path: Path) -> None:
    write(path, document("a.txt", RATES, "2024-05-01", outlet="Lantern", byline="C. Doe"))
    assert rows(
        path, "SELECT location, title, byline, outlet, published, word_count, text FROM articles"
    ) == [("a.txt", "News of a.txt", "C. Doe", "Lantern", "2024-05-01", 16, RATES)]
    assert rows(
        path,
        "SELECT text, speaker, speaker_kind, mention, cue, kind, utterance, published, statement"
        " FROM quote_details ORDER BY id",
    ) == [
        (
            "We will see,",
            "Ada Okafor",
            "person",
            "Ms Okafor",
            "said",
            "full",
            0,
            "2024-05-01",
            "We will see,",
        ),
        (
            "Rates stay,",
            "an aide",
            "anonymous",
            "an aide",
            "said",
            "full",
            1,
            "2024-05-01",
            "Rates stay,",
        ),
    ]


def test_metadata_of_an_article_is_kept(path: Path) -> None:
    pairs = (("desk", "city\0"), ("tag", "rates"), ("tag", "“banks”"), ("body", "x"))
    url = "https://lantern.example/rates"
    write(path, document("a.txt", RATES, url=url, metadata=pairs), document("b.txt", RENTS))
    assert rows(path, "SELECT DISTINCT location, url FROM quote_details ORDER BY location") == [
        ("a.txt", url),
        ("b.txt", None),
    ]
    assert rows(
        path,
        "SELECT metadata ->> 'desk', metadata ->> '$.tag[1]', json_type(metadata, '$.body')"
        " FROM articles ORDER BY location",
    ) == [("city\ufffd", "“banks”", "text"), (None, None, None)]
    with Store(path) as store:
        assert store.known(document("a.txt", RATES, url=url, metadata=pairs)) == "unchanged"
        assert store.known(document("a.txt", RATES, url=url, metadata=pairs[1:])) is None
        assert store.known(document("a.txt", RATES, metadata=pairs)) is None


def test_pull_quote_refers_to_the_quotation_that_it_repeats(path: Path) -> None:
    rates, rents = extract(document("a.txt", RATES)), extract(document("b.txt", RENTS))
    again = replace(rents.quotes[2], repeats=0)
    with Store(path) as store:
        run = store.start_run()
        store.write([rates, replace(rents, quotes=(*rents.quotes[:2], again))], run)
    repeats = """
        SELECT again.text, first.text FROM quote_details AS again
        JOIN quotes AS first ON first.id = again.repeats_id"""
    assert rows(path, repeats) == [("Nobody.", "Rents rise,")]
    write(path, document("b.txt", RENTS + " More."))
    assert rows(path, repeats) == []


def test_offsets_of_a_cue(path: Path) -> None:
    write(path, document("a.txt", RATES), document("b.txt", RENTS))
    assert rows(
        path,
        "SELECT DISTINCT cue, substr(a.text, cue_start_char + 1, cue_end_char - cue_start_char)"
        " FROM quotes JOIN articles AS a ON a.id = article_id ORDER BY cue",
    ) == [(None, None), ("said", "said")]


def test_offsets_count_characters_in_sql_too(path: Path) -> None:
    write(path, document("a.txt", "\N{GRINNING FACE} é\0 “Rents\0 rise,” Ada Okafor said."))
    assert rows(
        path,
        "SELECT q.text, substr(a.text, start_char + 1, end_char - start_char),"
        " substr(a.text, mention_start_char + 1, mention_end_char - mention_start_char),"
        " length(a.text)"
        " FROM quotes q JOIN articles a ON a.id = article_id",
    ) == [("Rents\ufffd rise,", "Rents\ufffd rise,", "Ada Okafor", 36)]


def test_half_a_surrogate_pair_is_replaced(path: Path) -> None:
    write(path, document("a.txt", "x “y\ud83d z,” Ada Okafor said.", byline="\udc00"))
    assert rows(
        path, "SELECT q.text, byline FROM quotes q JOIN articles a ON a.id = article_id"
    ) == [("y\ufffd z,", "\ufffd")]


def test_nested_quotation_points_to_the_one_around_it(path: Path) -> None:
    write(path, document("a.txt", "“He told me ‘never again’ twice,” Ada Okafor said."))
    assert rows(
        path,
        "SELECT inside.text, around.text"
        " FROM quotes inside JOIN quotes around ON around.id = inside.parent_id",
    ) == [("never again", "He told me ‘never again’ twice,")]


def test_people_are_linked_across_articles_but_not_anonymous_sources(path: Path) -> None:
    write(path, document("a", RATES, "2024-05-01"), document("b", RATES + " x", "2024-05-03"))
    assert rows(
        path,
        "SELECT name, kind, quote_count, article_count, first_quoted, last_quoted"
        " FROM speakers ORDER BY id",
    ) == [
        ("Ada Okafor", "person", 2, 2, "2024-05-01", "2024-05-03"),
        ("an aide", "anonymous", 1, 1, "2024-05-01", "2024-05-01"),
        ("an aide", "anonymous", 1, 1, "2024-05-03", "2024-05-03"),
    ]


def test_aliases_are_forms_of_the_name(path: Path) -> None:
    write(path, document("a", RATES), document("b", RENTS))
    assert rows(
        path,
        "SELECT s.name, a.name, a.article_count FROM aliases a JOIN speakers s ON s.id = speaker_id"
        " ORDER BY 1, 2",
    ) == [
        ("Ada Okafor", "Ada Okafor", 2),
        ("Ada Okafor", "Ms Okafor", 1),
        ("Bo Lind", "Bo Lind", 1),
    ]


@pytest.mark.parametrize(
    ("mention", "name", "form"),
    [
        ("Ms Okafor’s", "Ada Okafor", "Ms Okafor"),
        ("Okafor", "Ada Okafor", "Okafor"),
        ("Ada\nOkafor", "Ada Okafor", "Ada Okafor"),
        ("He", "Ada Okafor", None),
        ("the senator", "Ada Okafor", None),
        ("The", "The Harbour Trust", None),
        ("DOT", "Department of Transport", "DOT"),
        ("the D.O.T.", "Department Of Transport", "the D.O.T."),
        ("WHO", "Department of Transport", None),
        ("the department", "Department of Transport", None),
        ("Okafor aides", "Ada Okafor", None),
        ("one of the DOT officials", "DOT", None),
        ("Mr van Aal", "Jan van Aal", "Mr van Aal"),
        (None, "Ada Okafor", None),
    ],
)
def test_name_form(mention: str | None, name: str, form: str | None) -> None:
    assert name_form(mention, name, "person") == form


def test_the_same_words_are_one_statement(path: Path) -> None:
    write(
        path,
        document("b", f"“{QUAY}!” Bo Lind said.", "2024-05-03"),
        document("a", f"“{QUAY},” Ada Okafor said.", "2024-05-01"),
    )
    assert rows(
        path,
        "SELECT text, quote_count, article_count, first_published, last_published, speaker_id"
        " FROM statements",
    ) == [(f"{QUAY},", 2, 2, "2024-05-01", "2024-05-03", None)]


def test_common_words_are_one_statement_only_of_one_speaker(path: Path) -> None:
    bo = "Una Reyes. Bo Lind. “A mess,” Mr Lind said. “It is,” they told us."
    write(
        path,
        document("a", f"{bo} “A mess!”", "2024-05-01"),
        document("b", f"{bo} Again.", "2024-05-02"),
        document("c", "“A mess,” Ada Okafor said. “A mess.” “It is,” an aide said.", "2024-05-03"),
    )
    statements = """
        SELECT statements.text, speakers.name, group_concat(location, ' ')
        FROM quotes JOIN statements ON statements.id = statement_id
        JOIN articles ON articles.id = article_id
        LEFT JOIN speakers ON speakers.id = quotes.speaker_id
        GROUP BY statement_id ORDER BY 1, 2, 3"""
    assert rows(path, statements) == [
        ("A mess!", None, "a"),
        ("A mess,", "Ada Okafor", "c"),
        ("A mess,", "Bo Lind", "a b"),
        ("A mess.", None, "c"),
        ("It is,", None, "a"),
        ("It is,", None, "b"),
        ("It is,", "an aide", "c"),
    ]


def test_common_words_follow_their_speaker(path: Path) -> None:
    """Two rows that turn out to be one person have one statement, and lose it when they part."""
    write(
        path,
        document("a", "Una Reyes. “A mess,” Bo Lind said."),
        document("b", "Old Mill. “A mess,” Bo Lind said."),
    )
    number = "SELECT count(*) FROM speakers UNION ALL SELECT count(*) FROM statements"
    with Store(path) as store:
        before = rows(path, number)
        store.use_people([ListedSpeaker("Bo Lind", (), "Q42")])
        assert rows(path, number) == [(1,), (1,)]
        store.use_people([])
    assert rows(path, number) == before


def test_a_quotation_cut_with_an_ellipsis_joins_its_whole(path: Path) -> None:
    cut = "No one wakes up wanting to close"
    whole = (
        f"{cut} a school that has served the children of this street for a hundred years, but"
        " the numbers leave us with no other choice."
    )
    write(path, document("a", f"“{cut}…”"), document("b", f"“{whole}”"), document("c", f"“{cut}.”"))
    counts = "SELECT quote_count FROM statements ORDER BY 1 DESC"
    assert sum(count for (count,) in rows(path, counts)) == 3
    joined = "SELECT statement_id FROM quotes JOIN articles ON articles.id = article_id"
    (a,), (b,) = rows(path, f"{joined} WHERE location IN ('a', 'b')")
    assert a == b


def test_statement_has_the_speaker_that_its_copies_agree_on(path: Path) -> None:
    unattributed = document("b", f"Old news: “{QUAY}.”", "2024-05-02")
    write(path, document("a", f"“{QUAY},” Ada Okafor said.", "2024-05-01"), unattributed)
    agreed = "SELECT speakers.name FROM statements JOIN speakers ON speakers.id = speaker_id"
    assert rows(path, agreed) == [("Ada Okafor",)]
    write(path, document("c", f"“{QUAY},” Bo Lind said."))
    assert rows(path, agreed) == []
    write(path, document("c", "Nothing said."))
    assert rows(path, agreed) == [("Ada Okafor",)]


def test_one_wrong_copy_in_five_does_not_hide_the_speaker_of_a_statement(path: Path) -> None:
    speakers = (
        "SELECT article.location, speakers.name FROM quotes"
        " JOIN articles AS article ON article.id = article_id"
        " LEFT JOIN speakers ON speakers.id = quotes.speaker_id WHERE article.location > 'd'"
    )
    agreed = "SELECT speakers.name FROM statements LEFT JOIN speakers ON speakers.id = speaker_id"
    right = [document(name, f"Page {name}: “{QUAY},” Ada Okafor said.") for name in "abcd"]
    wrong = [document(name, f"Page {name}: “{QUAY},” Bo Lind said.") for name in "ef"]
    write(path, *right[:3], wrong[0], document("g", f"Old news: “{QUAY}.”"))
    assert rows(path, agreed) == [(None,)]
    write(path, right[3])
    assert rows(path, agreed) == [("Ada Okafor",)]
    assert sorted(rows(path, speakers)) == [("e", "Bo Lind"), ("g", "Ada Okafor")]
    assert damage(path) is None
    write(path, wrong[1])
    assert rows(path, agreed) == [(None,)]
    assert ("g", None) in rows(path, speakers)
    assert damage(path) is None


def test_changed_article_replaces_its_quotations_and_keeps_its_id(path: Path) -> None:
    write(path, document("a", RATES, "2024-05-01"), document("b", RENTS, "2024-05-02"))
    before = rows(path, "SELECT id FROM articles WHERE location = 'a'")
    write(path, document("a", "“Rents rise,” Cy Moss said.", "2024-05-04"))
    assert rows(path, "SELECT id FROM articles WHERE location = 'a'") == before
    assert rows(
        path, "SELECT name, quote_count, article_count, last_quoted FROM speakers ORDER BY name"
    ) == [
        ("Ada Okafor", 1, 1, "2024-05-02"),
        ("Bo Lind", 1, 1, "2024-05-02"),
        ("Cy Moss", 1, 1, "2024-05-04"),
    ]
    assert rows(path, "SELECT text, quote_count FROM statements ORDER BY text") == [
        ("Nobody.", 1),
        ("Rents rise,", 1),
        ("Rents rise,", 1),
        ("We will see!", 1),
    ]
    assert rows(path, "SELECT name FROM aliases ORDER BY name") == [
        ("Ada Okafor",),
        ("Bo Lind",),
        ("Cy Moss",),
    ]


def test_article_changed_twice_in_a_batch(path: Path) -> None:
    write(path, document("a", RATES), document("a", RENTS), document("a", RATES))
    assert rows(path, "SELECT name, quote_count, article_count FROM speakers ORDER BY name") == [
        ("Ada Okafor", 1, 1),
        ("an aide", 1, 1),
    ]


@pytest.mark.parametrize("order", [("a", "b"), ("b", "a")])
def test_the_same_text_elsewhere_is_kept_once(path: Path, order: tuple[str, str]) -> None:
    for location in order:
        write(path, document(location, RATES))
    assert rows(path, "SELECT location, title FROM articles") == [("a", "News of a")]


def test_article_that_becomes_a_copy_of_another_is_removed(path: Path) -> None:
    write(path, document("a", RATES), document("b", RENTS))
    write(path, document("b", RATES))
    assert rows(path, "SELECT location FROM articles") == [("a",)]
    assert rows(path, "SELECT name FROM speakers ORDER BY id") == [("Ada Okafor",), ("an aide",)]


def test_known_documents(path: Path) -> None:
    write(path, document("b", RATES))
    with Store(path) as store:
        assert store.known(document("b", RATES)) == "unchanged"
        assert store.known(document("b", RENTS)) is None
        assert store.known(document("b", RATES, title="Another")) is None
        assert store.known(document("c", RATES)) == "duplicate"
        assert store.known(document("a", RATES)) is None, (
            "the first in alphabetical order takes over"
        )
        assert store.known(document("b", RATES), {"b"}) is None
        assert store.known(document("c", RATES), {"b"}) is None


def test_failure_is_listed_once_and_goes_when_the_document_is_indexed(path: Path) -> None:
    failure = Failure("a", "this is a binary file, not text")
    with Store(path) as store:
        first, second = store.start_run(), store.start_run()
        store.add_failures([failure], first)
        store.add_failures([failure], second)
        assert store.has_failure(failure)
        assert rows(path, "SELECT * FROM failures") == [("a", failure.error, None, first)]
        store.add_failures([Failure("a", "other")], second)
        assert rows(path, "SELECT * FROM failures") == [("a", "other", None, second)]
        assert rows(path, "SELECT failure_count FROM runs") == [(1,), (2,)]
        store.write([extract(document("a", RATES))], second)
    assert rows(path, "SELECT * FROM failures") == []


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("café", "One cafe closed,"),
        ("closing", "One cafe closed,"),
        ("speaker: okafor", "One cafe closed,"),
        ("title: lantern*", "One cafe closed,"),
        ("cl*", "One cafe closed,"),
        ("opened", None),
    ],
)
def test_search(path: Path, query: str, found: str | None) -> None:
    write(path, document("a", "“One cafe closed,” Ada Okafor said.", title="Lanterns out"))
    texts = [text for (text,) in rows(path, "SELECT text FROM quote_search(?)", query)]
    assert texts == ([found] if found else [])


def test_search_highlights_the_words(path: Path) -> None:
    write(path, document("a", "“One café closed,” Ada Okafor said."))
    sql = """
        SELECT highlight(quote_search, 0, '[', ']'), snippet(quote_search, 1, '[', ']', '…', 5)
        FROM quote_search(?)"""
    assert rows(path, sql, "cafe AND okafor") == [("One [café] closed,", "Ada [Okafor]")]


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE speakers SET name = 'Ida Okafor' WHERE name = 'Ada Okafor'",
        "UPDATE articles SET title = 'Other news'",
        "UPDATE quotes SET speaker_id = NULL WHERE mention = 'Ms Okafor'",
        "UPDATE quotes SET text = 'Other words' WHERE mention = 'Ms Okafor'",
        "UPDATE quotes SET id = id + 100",
        "DELETE FROM quotes WHERE mention = 'Ms Okafor'",
    ],
)
def test_search_index_follows_any_writer(tmp_path: Path, change: str) -> None:
    """Not only `Store`: the triggers are in the file."""
    path = tmp_path / "quotes.db"
    write(path, document("a", RATES), document("b", RENTS))
    with closing(sqlite3.connect(path)) as conn, conn:
        assert conn.execute(change).rowcount > 0
    assert {p.name: p.ok for p in check(path)}["search index"]


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (3, 2, 1, 0), (1, 2, 0, 3)])
def test_the_order_of_articles_changes_no_content(path: Path, order: tuple[int, ...]) -> None:
    described = [
        document("a", RATES, "2024-05-01"),
        document("b", RENTS, "2024-05-01"),
        document("c", f"“{QUAY.upper()},” Ada Okafor said. “Rents rise?” Cy Moss said."),
        document("d", f"“{QUAY}!”", "2024-05-02"),
    ]
    for number in order:
        write(path, described[number])
    assert rows(
        path,
        "SELECT text, quote_count, article_count, first_published FROM statements ORDER BY text",
    ) == [
        ("Nobody.", 1, 1, "2024-05-01"),
        ("Rates stay,", 1, 1, "2024-05-01"),
        ("Rents rise,", 1, 1, "2024-05-01"),
        ("Rents rise?", 1, 1, None),
        (f"{QUAY}!", 2, 2, "2024-05-02"),
        ("We will see!", 1, 1, "2024-05-01"),
        ("We will see,", 1, 1, "2024-05-01"),
    ]


def test_the_longest_description_that_says_what_somebody_does_is_kept(path: Path) -> None:
    def described(location: str, description: str | None) -> Extraction:
        extraction = extract(
            document(location, f"{location}: Bo Lind. “Rents rise,” Ada Okafor said.")
        )
        (quote,) = extraction.quotes
        speaker = Speaker("Ada Okafor", "person", description)
        changed = type(quote)(
            **{n: getattr(quote, n) for n in quote.__slots__} | {"speaker": speaker}
        )
        return Extraction(extraction.document, extraction.text, (changed,))

    with Store(path) as store:
        run = store.start_run()
        for location, words in (
            ("a", None),
            ("b", "the mayor"),
            ("c", "mayor of Lund"),
            ("d", "a mayor"),
            ("e", "the guest of honour at the prize-giving"),
        ):
            store.write([described(location, words)], run)
    assert rows(path, "SELECT description FROM speakers") == [("mayor of Lund",)]


def test_a_batch_is_all_or_nothing(path: Path) -> None:
    good = extract(document("a", RATES))
    quote = good.quotes[0]
    wrong = type(quote)(**{n: getattr(quote, n) for n in quote.__slots__} | {"confidence": 2.0})
    with Store(path) as store:
        run = store.start_run()
        with pytest.raises(sqlite3.IntegrityError):
            store.write([good, Extraction(document("b", f"{RATES} x"), RATES, (wrong,))], run)
        assert rows(path, "SELECT count(*) FROM articles") == [(0,)]
        store.write([good], run)
    assert rows(path, "SELECT count(*) FROM articles") == [(1,)]


def test_readers_see_the_file_while_it_is_written(path: Path) -> None:
    with Store(path) as store:
        run = store.start_run()
        store.write([extract(document("a", RATES))], run)
        with closing(sqlite3.connect(path)) as reader:
            reader.execute("BEGIN")
            assert reader.execute("SELECT count(*) FROM articles").fetchone() == (1,)
            store.write([extract(document("b", RENTS))], run)
            assert reader.execute("SELECT count(*) FROM articles").fetchone() == (1,)


def test_tables_are_strict_and_the_file_has_our_application_id(path: Path) -> None:
    write(path, document("a", RATES))
    loose = rows(
        path,
        "SELECT name FROM pragma_table_list"
        " WHERE type = 'table' AND schema = 'main' AND NOT strict",
    )
    assert sorted(name for (name,) in loose) == ["_sqlite_migrations", "sqlite_schema"]
    assert rows(path, "PRAGMA application_id") == [(APPLICATION_ID,)]


def test_no_update_of_counts_reads_all_quotations(path: Path) -> None:
    """Or storing an article would take longer in a larger file."""
    write(path, document("a", RATES))
    updates = [
        *(counts._FIND_OTHER_SPEAKERS, counts._FIND_OTHER_STATEMENTS, counts._FIND_INHERITING),
        *(counts._SET_SPEAKERS, counts._SET_STATEMENTS, counts._SET_INHERITED_SPEAKERS),
        *(counts._SET_AGREED_SPEAKER, *counts._ADD_COUNTS),
        *(*counts._REFRESH_STATEMENTS, *counts._REFRESH_SPEAKERS),
    ]
    with closing(sqlite3.connect(path)) as conn:
        counts.register_functions(conn)
        conn.execute("CREATE TEMP TABLE changed (id INTEGER PRIMARY KEY, article_id)")
        for sql in updates:
            values = {"articles": "[1]", "sign": 1, "1": "[1]"}
            plan = conn.execute(f"EXPLAIN QUERY PLAN {sql.replace('?', ':1')}", values).fetchall()
            scans = [
                step for *_, step in plan if re.match("SCAN (quotes|statements|speakers)", step)
            ]
            assert scans == [], sql


def test_no_foreign_key_is_without_index(path: Path) -> None:
    """Or deleting an article would read whole tables."""
    write(path, document("a", RATES))
    for (table,) in rows(path, "SELECT name FROM pragma_table_list WHERE strict"):
        leading = {
            *(
                key
                for (key,) in rows(
                    path, "SELECT name FROM pragma_table_info(?) WHERE pk = 1", table
                )
            ),
            *(
                rows(path, "SELECT name FROM pragma_index_info(?)", index)[0][0]
                for (index,) in rows(path, "SELECT name FROM pragma_index_list(?)", table)
            ),
        }
        keys = {
            key for (key,) in rows(path, 'SELECT "from" FROM pragma_foreign_key_list(?)', table)
        }
        assert keys <= leading, table


def make_text(path: Path) -> None:
    path.write_text("Dear editor, this is no database, and long enough to be taken for one.")


def make_folder(path: Path) -> None:
    path.mkdir()


def make_other(path: Path) -> None:
    with closing(sqlite3.connect(path)) as conn:
        conn.execute("CREATE TABLE recipes (id INTEGER PRIMARY KEY)")


def make_newer(path: Path) -> None:
    write(path, document("a", RATES))
    with closing(sqlite3.connect(path)) as conn:
        conn.execute("PRAGMA user_version = 99")


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (make_text, "is not a SQLite database"),
        (make_folder, "Is a directory"),
        (make_other, "not a quotedex database"),
        (make_newer, "has schema version 99 from a newer version of quotedex"),
    ],
)
def test_a_file_that_is_not_ours_is_left_untouched(tmp_path: Path, make: Any, reason: str) -> None:
    path = tmp_path / "file.db"
    make(path)
    before = {each: each.is_file() and each.read_bytes() for each in tmp_path.iterdir()}
    for use in (Store, check):
        with pytest.raises(DatabaseError, match=reason) as caught:
            use(path)
        assert str(path) in str(caught.value)
        assert "\n" not in str(caught.value)
    assert {each: each.is_file() and each.read_bytes() for each in tmp_path.iterdir()} == before


def test_missing_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DatabaseError, match="unable to open"):
        Store(tmp_path / "nowhere" / "quotes.db")


def test_second_writer_gets_an_error(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(path, document("a", RATES))
    monkeypatch.setattr("quotedex.store.file.WAIT_SECONDS", 0.1)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with Store(path) as store, pytest.raises(DatabaseError, match="another process is writing"):
            store.start_run()
        other.execute("ROLLBACK")


def test_empty_file_becomes_a_database(path: Path) -> None:
    path.touch()
    write(path, document("a", RATES))
    assert rows(path, "SELECT count(*) FROM quotes") == [(2,)]
