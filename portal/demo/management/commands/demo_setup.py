"""``manage.py demo_setup``: demo users, and the demo hospital in a running server."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from core.accounts.tokens import create_token
from portal.demo.people import create_people, open_data
from portal.demo.reading import make_rules
from portal.demo.stories import EVERYONE


class Command(BaseCommand):
    """What ``make demo`` does once the server is ready; a second run adds nothing."""

    help = (
        "Creates the demo users, rules of worklists, and loads the demo hospital over "
        "HTTP. The users and their passwords stand in the file demo-users of the data "
        "folder."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare where the server is and how large the hospital."""
        parser.add_argument("--url", required=True)
        parser.add_argument("--patients", type=int, default=len(EVERYONE))

    def handle(self, *_args: Any, **options: Any) -> None:
        """Create the users, load through the public interface, then open it to them."""
        create_people(settings.PLACES.data / "demo-users")
        make_rules()
        token = create_token(
            account_name="demo-loader",
            role="Service Writer",
            name="demo",
            expires_at=timezone.now() + timedelta(hours=2),
        )
        call_command(
            "demo",
            url=options["url"],
            token=token,
            patients=options["patients"],
            stdout=self.stdout,
        )
        open_data(patients=options["patients"])
