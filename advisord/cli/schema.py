"""`advisord schema`: JSON Schemas of the configuration, of rule tests and of the webhook's body."""
from __future__ import annotations

import json

import click

from advisord.advise.payload import webhook_schema
from advisord.settings.schema import RULE_TESTS, names, schema_of

WEBHOOK = "webhook"


@click.command("schema")
@click.argument("name", type=click.Choice([*names(), RULE_TESTS, WEBHOOK]))
def command(name: str) -> None:
    """Print the JSON Schema of a file of the configuration, of rule tests, or of the body that webhooks get.

    Editors complete and check with it: the files that `advisord init` writes name it in their first line.
    """
    schema = webhook_schema() if name == WEBHOOK else schema_of(name)
    click.echo(json.dumps(schema, indent=2, ensure_ascii=False))
