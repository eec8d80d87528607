"""The served boards that these tests read."""

from support.site import empty_site, site

__all__ = ["empty_site", "site"]
