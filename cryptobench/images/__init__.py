"""Image sets: built in and offline, fetched by name, or any folder of pictures.

Nothing heavier than NumPy is imported before an image is asked for.
"""

from cryptobench.images.builtin import builtin_image, image_names
from cryptobench.images.download import fetch
from cryptobench.images.errors import ImageError
from cryptobench.images.fetched import is_fetched, picture_names
from cryptobench.images.files import read_image, require_lossless, write_image
from cryptobench.images.references import image_hash, is_name, kind, label, labels, load_image, resolve, set_names
from cryptobench.images.remote import REMOTE_SETS

__all__ = [
    "REMOTE_SETS",
    "ImageError",
    "builtin_image",
    "fetch",
    "image_hash",
    "image_names",
    "is_fetched",
    "is_name",
    "kind",
    "label",
    "labels",
    "load_image",
    "picture_names",
    "read_image",
    "require_lossless",
    "resolve",
    "set_names",
    "write_image",
]
