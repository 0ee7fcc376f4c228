"""Made pictures and archives, as bytes."""

import io
import tarfile
import zipfile

import numpy as np
from PIL import Image

__all__ = ["png", "tarred", "zipped"]


def png(seed, shape=(20, 30, 3)):
    """The bytes of a PNG of noise."""
    stream = io.BytesIO()
    Image.fromarray(np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)).save(stream, "PNG")
    return stream.getvalue()


def zipped(files):
    """The bytes of a .zip with these paths and contents."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for path, data in files.items():
            archive.writestr(path, data)
    return stream.getvalue()


def tarred(files, links=()):
    """The bytes of a .tgz with these paths and contents, and symbolic links."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz") as archive:
        for path, target in links:
            link = tarfile.TarInfo(path)
            link.type, link.linkname = tarfile.SYMTYPE, target
            archive.addfile(link)
        for path, data in files.items():
            member = tarfile.TarInfo(path)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return stream.getvalue()
