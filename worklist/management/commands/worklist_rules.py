"""``manage.py worklist_rules``: rules that make workitems, tried and run."""

from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.access import system
from core.errors import PortalError
from worklist.making.configuring import find_rule, list_rules, run_rule, try_rule
from worklist.making.make import Round
from worklist.making.plan import told
from worklist.models import WorkitemRule

ACTOR: Final = system("command line")


class Command(BaseCommand):
    """List rules, say what one would make, and have one look at all that is there."""

    help = (
        "Lists the rules that make workitems; says what one would make of the newest"
        " studies or resources; has one look at all that is there already. Audited."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the verbs."""
        verbs = parser.add_subparsers(dest="verb", required=True)
        verbs.add_parser("list", help="the rules, and what they could not make")
        tried = verbs.add_parser("dry-run", help="what a rule would make; none is made")
        tried.add_argument("--limit", type=int, default=10, help="of how many")
        run = verbs.add_parser("run", help="have a rule look at all that is there")
        for each in (tried, run):
            each.add_argument("name")
            each.add_argument("--partition", default="default")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Do what the verb says."""
        try:
            if options["verb"] == "list":
                for rule in list_rules(actor=ACTOR):
                    self._list(rule)
                return
            rule = find_rule(
                actor=ACTOR, partition=options["partition"], name=options["name"]
            )
            if options["verb"] == "dry-run":
                self._try(rule, options["limit"])
            else:
                done = run_rule(actor=ACTOR, rule=rule, tell=self._tell)
                self.stdout.write(f"{_words(done)}.")
        except PortalError as error:
            raise CommandError(error.message) from error

    def _list(self, rule: WorkitemRule) -> None:
        state = "enabled" if rule.is_enabled else "disabled"
        problems = f"\tproblems {rule.number_of_problems}: {rule.problem}"
        quiet = f"\tquiet for {rule.quiet}" if rule.quiet else ""
        self.stdout.write(
            f"{rule.partition.name}\t{rule.name}\tversion {rule.version}\t{state}"
            f"\t{rule.source}?{rule.conditions}{quiet}"
            f"{problems if rule.number_of_problems else ''}"
        )

    def _try(self, rule: WorkitemRule, limit: int) -> None:
        for each in try_rule(actor=ACTOR, rule=rule, limit=limit):
            outcome = "would be made"
            if each.findings:
                outcome = f"no workitem: {told(each.findings)}"
            elif each.is_made:
                outcome = "is made already"
            elif each.is_over:
                outcome = "has ended, no workitem"
            elif each.not_before:
                outcome += f" when it is quiet, not before {each.not_before:%H:%M:%S}"
            self.stdout.write(f"{each.subject}\t{outcome}")

    def _tell(self, number: int, done: Round) -> None:
        self.stdout.write(f"{number:,} looked at, {_words(done)} …")


def _words(done: Round) -> str:
    waiting = f", {done.waiting:,} not quiet yet" if done.waiting else ""
    return f"{done.made:,} workitems made, {done.problems:,} problems{waiting}"
