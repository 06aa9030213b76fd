"""Django's admin as an app, with the portal's own site."""

from django.contrib.admin.apps import SimpleAdminConfig


class AdministrationConfig(SimpleAdminConfig):
    """Django's admin, as the portal's site."""

    default_site = "core.admin_site.PortalSite"
