"""The pages about the site leave out no address and no setting."""

from __future__ import annotations

import dataclasses
import re

import pytest

from datasette_quotedex.pages import ROUTES
from datasette_quotedex.sql.settings import Settings
from tests.helpers import ROOT

DATA = (ROOT / "docs" / "json.md").read_text(encoding="utf-8")
PUBLISHING = (ROOT / "docs" / "publishing.md").read_text(encoding="utf-8")
ADDRESSES = re.findall(r"/-/[\w-]+(?:/[A-Z]+)?", DATA)


@pytest.mark.parametrize("route", [route for route, _ in ROUTES if route.startswith("/-/")])
def test_every_address_is_named(route: str) -> None:
    assert any(re.match(route, address.replace("KEY", "a-key")) for address in _with_forms())


@pytest.mark.parametrize("setting", dataclasses.fields(Settings), ids=lambda field: field.name)
def test_every_setting_is_named_with_its_default(setting: dataclasses.Field[int]) -> None:
    assert f"\n| `{setting.name}` | {setting.default} |" in PUBLISHING


def _with_forms() -> list[str]:
    return [address + form for address in ADDRESSES for form in ("", ".json")]
