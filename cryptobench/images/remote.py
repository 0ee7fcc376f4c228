"""The image sets that can be fetched: where they lie and which of their files are pictures."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

__all__ = ["REMOTE_SETS", "Download", "RemoteSet", "data_folder", "set_folder"]


@dataclass(frozen=True)
class Download:
    """A file to fetch. Where ``sha256`` is empty, the hash of the first download is recorded and held to."""

    url: str
    sha256: str = ""

    @property
    def file(self) -> str:
        return self.url.rsplit("/", 1)[-1]


@dataclass(frozen=True)
class RemoteSet:
    """An image set on the web.

    ``picture`` is a regular expression for the whole path of a picture, inside the archive or of the download itself;
    its group ``name`` names the picture and its group ``split``, if it has one, the part of the set it is in.
    """

    title: str
    downloads: tuple[Download, ...]
    picture: str
    splits: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    megabytes: int = 0
    home: str = ""

    def match(self, path: str) -> re.Match[str] | None:
        """The match of a picture's path; None for other files and for excluded pictures."""
        found = re.fullmatch(self.picture, path, flags=re.IGNORECASE)
        return None if found is None or found["name"] in self.excluded else found


_KODAK_SHA256 = (
    "a56e27cbf5f843c048b6af1d6e090760e9c92fadba88b7dee0205918a37523bd",
    "4f4b74a79237e311d72cad958237b5f7088d8bce1c82305ebefe1a70e3022dfd",
    "e25ca1ff2f0c0cb5fdfd5f9b0a0bb21ac4c3de3c84a67f35b09a85d3306249db",
    "e3b946107c5d3441c022f678d0c3caf1e224d81b1604ba840a4f88e562de61aa",
    "10349e963c5c813d327852f82c1795fa4148d69fedffc4c589bee458e3ac3d53",
    "363510303b715d4cbc384e1ce227e466b613a09e1b71ae985882bf8e7fbd9b18",
    "b77d3f006f42414bb242222e0482e750c0fb9e5ee8d4bed2f6f11c5605fe54a4",
    "ba23983c76b4832ee0e8af0592664756841a16779acd69f792e268fb6d13d6e7",
    "6a4361c2fc194feb4edaa9f9a4a0620fb9943e460ac7fdf037fb0f6dd6607a7d",
    "9dfb70f5867c29ff9ed6313683f19b3d867849e40fbc0c4c54a4a89df341cf23",
    "7936814b58b5387fce2e4e2488b4ec830dadd95fa9520f358ddb30990b50f2b6",
    "d78c37c2f04f23761ed2367dd77e2db584ddd4c3950833fecf89f199a8126980",
    "bc34a3ce58dea09dce1704c997171602de90cb34d0c8503a988b77f473d39b08",
    "55a94550ff18f3246c4074fd32b77b0c74447c26b6ad274d564d999c0450ba6e",
    "7538cbb80cb9103606c48b806eae57d56c885c7f90b9b3be70a41160f9cbb683",
    "a89c7268ccd4718ba424a99fc4643c572cf692ca6eae887185ceb4e9f11d2e54",
    "37afcc89fbdcb76d9518e04b2fc011027e2f4cd14b3b2f83cefd721641a47c5b",
    "1a9258c365988961d87a0598725b609139c303ad48a5aad6c503c3b1a87849aa",
    "b7450b264b1b0a411390d8931b112c27905a992520fc90569dc4b920aa32bbdc",
    "3b46c71e3b92a563820ba32936be8330c586c41f938efd94be938386aae4328a",
    "ac958597c82073f6bb65129c68f72b651db5b9efd82e11547d07350214bc268b",
    "1cee58eb1f2d9c7ebb254d208a03c783ce6cf2c4d8c2cf45e235dd23b4ce1b29",
    "e3111a2fd4da24af15d6459ef9eacfe54106b38e27b4a21821b75c3f5d2d5baf",
    "1071c68372cc5a01435c2c225a5cf7d4bb803846ec08bb6b3d6721b156d7cb96",
)

# Hashes are given where independent public records of the same file agree on one.
REMOTE_SETS = {
    "bsds500": RemoteSet(
        "Berkeley Segmentation Data Set 500: 481x321 natural photographs",
        (
            Download(
                "https://www2.eecs.berkeley.edu/Research/Projects/CS/vision/grouping/BSR/BSR_bsds500.tgz",
                "97e49d31764f3912f0c4122707d53062ac9e783ba0f095e447a4d53c1a41af8e",
            ),
        ),
        picture=r"BSR/BSDS500/data/images/(?P<split>train|val|test)/(?P<name>\d+)\.jpg",
        splits=("train", "val", "test"),
        megabytes=71,
        home="https://www2.eecs.berkeley.edu/Research/Projects/CS/vision/grouping/resources.html",
    ),
    "kodak": RemoteSet(
        "Kodak lossless true colour suite: 24 photographs, 768x512",
        tuple(
            Download(f"https://r0k.us/graphics/kodak/kodak/kodim{i:02d}.png", sha256)
            for i, sha256 in enumerate(_KODAK_SHA256, start=1)
        ),
        picture=r"(?P<name>kodim\d\d)\.png",
        megabytes=15,
        home="https://r0k.us/graphics/kodak/",
    ),
    "usc-sipi-misc": RemoteSet(
        "USC-SIPI miscellaneous volume, without 4.2.04 (Lena)",
        (Download("https://sipi.usc.edu/database/misc.zip"),),
        picture=r"(?:misc/)?(?P<name>[\w.-]+)\.tiff?",
        excluded=("4.2.04",),
        megabytes=12,
        home="https://sipi.usc.edu/database/database.php?volume=misc",
    ),
    "div2k-validation": RemoteSet(
        "DIV2K validation: 100 photographs of about 2000x1400",
        (
            Download(
                "https://data.vision.ee.ethz.ch/cvl/DIV2K/DIV2K_valid_HR.zip",
                "20dd31fd84d777bc1cf5d6b7654a3f569c0aec74458ae094122ad1d0489900fc",
            ),
        ),
        picture=r"DIV2K_valid_HR/(?P<name>\d{4})\.png",
        megabytes=449,
        home="https://data.vision.ee.ethz.ch/cvl/DIV2K/",
    ),
}


def data_folder() -> Path:
    """Where fetched sets live: ``$CRYPTOBENCH_DATA``, or else the user's data directory for cryptobench."""
    chosen = os.environ.get("CRYPTOBENCH_DATA")
    if chosen:
        return Path(chosen)
    import platformdirs

    return Path(platformdirs.user_data_dir("cryptobench", appauthor=False))


def set_folder(name: str) -> Path:
    """The folder of a fetched set; it exists once the set has been fetched whole."""
    return data_folder() / "images" / name
