"""``python -m portal.embedded.beat``: Celery's clock.

It knows tasks by their names and times alone, and loads neither them nor Django's apps:
it would need most of its start, and of its memory, for what it never uses.
"""

from django.conf import settings
from django.utils.log import configure_logging

from portal.celery import make_app
from portal.embedded.options import read_options
from portal.loading import loading


def tick() -> None:
    """Send what is due until INT or TERM."""
    configure_logging(settings.LOGGING_CONFIG, settings.LOGGING)
    with loading():
        beat = make_app(fixups=()).Beat(
            loglevel="INFO",
            schedule=str(read_options().places.data / "beat-schedule"),
        )
    beat.run()


if __name__ == "__main__":
    tick()
