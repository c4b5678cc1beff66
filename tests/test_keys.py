"""Keys are the same in every process and in every version."""

from __future__ import annotations

import pytest

from quotedex.text.keys import (
    KEY_LENGTH,
    MAX_SLUG_LENGTH,
    article_url,
    folded_words,
    is_unique_everywhere,
    key_of,
    slug,
)


def test_a_key_never_changes() -> None:
    """If this fails, every address that anybody has copied breaks."""
    assert key_of("2024/weir.txt") == "c3mzz0jc3fkke"
    assert key_of("2024/weir.txt", "we will see", 0) != key_of("2024/weir.txt", "we will see", 1)
    assert key_of("a", "b") != key_of("ab")


def test_keys_have_no_letters_that_look_alike() -> None:
    keys = [key_of(number) for number in range(2000)]
    assert len(set(keys)) == 2000
    assert set("".join(keys)) == set("0123456789abcdefghjkmnpqrstvwxyz")
    assert {len(key) for key in keys} == {KEY_LENGTH}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Donald Trump", "donald-trump"),
        ("The Washington Post", "washington-post"),
        ("an aide", "aide"),
        ("Søren O’Neill-Łukasz Jr.", "soren-oneill-lukasz-jr"),
        ("D.O.T.", "dot"),
        ("Ana “Annie” Osei", "ana-annie-osei"),
        ("<script>/../x?y#z.json", "script-x-y-zjson"),
        ("κόσμος", ""),
    ],
)
def test_slug(name: str, expected: str) -> None:
    assert slug(name) == expected


def test_long_names_are_cut_between_words() -> None:
    words = slug("somebody who knows " * 9)
    assert len(words) <= MAX_SLUG_LENGTH
    assert words.endswith("-knows")
    assert slug("x" * 99) == "x" * MAX_SLUG_LENGTH


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("We’ll SEE, …", "well see"),
        ("We'll  see.", "well see"),
        ("Café—au lait", "cafe au lait"),
        ("…", "…"),
    ],
)
def test_folded_words(text: str, expected: str) -> None:
    assert folded_words(text) == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (
            "http://Ashby.example:80/a/?utm_source=x&id=7&fbclid=y#top",
            "https://ashby.example/a?id=7",
        ),
        ("https://ashby.example:8443/a", "https://ashby.example:8443/a"),
        ("https://ashby.example/", None),
        ("https://ashby.example", None),
        ("https://ashby.example/?p=7", "https://ashby.example?p=7"),
        ("ftp://ashby.example/a", None),
        ("/news/a.txt", None),
        ("https://[broken/a", None),
        ("https://ashby.example:x/a", None),
        (None, None),
    ],
)
def test_url_that_identifies_an_article(given: str | None, expected: str | None) -> None:
    assert article_url(given) == expected


@pytest.mark.parametrize(
    ("guid", "expected"),
    [
        ("urn:uuid:0f9a", True),
        ("tag:ashby.example,2024:7", True),
        ("<7@ashby.example>", True),
        ("0b7e6a0e-3c1f-4b39-9d7e-000000000001", True),
        ("https://ashby.example/?p=7", True),
        ("4711", False),
        ("news-7", False),
        ("7 @ x", False),
    ],
)
def test_ids_that_stand_alone(guid: str, expected: bool) -> None:
    assert is_unique_everywhere(guid) is expected
