"""Importing this sets Django up for the portal that ``PORTAL_DATA`` names.

For what runs beside a portal instead of asking it; under pytest nothing is left to do.
"""

import os

import django
from django.apps import apps

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
if not apps.ready:
    django.setup()
