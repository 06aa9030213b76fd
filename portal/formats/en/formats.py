"""Django's formats: https://docs.djangoproject.com/en/5.2/ref/templates/builtins/#date."""

from typing import Final

DATE_FORMAT: Final = "Y-m-d"
TIME_FORMAT: Final = "H:i:s"
DATETIME_FORMAT: Final = "Y-m-d H:i:s"
