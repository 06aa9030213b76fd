#!/usr/bin/env python
"""Django's command line, for the data folder that ``PORTAL_DATA`` names."""

import os
import sys

import django
from django.core.management import execute_from_command_line

from core.audit_events import ORIGIN, command_origin
from portal.loading import loading

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    ORIGIN.set(command_origin())
    with loading():
        django.setup()
    execute_from_command_line(sys.argv)
