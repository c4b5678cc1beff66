"""The command that lists, adds and undoes corrections."""

from __future__ import annotations

import json

import click

from quotedex.cli.options import DATABASE
from quotedex.cli.output import print_json


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
@click.option("--who", metavar="NAME", help="Who undoes it.")
@click.option("--why", metavar="TEXT", help="Why it is undone.")
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
    `quotedex index --corrections` read. Corrections outrank what the program finds, also in later
    runs; see docs/corrections.md.
    """
    from quotedex.api import Index
    from quotedex.link import read_corrections, write_corrections
    from quotedex.store.correction_examples import training_examples

    index = Index(database)
    if file is not None:
        added = index.correct(*read_corrections(file))
        waiting = [each for each in added if each.state == "waiting"]
        for each in waiting:
            where = f"line {each.line}" if each.line else f"correction {each.id}"
            click.echo(f"{where} waits: {database} has nothing with the key {each.key}", err=True)
        click.echo(f"{len(added)} corrections, {len(waiting)} of them waiting", err=True)
    for number in undone:
        index.undo_correction(number, who, why)
        click.echo(f"correction {number} undone", err=True)
    if file is not None or undone:
        return
    if form == "training":
        click.echo(json.dumps(training_examples(database), ensure_ascii=False, indent=1))
    elif form == "json":
        for each in index.corrections():
            print_json(each.to_dict())
    else:
        click.echo(write_corrections(index.corrections()), nl=False)
