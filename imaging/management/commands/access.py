"""``manage.py access``: why somebody may see something, and who may."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.access import MEANINGS, system
from core.accounts.explain import explain_access, subject_of
from core.errors import PortalError
from core.models import DEFAULT_PARTITION, Account, Scope
from imaging import projects, scopes

ACTOR = system("command line")


class Command(BaseCommand):
    """Explain what an account may do with an object, and why."""

    help = "Explains what an account may do with an object, and why."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the verb."""
        verbs = parser.add_subparsers(dest="verb", required=True)
        explain = verbs.add_parser("explain", help="say why somebody sees it, or not")
        explain.add_argument("account")
        explain.add_argument(
            "object",
            help="a StudyInstanceUID, or patient:ID, project:NAME, partition:NAME",
        )
        explain.add_argument(
            "--partition", default=DEFAULT_PARTITION, help="that it lies in"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Print what is allowed and the reasons."""
        account = Account.objects.filter(username=options["account"]).first()
        if account is None:
            message = f"There is no account {options['account']}."
            raise CommandError(message)
        try:
            scope = _scope(options["partition"], options["object"])
            found = explain_access(
                actor=ACTOR, account=account, subject=subject_of(scope)
            )
        except PortalError as error:
            raise CommandError(error.message) from error
        for verb, allowed in found.allowed.items():
            self.stdout.write(f"{'yes' if allowed else 'no':3} {MEANINGS[verb]}")
        for reason in found.reasons:
            self.stdout.write(f"- {reason}")


def _scope(partition: str, named: str) -> Scope:
    kind, _, name = named.partition(":")
    match kind if name else "study":
        case "partition":
            return scopes.scope_of_partition(actor=ACTOR, partition=name)
        case "project":
            return projects.scope_named(actor=ACTOR, partition=partition, name=name)
        case "patient":
            return scopes.scope_of_patient(
                actor=ACTOR, partition=partition, patient_id=name
            )
        case _:
            return scopes.scope_of_study(
                actor=ACTOR, partition=partition, study_instance_uid=named
            )
