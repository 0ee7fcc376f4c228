"""A finished run as a site of static pages: a leaderboard, a page a cipher, what every attack found, the calibration.

The pages open offline, from a folder or a server, and need no script to be read. `cryptobench site` writes them.
"""

from cryptobench.site.write import SiteError, write_site

__all__ = ["SiteError", "write_site"]
