"""Linking in the file: one row for each speaker and statement, in any order of articles."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from benchmarks.linking import score_namesakes, score_statements, under_floor
from quotedex.check import check
from quotedex.check.links import wrong_statements
from quotedex.cli import main
from quotedex.link import ListedSpeaker, link_statements
from quotedex.link import statements as statements_of_texts
from quotedex.models import Document, Extraction, Quote, Speaker
from quotedex.store import Store
from quotedex.store.articles import _CREATE_STAGED, _STAGED_WITH_SPEAKERS
from quotedex.store.counts import _QUOTES_OF
from quotedex.store.fingerprints import attach, load
from quotedex.store.people_list import list_people
from quotedex.store.statements import _MISSING_COMMON, add_wordings, delete_unused
from tests.extract.test_seeds import ARTICLES, quotes_of, text_of

NAMES = (
    "Mara Ilves",
    "Mara D. Ilves",
    "Mara F. Ilves",
    "M. Ilves",
    "Ilves",
    "Peter Ilves",
    "Tom Okoro",
    "Okoro",
    "Tom Okoro Jr.",
    "John Smith",
    "Smith",
    "Ashby Council",
    "an aide",
)
OTHER_NAMES = ("Ashby Trust", "Lower Weir", "Una Reyes", "Dock Board", "Old Mill")
DESCRIPTIONS = (
    None,
    None,
    None,
    "the mayor",
    "mayor of Ashby",
    "mayor of Derrow",
    "a plumber",
    "senator",
    "resident",
)
SAYINGS = (
    "the roof of the old hall will not hold another winter of rain",
    "the roof of the old hall will not hold another winter",
    "we said that the roof of the old hall will not hold another winter of rain",
    "roof of the old hall will not hold",
    "the roof of the old barn will not hold another winter of rain",
    "the old hall … another winter of rain",
    "we said that the roof of the new hall will not hold another winter of rain",
    "will not hold another winter of rain and wind, they said",
    "nobody told us that the weir had burst",
    "nobody told us that the wier had burst",
    "no comment",
    "No comment!",
)


def article(location: str, chance: random.Random) -> Extraction:
    """Some of the people say some of the sayings, and other names are mentioned."""
    mentioned = ". Then ".join(chance.sample(OTHER_NAMES, chance.randint(0, 2)))
    text = f"{location}: {mentioned}."
    quotes: list[Quote] = []
    cast = [speaker(chance) for _ in range(chance.randint(1, 3))]
    for utterance in range(chance.randint(1, 4)):
        words = chance.choice(SAYINGS)
        start = len(text) + 1
        text += f"“{words}”"
        said_by = chance.choice([None, *cast])
        quotes.append(
            Quote(
                words,
                start,
                start + len(words),
                "full",
                utterance,
                None,
                0.9,
                None,
                None,
                said_by,
                "toy",
            )
        )
    published = chance.choice([None, f"2024-05-{chance.randint(1, 28):02}"])
    outlet = chance.choice([None, "Herald", "Lantern"])
    document = Document(location, text, location, published=published, outlet=outlet)
    return Extraction(document, text, tuple(quotes))


def speaker(chance: random.Random) -> Speaker:
    name = chance.choice(NAMES)
    kind = {"Ashby Council": "organization", "an aide": "anonymous"}.get(name, "person")
    return Speaker(name, kind, chance.choice(DESCRIPTIONS))  # type: ignore[arg-type]


def write(path: Path, batches: Sequence[Sequence[Extraction]]) -> None:
    with Store(path) as store:
        run = store.start_run()
        for batch in batches:
            store.write(batch, run)


def in_batches(articles: Sequence[Extraction], chance: random.Random) -> list[list[Extraction]]:
    batches: list[list[Extraction]] = [[]]
    for each in articles:
        batches[-1].append(each)
        if chance.random() < 0.4:
            batches.append([])
    return batches


def contents(path: Path) -> dict[str, list[str]]:
    """The file's speakers and statements, without ids."""
    return {name: sorted(map(repr, rows(path, sql))) for name, sql in CONTENTS.items()}


CONTENTS = {
    "speakers": "SELECT key, label, name, kind, description, wikidata, quote_count, article_count,"
    " first_quoted, last_quoted FROM speakers",
    "aliases": "SELECT key, aliases.name, aliases.article_count, slug"
    " FROM aliases JOIN speakers ON id = speaker_id",
    "statements": "SELECT statements.key, text, speakers.key, statements.quote_count,"
    " statements.article_count, first_published, last_published"
    " FROM statements LEFT JOIN speakers ON speakers.id = speaker_id",
    "quotes": "SELECT articles.key, quotes.key, start_char, quotes.text, speakers.key,"
    " speaker_from, statements.key"
    " FROM quotes JOIN articles ON articles.id = article_id"
    " JOIN statements ON statements.id = statement_id"
    " LEFT JOIN speakers ON speakers.id = quotes.speaker_id",
}


def rows(path: Path, sql: str, *values: Any) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(path)) as conn:
        return conn.execute(sql, values).fetchall()


@pytest.mark.parametrize("seed", range(3))
def test_any_order_gives_the_same_people_and_statements(
    tmp_path: Path, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even with changed articles, and with a low limit to the wordings that share a fingerprint."""
    monkeypatch.setattr("quotedex.link.statements._MAX_POSTINGS", 3)
    chance = random.Random(seed)
    articles = [article(f"{number:02}", chance) for number in range(25)]
    write(tmp_path / "once.db", [articles])
    expected = contents(tmp_path / "once.db")
    for order in range(2):
        path = tmp_path / f"{order}.db"
        before = [article(f"{number:02}", chance) for number in range(0, 25, 3)]
        chance.shuffle(before)
        write(path, in_batches(before, chance))
        shuffled = chance.sample(articles, len(articles))
        write(path, in_batches(shuffled, chance))
        assert [result for result in check(path) if not result.ok] == []
        assert contents(path) == expected


def test_a_run_over_the_same_articles_keeps_every_id(path: Path) -> None:
    chance = random.Random(7)
    articles = [article(f"{number:02}", chance) for number in range(12)]
    write(path, [articles])
    before = [rows(path, f"SELECT * FROM {table}") for table in ("speakers", "statements")]
    write(path, in_batches(chance.sample(articles, 12), chance))
    assert [rows(path, f"SELECT * FROM {table}") for table in ("speakers", "statements")] == before


def said(location: str, text: str, *quotes: tuple[str, Speaker | None]) -> Extraction:
    """A toy article: the text, then the quotations."""
    made: list[Quote] = []
    text = f"{location}: {text}"
    for number, (words, by) in enumerate(quotes):
        start = len(text) + 1
        text += f"“{words}”"
        end = start + len(words)
        made.append(Quote(words, start, end, "full", number, None, 0.9, None, None, by, "toy"))
    return Extraction(Document(location, text, location), text, tuple(made))


MARA, MARA_D = Speaker("Mara Ilves", "person"), Speaker("Mara D. Ilves", "person")
JOHN = Speaker("John Smith", "person")  # so common that something must be shared
ROOF = "The roof will not hold another winter."


def test_ids_survive_when_speakers_merge_and_split(path: Path) -> None:
    first = said("a", "Una Reyes.", ("Rain one", JOHN), ("Rain two", JOHN))
    second = said("b", "Dock Board.", ("Rain three", JOHN))
    write(path, [[second], [first]])
    people = "SELECT id, quote_count FROM speakers ORDER BY quote_count"
    (poorer, _), (richer, _) = rows(path, people)
    write(path, [[said("c", "Una Reyes, Dock Board.", ("Rain four", JOHN))]])
    assert rows(path, people) == [(richer, 4)]
    write(path, [[said("c", "Nobody.", ("Rain four", None))]])
    assert rows(path, people) == [(richer + 1, 1), (richer, 2)]
    assert poorer < richer


def test_people_of_one_name_stay_separate_and_get_their_surnames(path: Path) -> None:
    write(
        path,
        [
            [said("a", "Una Reyes. Dock Board. Old Mill.", ("Rain one", JOHN))],
            [said("b", "Una Reyes.", ("Rain two", Speaker("Peter Smith", "person")))],
            [said("c", "Una Reyes. Dock Board.", ("Rain three", Speaker("Smith", "person")))],
            [said("d", "Lower Weir.", ("Rain four", JOHN))],
        ],
    )
    assert rows(path, "SELECT name, quote_count FROM speakers ORDER BY id") == [
        ("John Smith", 2),
        ("Peter Smith", 1),
        ("John Smith", 1),
    ]
    assert rows(path, "SELECT name, article_count FROM aliases WHERE speaker_id = 1") == [
        ("John Smith", 1),
        ("Smith", 1),
    ]


def test_copy_without_a_speaker_inherits_that_of_the_others(path: Path) -> None:
    told = "SELECT location, speaker, speaker_from FROM quote_details ORDER BY location"
    mara = replace(MARA, why="named in full")
    write(path, [[said("a", "", (ROOF, None))], [said("b", "", (ROOF.upper(), mara))]])
    assert rows(path, told) == [("a", "Mara Ilves", "statement"), ("b", "Mara Ilves", "article")]
    why = rows(path, "SELECT speaker_why FROM quote_details ORDER BY location")
    assert why == [("named in other copies of these words",), ("named in full",)]
    assert rows(path, "SELECT quote_count, article_count FROM speakers") == [(2, 2)]
    write(path, [[said("c", "", (ROOF, Speaker("Tom Okoro", "person")))]])
    assert rows(path, told)[0] == ("a", None, None)
    assert rows(path, "SELECT speaker_why FROM quotes WHERE speaker_id IS NULL") == [(None,)]
    write(path, [[said("c", "", (ROOF, None))]])
    assert rows(path, told)[2] == ("c", "Mara Ilves", "statement")


@pytest.mark.parametrize(
    ("words", "speaker"),
    [("We will see.", MARA), (ROOF, Speaker("an aide", "anonymous"))],
    ids=["few words", "an anonymous source"],
)
def test_copy_does_not_inherit_a_speaker_by_chance(
    path: Path, words: str, speaker: Speaker
) -> None:
    write(path, [[said("a", "", (words, None)), said("b", "", (words, speaker))]])
    told = "SELECT speaker_id, speaker_from FROM quotes JOIN articles ON articles.id = article_id"
    assert rows(path, f"{told} WHERE location = 'a'") == [(None, None)]


def test_opposite_words_inherit_no_speaker(path: Path) -> None:
    vote = "I will vote {} the housing bill when it comes to the floor in the spring."
    write(path, [[said("a", "", (vote.format("for"), MARA))]])
    write(path, [[said("b", "", (vote.format("against"), None))]])
    told = "SELECT location, speaker FROM quote_details ORDER BY location"
    assert rows(path, told) == [("a", "Mara Ilves"), ("b", None)]
    assert rows(path, "SELECT count(*) FROM statements") == [(2,)]


def test_a_part_of_opposite_statements_joins_neither(path: Path) -> None:
    vote = "I will vote {} the housing bill when it comes to the floor in the late spring."
    part = "when it comes to the floor in the late spring"
    write(path, [[said("a", "", (vote.format("for"), MARA)), said("b", "", (part, None))]])
    told = "SELECT location, speaker FROM quote_details ORDER BY location"
    assert rows(path, told) == [("a", "Mara Ilves"), ("b", "Mara Ilves")]
    write(path, [[said("c", "", (vote.format("against"), None))]])
    assert rows(path, told) == [("a", "Mara Ilves"), ("b", None), ("c", None)]
    assert rows(path, "SELECT count(*) FROM statements") == [(3,)]
    whole = f"That is so. {vote.format('for')} {vote.format('against')} I say both."
    write(path, [[said("d", "", (whole, None))]])  # contains all of them
    assert rows(path, "SELECT count(*) FROM statements") == [(1,)]
    write(path, [[said("d", "Nothing.")], [said("c", "Nothing.")]])
    assert rows(path, told) == [("a", "Mara Ilves"), ("b", "Mara Ilves")]
    assert all(each.ok for each in check(path))


@pytest.mark.parametrize("max_postings", [64, 3])
@pytest.mark.parametrize("seed", range(2))
def test_statements_are_those_of_all_wordings_at_once(
    path: Path, monkeypatch: pytest.MonkeyPatch, seed: int, max_postings: int
) -> None:
    monkeypatch.setattr(statements_of_texts, "_MAX_POSTINGS", max_postings)
    chance = random.Random(seed)
    words = [f"{chance.choice('bdfgklmnprst')}{chance.choice('aeiou')}{i}x" for i in range(40)]
    texts: dict[int, str] = {}
    Store(path).close()
    with closing(sqlite3.connect(path)) as conn:
        attach(conn)
        load(conn)
        for _ in range(80):
            if texts and chance.random() < 0.3:
                gone = chance.choice(sorted(texts))
                del texts[gone]
                delete_unused(conn, [gone])
                continue
            begin = chance.choice((0, 8, 16))
            cut = words[begin : chance.choice((begin + 12, begin + 20, 40))]
            if begin == 0 and chance.random() < 0.3:
                cut[1] = chance.choice(("never", "always"))
            ((wording,), _) = add_wordings(conn, [" ".join(cut)])
            texts[wording] = " ".join(cut)
        groups: dict[int, list[int]] = {}
        for wording, statement in conn.execute(
            "SELECT id, statement_id FROM _wordings ORDER BY id"
        ):
            groups.setdefault(statement, []).append(wording)
        expected = link_statements({str(each): text for each, text in texts.items()})
        assert sorted(groups.values()) == sorted(sorted(map(int, group)) for group in expected)
        assert max(len(group) for group in expected) > 2
        assert list(wrong_statements(conn)) == []


def test_list_of_people_merges_speakers_and_can_be_undone(path: Path) -> None:
    write(
        path,
        [
            [said("a", "Una Reyes.", ("Rain one", MARA), ("Rain two", MARA_D))],
            [said("b", "Dock Board.", ("Rain three", MARA))],
            [said("c", "", ("Rain four", Speaker("Mayor Ilves", "person")))],
        ],
    )
    before, ids = contents(path), rows(path, "SELECT id FROM speakers")
    listed = ListedSpeaker("Mara Ilves", ("Mara D. Ilves", "Mayor Ilves"), "Q42", "mayor of Ashby")
    with Store(path) as store:
        assert store.use_people([listed])
        assert not store.use_people([listed])
    found = "SELECT name, description, wikidata, quote_count FROM speakers"
    assert rows(path, found) == [("Mara Ilves", "mayor of Ashby", "Q42", 4)]
    write(path, [[said("d", "", ("Rain five", MARA_D))]])
    assert rows(path, found) == [("Mara Ilves", "mayor of Ashby", "Q42", 5)]
    write(path, [[said("d", "Nothing.")]])
    with Store(path) as store:
        store.use_people([])
    assert contents(path) == before
    assert rows(path, "SELECT id FROM speakers")[0] == ids[0]


@pytest.mark.parametrize("seed", range(2))
def test_importing_the_list_unchanged_has_no_effect(path: Path, seed: int) -> None:
    chance = random.Random(seed)
    write(path, [[article(f"{number:02}", chance) for number in range(25)]])
    before, ids = contents(path), rows(path, "SELECT id, name FROM speakers")
    listed = list_people(path)
    with Store(path) as store:
        store.use_people(listed)
    assert contents(path) == before
    assert rows(path, "SELECT id, name FROM speakers") == ids
    assert list_people(path) == listed


@pytest.fixture(scope="module")
def seeds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("linking") / "seeds.db"
    batch = [
        Extraction(
            Document(each["document"], text_of(each["document"]), each["document"]),
            text_of(each["document"]),
            tuple(quotes_of(each["document"])),
        )
        for each in ARTICLES
    ]
    write(path, [batch[:2], batch[2:]])
    return path


def test_four_seeds_print_one_statement(seeds: Path) -> None:
    text = "there are PR risks as well."
    assert rows(
        seeds, "SELECT quote_count, article_count FROM statements WHERE text = ?", text
    ) == [(4, 4)]


def test_the_seeds_have_one_trump(seeds: Path) -> None:
    ((name, articles, number),) = rows(
        seeds, "SELECT name, article_count, id FROM speakers WHERE name LIKE '%Trump%'"
    )
    assert (name, articles) == ("Donald Trump", 2)
    forms = rows(seeds, "SELECT name FROM aliases WHERE speaker_id = ? ORDER BY name", number)
    assert forms == [("Donald Trump",), ("Mr Trump",), ("Trump",)]
    mentioned = rows(seeds, "SELECT DISTINCT mention FROM quotes WHERE speaker_id = ?", number)
    assert sorted(mentioned) == [("Mr Trump",), ("Trump",)]


def quotedex(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(each) for each in arguments])


def test_people_are_printed_edited_and_imported(path: Path, tmp_path: Path) -> None:
    mayor = Speaker("Ilves", "person", "mayor, and a plumber")
    write(path, [[said("a", "", ("Rain one", MARA)), said("b", "", ("Rain two", mayor))]])
    printed = quotedex("people", path)
    assert printed.stdout == (
        'name,aliases,wikidata,description\nIlves,,,"mayor, and a plumber"\nMara Ilves,,,\n'
    )
    listed, empty = tmp_path / "people.csv", tmp_path / "empty.txt"
    empty.write_text("Nobody said anything.", encoding="utf-8")
    listed.write_text(printed.stdout, encoding="utf-8")
    assert quotedex("index", path, empty, "--people", listed).exit_code == 0
    assert quotedex("people", path).stdout == printed.stdout
    before = path.read_bytes()
    assert quotedex("index", path, empty, "--people", listed).exit_code == 0
    assert path.read_bytes() == before
    listed.write_text("name,aliases,wikidata\nMara Ilves,Ilves,Q42\n", encoding="utf-8")
    assert quotedex("index", path, empty, "--people", listed).exit_code == 0
    found = rows(path, "SELECT name, description, wikidata, quote_count FROM speakers")
    assert found == [("Mara Ilves", "mayor, and a plumber", "Q42", 2)]
    assert rows(path, "SELECT count(*) FROM runs") == [(3,)]


def test_a_bad_list_ends_the_run_before_it_begins(tmp_path: Path) -> None:
    listed, path = tmp_path / "people.csv", tmp_path / "quotes.db"
    listed.write_text("name\nMara Ilves, mayor\n", encoding="utf-8")
    told = quotedex("index", path, tmp_path, "--people", listed)
    assert told.exit_code == 1
    assert told.stderr.startswith(f"Error: {listed}: line 2 has 2 fields")
    assert not path.exists()
    assert quotedex("people", path).stderr.startswith(f"Error: {path} does not exist: create it")


def test_variants_of_sentences_are_found() -> None:
    assert under_floor("statements", score_statements()[0]) == []


def test_namesakes_part_and_single_persons_do_not() -> None:
    assert under_floor("namesakes", score_namesakes()) == []


def test_one_name_in_two_articles_is_one_person(tmp_path: Path) -> None:
    news = tmp_path / "news"
    news.mkdir()
    (news / "a.txt").write_text("“We moved the chairs,” Nadia Okonkwo said.", encoding="utf-8")
    (news / "b.txt").write_text("“Nobody sat down,” Nadia Okonkwo said.", encoding="utf-8")
    assert quotedex("index", tmp_path / "quotes.db", news).exit_code == 0
    found = rows(tmp_path / "quotes.db", "SELECT key, label, article_count FROM speakers")
    assert found == [("nadia-okonkwo", "Nadia Okonkwo", 2)]


def test_a_description_that_excludes_the_others_splits_a_speaker(path: Path) -> None:
    """Those who are not described go where other names join them, also when they came first."""

    def nadia(description: str | None) -> Speaker:
        return Speaker("Nadia Okonkwo", "person", description)

    write(
        path,
        [
            [said("a", "Una Reyes.", ("Rain one", nadia("a senator")), ("Rain two", nadia(None)))],
            [said("b", "Una Reyes.", ("Rain three", nadia(None)))],
        ],
    )
    people = "SELECT description, quote_count FROM speakers ORDER BY quote_count"
    assert rows(path, people) == [("a senator", 3)]
    write(path, [[said("c", "Dock Board.", ("Rain four", nadia("a plumber")))]])
    assert rows(path, people) == [("a plumber", 1), ("a senator", 3)]
    write(path, [[said("d", "Dock Board.", ("Rain five", nadia(None)))]])
    assert rows(path, people) == [("a plumber", 2), ("a senator", 3)]
    write(path, [[said("c", "Dock Board.")], [said("d", "Dock Board.")]])
    assert rows(path, people) == [("a senator", 3)]
    assert [result for result in check(path) if not result.ok] == []


@pytest.mark.parametrize("statistics", [False, True])
@pytest.mark.parametrize("quotes", [_QUOTES_OF, _STAGED_WITH_SPEAKERS])
def test_wordings_of_other_articles_are_not_read(
    tmp_path: Path, quotes: str, statistics: bool
) -> None:
    """Else each transaction would take longer, the more wordings the file has. With statistics,
    which a file has from its first complete run on, SQLite chooses other plans."""
    path = tmp_path / "quotes.db"
    Store(path).close()
    if statistics:
        with closing(sqlite3.connect(path)) as conn, conn:
            conn.execute("ANALYZE")
            rows = [("_wordings", None, "100000"), ("_common_statements", None, "100000")]
            conn.executemany("INSERT INTO sqlite_stat1 VALUES (?, ?, ?)", rows)
    with closing(sqlite3.connect(path)) as conn:
        conn.execute(_CREATE_STAGED)
        plan = f"EXPLAIN QUERY PLAN {_MISSING_COMMON.format(quotes)}"
        steps = [row[3] for row in conn.execute(plan, ("[]",) * quotes.count("?"))]
    assert any("wordings USING INTEGER PRIMARY KEY (rowid=?)" in step for step in steps)
    assert [step for step in steps if "BLOOM" in step or "SCAN _" in step] == []
