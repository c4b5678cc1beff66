"""Reading in a process of its own: what a file does to it costs one failure, and no more."""

from __future__ import annotations

import gzip
import logging
import os
import signal
import sqlite3
import subprocess
import sys
import tarfile
import time
import zipfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from quotedex.errors import InputError, QuotedexError
from quotedex.index import index
from quotedex.models import Document
from quotedex.read import ReadOptions, read, reader
from quotedex.read.formats import BY_SUFFIX
from quotedex.read.reading import Reading
from tests.helpers import ROOT, toy_extractor, toy_formats

LOW: dict[str, Any] = {"timeout": 0.5, "max_memory": 300_000_000}
SLOW = "it took longer than 0.5 seconds to read"
BIG = "it needed more than 300 MB of memory to read"
DIED = "the process that read it died"


@pytest.fixture(autouse=True)
def toy_format(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files *.toy do what they say, here and in the process that reads."""
    monkeypatch.setattr(reader, "_COMMAND", toy_formats.READER_COMMAND)
    monkeypatch.setitem(BY_SUFFIX, ".toy", toy_formats.TOY)


def write(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        (folder / name.replace("_", ".")).write_text(text, encoding="utf-8")
    return folder


def article(place: str) -> str:
    return f"“We lost the bridge at {place},” Ada Okafor said.\n"


def shown(documents: Reading) -> list[str]:
    """The ids of documents, and the names and reasons of those that could not be read."""
    with documents:
        return [
            one.id if isinstance(one, Document) else f"{Path(one.location).name}: {one.reason}"
            for one in documents
        ]


def pid_of_reader(reading: Reading) -> int:
    assert reading._process is not None
    return reading._process._popen.pid


def has_ended(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    state = Path(f"/proc/{pid}/stat")
    return state.exists() and state.read_text().rpartition(")")[2].split()[0] == "Z"


def test_it_reads_what_read_reads(tmp_path: Path) -> None:
    write(tmp_path, a_txt=article("Ashby"), b_txt="", c_jsonl='{"text": "One."}\n{"text": 5}\n')
    (tmp_path / "d.txt").write_bytes(b"\0\1\2")
    (tmp_path / "e.txt").symlink_to(__file__)
    paths = [str(tmp_path), str(ROOT / "seeds"), str(tmp_path / "a.txt")]
    inside, apart = list(read(paths)), list(Reading(paths, **LOW | {"timeout": 60}))
    assert [str(one) for one in apart] == [str(one) for one in inside]
    assert [one for one in apart if isinstance(one, Document)] == [
        one for one in inside if isinstance(one, Document)
    ]
    assert sum(isinstance(one, InputError) for one in apart) >= 3


def test_a_path_that_does_not_exist_is_an_error_at_once(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        Reading([tmp_path / "gone.txt"])


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("#sleep", SLOW),
        ("#deaf", SLOW),
        ("#hog", BIG),
        pytest.param("#shared", BIG, marks=pytest.mark.slow),
        ("#crash", DIED),
    ],
)
def test_a_hostile_file_costs_one_failure(tmp_path: Path, line: str, reason: str) -> None:
    for number in range(9):
        write(tmp_path, **{f"{number}_txt": article(f"mile {number}")})
    write(tmp_path, **{"3x_toy": line, "4x_toy": line})
    limits = LOW if reason == SLOW else LOW | {"timeout": 20}
    assert shown(Reading([tmp_path], **limits)) == [
        *("0.txt", "1.txt", "2.txt", "3.txt"),
        f"3x.toy: {reason}",
        "4.txt",
        f"4x.toy: {reason}",
        *("5.txt", "6.txt", "7.txt", "8.txt"),
    ]


def test_what_was_read_before_in_the_same_file_stays(tmp_path: Path) -> None:
    write(tmp_path, a_toy="One.\nTwo.\n#sleep\nFour.\n", b_txt=article("Ashby"))
    assert shown(Reading([tmp_path], **LOW)) == [
        "a.toy#1",
        "a.toy#2",
        f"a.toy: {SLOW}; the rest was not read",
        "b.txt",
    ]


def zipped(folder: Path, **members: str) -> Path:
    path = folder / "news.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in members.items():
            archive.writestr(name.replace("_", "."), text)
    return path


@pytest.mark.parametrize(
    ("line", "reason"), [("#sleep", SLOW), ("#hog", BIG), ("#pile", BIG), ("#crash", DIED)]
)
def test_the_rest_of_an_archive_is_read(tmp_path: Path, line: str, reason: str) -> None:
    members = {"a_txt": article("Ashby"), "b_toy": line, "c_toy": "One.\nTwo.", "d_toy": line}
    zipped(tmp_path, **members, e_txt=article("Corby"))
    limits = LOW if line == "#sleep" else LOW | {"timeout": 20}
    assert shown(Reading([tmp_path], **limits)) == [
        "news.zip/a.txt",
        f"b.toy: {reason}",
        "news.zip/c.toy#1",
        "news.zip/c.toy#2",
        f"d.toy: {reason}",
        "news.zip/e.txt",
    ]


def test_an_archive_is_not_read_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("quotedex.read.reading._MAX_RESTARTS", 3)
    zipped(tmp_path, **{f"{number}_toy": "#crash" for number in range(6)})
    last = f"news.zip: {DIED}; the rest was not read"
    assert shown(Reading([tmp_path])) == [*(f"{number}.toy: {DIED}" for number in range(3)), last]


def test_a_member_that_gave_something_is_not_left_out(tmp_path: Path) -> None:
    zipped(tmp_path, a_toy="One.\n#sleep", b_txt=article("Ashby"))
    assert shown(Reading([tmp_path], **LOW)) == [
        "news.zip/a.toy#1",
        f"news.zip: {SLOW}; the rest was not read",
    ]


def test_failed_members_are_not_opened_again_while_the_archive_is_the_same(
    tmp_path: Path, path: Path
) -> None:
    def run() -> tuple[int, int, list[str]]:
        with Reading([tmp_path / "news.zip"], **LOW) as documents:
            done = index(path, documents, extract=toy_extractor.extract)
        return done.articles, done.unchanged, [failure.error for failure in done.failed]

    before = zipped(tmp_path, a_toy="One.", b_toy="#sleep", c_txt=article("Ashby")).stat()
    assert run() == (2, 0, [SLOW])
    archive = zipped(tmp_path, a_toy="One.", b_toy="Quiet.", c_txt=article("Ashby"))
    os.utime(archive, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert archive.stat().st_size == before.st_size
    assert run() == (0, 2, [SLOW])
    os.utime(archive, ns=(before.st_atime_ns, before.st_mtime_ns + 1))
    assert run() == (1, 2, [])


def test_the_time_of_whoever_uses_the_documents_does_not_count(tmp_path: Path) -> None:
    write(tmp_path, **{f"{number}_toy": article("Ashby") * 400 for number in range(3)})
    with Reading([tmp_path], timeout=0.3) as documents:
        for number, document in enumerate(documents):
            assert isinstance(document, Document)
            if number % 400 == 0:
                time.sleep(0.7)
    assert number == 3 * 400 - 1


def test_a_document_larger_than_its_file_may_be(tmp_path: Path) -> None:
    text = write(tmp_path, a_txt="Yes. " * 40) / "a.txt"
    subprocess.run(["gzip", str(text)], check=True)
    (failure,) = read([f"{text}.gz"], ReadOptions(max_size=100))
    assert isinstance(failure, InputError)
    assert "--max-size" in failure.reason


def test_a_failed_file_is_not_opened_again_while_it_is_the_same(tmp_path: Path, path: Path) -> None:
    folder = tmp_path / "news"
    folder.mkdir()
    hostile = write(folder, a_toy="#sleep", b_txt=article("Ashby")) / "a.toy"

    def failures(**more: Any) -> list[str]:
        given = {name: more.pop(name) for name in LOW if name in more}
        with Reading([folder], **LOW | given) as documents:
            summary = index(path, documents, extract=toy_extractor.extract, **more)
        return [failure.error for failure in summary.failed]

    assert failures() == [SLOW]
    before = hostile.stat()
    hostile.write_text("#quiet")
    os.utime(hostile, ns=(before.st_atime_ns, before.st_mtime_ns))
    unchanged = path.read_bytes()
    assert failures() == [SLOW], "size and time are the same: it was not opened"
    assert path.read_bytes() == unchanged
    assert failures(timeout=0.6) == [], "another limit"
    hostile.write_text("#sleep")
    assert failures() == [SLOW]
    hostile.write_text("#quiet")
    os.utime(hostile, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert failures(retry=True) == []
    hostile.write_text("#calm.")
    os.utime(hostile, ns=(before.st_atime_ns, before.st_mtime_ns + 1))
    assert failures() == [], "a changed file"


def test_articles_of_a_file_that_broke_a_limit_are_not_pruned(tmp_path: Path, path: Path) -> None:
    folder = tmp_path / "news"
    folder.mkdir()
    write(folder, a_toy=f"{article('Ashby')}{article('Thornby')}", b_txt=article("Corby"))

    def run() -> tuple[int, int]:
        with Reading([folder], **LOW) as documents:
            done = index(path, documents, extract=toy_extractor.extract, prune=[str(folder)])
        return done.pruned, done.failures

    assert run() == (0, 0)
    write(folder, a_toy=f"{article('Ashby')}#sleep")
    assert run() == (0, 1)
    assert run() == (0, 1), "also when it is not opened again"


def test_log_messages_come_to_this_process(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    write(tmp_path, a_toy="#log")
    with caplog.at_level(logging.INFO, logger="quotedex"):
        shown(Reading([tmp_path]))
    assert "met #log" in caplog.messages


def test_the_process_ends_with_the_reading(tmp_path: Path) -> None:
    write(tmp_path, a_txt=article("Ashby"), b_toy="#sleep")
    with Reading([tmp_path]) as documents:
        pid = pid_of_reader(documents)
        assert isinstance(next(iter(documents)), Document)
    assert has_ended(pid)


def test_the_process_ends_with_its_parent(tmp_path: Path) -> None:
    write(tmp_path, a_toy="#sleep")
    script = """
import sys
from quotedex.read.reading import Reading
from tests.helpers import toy_formats
from quotedex.read import reader
toy_formats.register()
reader._COMMAND = toy_formats.READER_COMMAND
documents = Reading([sys.argv[1]])
print(documents._process._popen.pid, flush=True)
next(iter(documents))
"""
    command = [sys.executable, "-c", script, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        time.sleep(0.5)
        assert not has_ended(pid)
        parent.kill()
    deadline = time.monotonic() + 10
    while not has_ended(pid):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_process_that_does_not_start_is_one_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader, "_COMMAND", "raise SystemExit(3)")
    with pytest.raises(QuotedexError, match="did not start"):
        shown(Reading([write(tmp_path, a_txt=article("Ashby"))]))


def test_a_script_needs_no_guard(tmp_path: Path) -> None:
    """A process of multiprocessing would run the script again."""
    script = write(
        tmp_path,
        script_py="from quotedex.read.reading import Reading\n"
        "import sys\n"
        "print([document.id for document in Reading(sys.argv[1:])])\n",
        a_txt=article("Ashby"),
    )
    command = [sys.executable, str(script / "script.py"), str(tmp_path / "a.txt")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == "['a.txt']\n"


def test_standard_input_reaches_the_process(tmp_path: Path) -> None:
    script = (
        "from quotedex.read.reading import Reading; documents = Reading(['-'], timeout=0.5);"
        "print(documents._process is not None, [one.text for one in documents])"
    )
    lines = ['{"text": "One."}', '{"text": "Two."}']
    with subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for line in lines:
            time.sleep(1)  # whoever writes it may take any time
            process.stdin.write(f"{line}\n")
            process.stdin.flush()
        process.stdin.close()
        assert process.stdout.read() == "True ['One.', 'Two.']\n"


@pytest.mark.skipif(not os.path.exists("/dev/fd"), reason="no /dev/fd")
def test_an_open_file_of_this_process() -> None:
    ours, theirs = os.pipe()
    os.write(theirs, b"One.")
    os.close(theirs)
    with Reading([f"/dev/fd/{ours}"]) as documents:
        assert documents._process is None
        (document,) = documents
    os.close(ours)
    assert isinstance(document, Document)
    assert document.text == "One."


@pytest.mark.parametrize(("line", "reason"), [("#sleep", SLOW), ("#hog", BIG)])
def test_limits_hold_in_this_process_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str, reason: str
) -> None:
    monkeypatch.setattr("quotedex.read.reading._is_for_process", lambda entry: False)
    write(tmp_path, a_toy=line, b_txt=article("Ashby"))
    assert shown(Reading([tmp_path], **LOW)) == [f"a.toy: {reason}", "b.txt"]


def test_ctrl_c_ends_both_processes_in_silence(tmp_path: Path) -> None:
    write(tmp_path, **{f"{number}_txt": article(f"mile {number}") for number in range(30)})
    script = (
        "import sys, time; from quotedex.read.reading import Reading\n"
        "try:\n"
        "    documents = iter(Reading(sys.argv[1:])); next(documents)\n"
        "    print('ready', flush=True); time.sleep(30)\n"
        "except KeyboardInterrupt:\n"
        "    print('interrupted')\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        os.killpg(process.pid, signal.SIGINT)
        out, errors = process.communicate(timeout=20)
    assert (out, errors) == ("interrupted\n", "")


def _docx(path: Path, body: str, padding: int = 0) -> None:
    types = "http://schemas.openxmlformats.org/package/2006/content-types"
    relations = "http://schemas.openxmlformats.org/package/2006/relationships"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"
    main = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    words = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{types}"><Default Extension="rels"'
        ' ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/word/document.xml" ContentType="{main}"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{relations}"><Relationship Id="r1"'
        f' Type="{office}" Target="word/document.xml"/></Relationships>',
        "word/document.xml": f'<w:document xmlns:w="{words}"><w:body>{body}</w:body></w:document>',
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
        archive.writestr("word/media/padding.bin", os.urandom(padding))


def _wide_cell(folder: Path) -> None:
    cell = '<w:tcPr><w:gridSpan w:val="2000000000"/></w:tcPr><w:p><w:r><w:t>Six.</w:t></w:r></w:p>'
    _docx(folder / "5.docx", f"<w:tbl><w:tr><w:tc>{cell}</w:tc></w:tr></w:tbl>")


def _many_paragraphs(folder: Path) -> None:
    _docx(folder / "5.docx", "<w:p/>" * 40_000_000, padding=1_500_000)


def _one_value(folder: Path) -> None:
    pa = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    long = pa.array(["Yes. " * 6_000_000])
    column = pa.DictionaryArray.from_arrays(pa.array([0] * 256, pa.int32()), long)
    parquet.write_table(pa.table({"text": column}), folder / "5.parquet", compression="zstd")


def _encoded_words(folder: Path) -> None:
    subject = " ".join(["=?utf-8?q?word?="] * 20_000)
    (folder / "5.eml").write_text(f"Subject: {subject}\n\n{article('Ashby')}")


def _pages(folder: Path) -> None:
    for tag in "pq":
        page = f"<html><body>{f'<{tag}>a</{tag}>' * 100_000}</body></html>"
        (folder / f"5{tag}.html").write_text(page)


def _claims(folder: Path) -> None:
    member = tarfile.TarInfo("a.txt")
    member.size = 2**40
    (folder / "5.tar").write_bytes(member.tobuf(tarfile.GNU_FORMAT) + b"Yes. ")
    packed = gzip.compress(gzip.compress(b"a" * 200_000_000))
    (folder / "5.gz").write_bytes(packed)
    (folder / "5.warc").write_bytes(b"WARC/1.0\r\nX: " + b"a" * 200_000_000 + b"\r\n\r\n")


@pytest.mark.slow
@pytest.mark.parametrize(
    "make", [_wide_cell, _many_paragraphs, _one_value, _encoded_words, _pages, _claims]
)
def test_files_made_to_be_too_much(
    tmp_path: Path, path: Path, make: Callable[[Path], None]
) -> None:
    """Whatever the formats make of them, all articles around them are stored."""
    folder = tmp_path / "news"
    folder.mkdir()
    for number in range(9):
        write(folder, **{f"{number}_txt": article(f"mile {number}")})
    make(folder)
    script = f"""
import resource, sys
from quotedex.index import index
from quotedex.read.reading import Reading
from tests.helpers import toy_extractor
with Reading([sys.argv[1]], timeout=10, max_memory={10**9}) as documents:
    index(sys.argv[2], documents, extract=toy_extractor.extract)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024)
"""
    command = [sys.executable, "-c", script, str(folder), str(path)]
    done = subprocess.run(
        command, capture_output=True, text=True, cwd=ROOT, check=True, timeout=120
    )
    assert int(done.stdout) < 1.2 * 10**9
    with closing(sqlite3.connect(path)) as db:
        stored = "SELECT count(*) FROM articles WHERE path GLOB '[0-9].txt'"
        assert db.execute(stored).fetchone() == (9,)


@pytest.mark.slow
def test_a_view_made_to_be_too_much(tmp_path: Path) -> None:
    database = tmp_path / "news.db"
    with closing(sqlite3.connect(database)) as db:
        rows = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
        db.execute(
            f"CREATE VIEW big AS {rows} WHERE i < 40) SELECT hex(zeroblob(1e8)) AS text FROM n"
        )
        db.execute(f"CREATE VIEW endless AS {rows}) SELECT sum(i) AS text FROM n")
    write(tmp_path, a_txt=article("Ashby"), b_txt=article("Corby"))
    big, endless = (f"sqlite:{database}?table={name}&text=text" for name in ("big", "endless"))
    paths = [big, str(tmp_path / "a.txt"), endless, str(tmp_path / "b.txt")]
    found = shown(Reading(paths, timeout=5, max_memory=1_000_000_000))
    assert [one for one in found if one.endswith(".txt")] == [paths[1], paths[3]]
    assert any("endless" in one and "longer than 5 seconds" in one for one in found)
