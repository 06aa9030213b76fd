"""``manage.py partition``: the data partitions."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.access import system
from core.errors import PortalError
from core.models import AS_IT_COMES
from core.partitions import (
    change_partition,
    create_partition,
    delete_partition,
    list_partitions,
)


class Command(BaseCommand):
    """List, create, rename, disable, enable and delete data partitions."""

    help = "Lists, creates, renames, disables, enables and deletes data partitions."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the verbs."""
        verbs = parser.add_subparsers(dest="verb", required=True)
        verbs.add_parser("list", help="list the partitions, disabled or not")
        create = verbs.add_parser("create", help="create an empty one")
        rename = verbs.add_parser("rename", help="give one another name")
        disable = verbs.add_parser("disable", help="have nothing read or stored in one")
        enable = verbs.add_parser("enable", help="have one in use again")
        store_as = verbs.add_parser(
            "store-as", help="bring images into a transfer syntax as they are stored"
        )
        delete = verbs.add_parser("delete", help="delete one that holds nothing")
        for verb in (create, rename, disable, enable, store_as, delete):
            verb.add_argument("name")
        store_as.add_argument("transfer_syntax", nargs="?", default=AS_IT_COMES)
        rename.add_argument("new_name")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Do what the verb says."""
        actor, name = system("command line"), options.get("name", "")
        try:
            match options["verb"]:
                case "list":
                    self._list()
                case "create":
                    create_partition(actor=actor, name=name)
                case "rename":
                    new_name = options["new_name"]
                    change_partition(actor=actor, name=name, new_name=new_name)
                case "disable" | "enable" as verb:
                    change_partition(
                        actor=actor, name=name, is_disabled=verb == "disable"
                    )
                case "store-as":
                    stored_as = options["transfer_syntax"]
                    change_partition(actor=actor, name=name, stored_as=stored_as)
                case "delete":
                    delete_partition(actor=actor, name=name)
        except PortalError as error:
            raise CommandError(error.message) from error

    def _list(self) -> None:
        for partition in list_partitions(actor=system("command line")):
            state = "in use" if partition.disabled_at is None else "disabled"
            self.stdout.write(
                f"{partition.pk}\t{partition.name}\t{state}"
                f"\tcreated {partition.created_at:%Y-%m-%d}"
            )
