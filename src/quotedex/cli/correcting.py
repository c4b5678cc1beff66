"""The command that lists, adds and undoes corrections."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import click

from quotedex.cli.options import DATABASE
from quotedex.cli.output import print_json

if TYPE_CHECKING:
    from quotedex.models import Correction


@click.command()
@DATABASE
@click.option(
    "--add",
    "file",
    metavar="CSV",
    type=click.Path(dir_okay=False),
    help="Add the corrections in this file and apply them at once.",
)
@click.option(
    "--undo", "undone", metavar="ID", type=int, multiple=True, help="Undo a correction by its id."
)
@click.option("--who", metavar="NAME", help="Who undoes it, with --undo.")
@click.option("--why", metavar="TEXT", help="Why it is undone, with --undo.")
@click.option(
    "--format",
    "form",
    type=click.Choice(("csv", "json", "training")),
    default="csv",
    show_default=True,
    help="CSV, JSON Lines, or annotated examples for training.",
)
@click.option("--json", "form", flag_value="json", help="As --format json.")
def corrections(
    database: str,
    file: str | None,
    undone: tuple[int, ...],
    who: str | None,
    why: str | None,
    form: str,
) -> None:
    """Correct who said what in DB, and list the corrections.

    Without --add and --undo, prints all corrections in the format that --add and
    `quotedex index --corrections` read. Corrections override what the program finds, even in later
    runs; see docs/corrections.md.
    """
    from quotedex.link import read_corrections, write_corrections
    from quotedex.store.correction_examples import training_examples
    from quotedex.store.correction_rows import list_corrections

    if file is not None or undone:
        _change(database, [] if file is None else read_corrections(file), undone, who, why)
    elif form == "training":
        click.echo(json.dumps(training_examples(database), ensure_ascii=False, indent=1))
    elif form == "json":
        for each in list_corrections(database):
            print_json(each.to_dict())
    else:
        click.echo(write_corrections(list_corrections(database)), nl=False)


def _change(
    database: str,
    new: Sequence[Correction],
    undone: Iterable[int],
    who: str | None,
    why: str | None,
) -> None:
    """Add and undo corrections, and print what came of it on standard error."""
    from quotedex.store import Store
    from quotedex.store.file import open_index

    open_index(database).close()
    with Store(database) as store:
        added = store.correct(new)
        for number in undone:
            store.undo_correction(number, who, why)
            click.echo(f"correction {number} undone", err=True)
    waiting = [each for each in added if each.state == "waiting"]
    for each in waiting:
        click.echo(
            f"correction {each.id} waits: {database} has nothing with the key {each.key}", err=True
        )
    if added:
        click.echo(f"{len(added)} corrections, {len(waiting)} of them waiting", err=True)
