"""Commands of ``manage.py`` that span all apps."""
