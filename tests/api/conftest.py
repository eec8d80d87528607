"""The served boards that these tests read."""

from support.attacked import desk
from support.site import empty_site, site

__all__ = ["desk", "empty_site", "site"]
