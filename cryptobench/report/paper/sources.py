"""Where metrics, tests and attacks come from: entries for BibTeX, of facts that are known for certain."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["ATTACKS", "SOURCES"]

SOURCES: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "shannon1948": ("article", {
        "author": "C. E. Shannon", "title": "A mathematical theory of communication",
        "journal": "Bell System Technical Journal", "volume": "27", "number": "3", "pages": "379--423", "year": "1948",
        "doi": "10.1002/j.1538-7305.1948.tb01338.x",
    }),
    "wu2013": ("article", {
        "author": "Y. Wu and Y. Zhou and G. Saveriades and S. Agaian and J. P. Noonan and P. Natarajan",
        "title": "Local {Shannon} entropy measure with statistical tests for image randomness",
        "journal": "Information Sciences", "volume": "222", "pages": "323--342", "year": "2013",
        "doi": "10.1016/j.ins.2012.07.049",
    }),
    "wu2011": ("article", {
        "author": "Y. Wu and J. P. Noonan and S. Agaian",
        "title": "{NPCR} and {UACI} randomness tests for image encryption",
        "journal": "Cyber Journals: Journal of Selected Areas in Telecommunications", "pages": "31--38", "year": "2011",
    }),
    "chen2004": ("article", {
        "author": "G. Chen and Y. Mao and C. K. Chui",
        "title": "A symmetric image encryption scheme based on {3D} chaotic cat maps",
        "journal": "Chaos, Solitons and Fractals", "volume": "21", "number": "3", "pages": "749--761", "year": "2004",
        "doi": "10.1016/j.chaos.2003.12.022",
    }),
    "haralick1973": ("article", {
        "author": "R. M. Haralick and K. Shanmugam and I. Dinstein",
        "title": "Textural features for image classification",
        "journal": "IEEE Transactions on Systems, Man, and Cybernetics", "volume": "SMC-3", "number": "6",
        "pages": "610--621", "year": "1973", "doi": "10.1109/TSMC.1973.4309314",
    }),
    "webster1985": ("inproceedings", {
        "author": "A. F. Webster and S. E. Tavares", "title": "On the design of {S}-boxes",
        "booktitle": "Advances in Cryptology: CRYPTO '85", "series": "LNCS", "volume": "218", "pages": "523--534",
        "year": "1986", "doi": "10.1007/3-540-39799-X_41",
    }),
    "rukhin2010": ("techreport", {
        "author": "A. Rukhin and J. Soto and J. Nechvatal and M. Smid and E. Barker and S. Leigh and M. Levenson and "
                  "M. Vangel and D. Banks and A. Heckert and J. Dray and S. Vo",
        "title": "A statistical test suite for random and pseudorandom number generators for cryptographic "
                 "applications",
        "institution": "NIST", "type": "Special Publication", "number": "800-22 Rev. 1a", "year": "2010",
        "doi": "10.6028/NIST.SP.800-22r1a",
    }),
    "holm1979": ("article", {
        "author": "S. Holm", "title": "A simple sequentially rejective multiple test procedure",
        "journal": "Scandinavian Journal of Statistics", "volume": "6", "number": "2", "pages": "65--70",
        "year": "1979",
    }),
    "wang2004": ("article", {
        "author": "Z. Wang and A. C. Bovik and H. R. Sheikh and E. P. Simoncelli",
        "title": "Image quality assessment: from error visibility to structural similarity",
        "journal": "IEEE Transactions on Image Processing", "volume": "13", "number": "4", "pages": "600--612",
        "year": "2004", "doi": "10.1109/TIP.2003.819861",
    }),
    "alvarez2006": ("article", {
        "author": "G. Alvarez and S. Li",
        "title": "Some basic cryptographic requirements for chaos-based cryptosystems",
        "journal": "International Journal of Bifurcation and Chaos", "volume": "16", "number": "8",
        "pages": "2129--2151", "year": "2006", "doi": "10.1142/S0218127406015970",
    }),
    "murillo2019": ("article", {
        "author": "M. A. Murillo-Escobar and M. O. Meranza-Castill{\\'o}n and R. M. L{\\'o}pez-Guti{\\'e}rrez and "
                  "C. Cruz-Hern{\\'a}ndez",
        "title": "Suggested integral analysis for chaos-based image cryptosystems", "journal": "Entropy",
        "volume": "21", "number": "8", "pages": "815", "year": "2019", "doi": "10.3390/e21080815",
    }),
    "li2008": ("article", {
        "author": "S. Li and C. Li and G. Chen and N. G. Bourbakis and K.-T. Lo",
        "title": "A general quantitative cryptanalysis of permutation-only multimedia ciphers against plaintext "
                 "attacks",
        "journal": "Signal Processing: Image Communication", "volume": "23", "number": "3", "pages": "212--223",
        "year": "2008", "doi": "10.1016/j.image.2008.01.003",
    }),
    "jolfaei2016": ("article", {
        "author": "A. Jolfaei and X.-W. Wu and V. Muthukkumarasamy",
        "title": "On the security of permutation-only image encryption schemes",
        "journal": "IEEE Transactions on Information Forensics and Security", "volume": "11", "number": "2",
        "pages": "235--246", "year": "2016", "doi": "10.1109/TIFS.2015.2489178",
    }),
    "chen2019": ("misc", {
        "author": "J. Chen and L. Chen and Y. Zhou",
        "title": "Universal chosen-ciphertext attack for a family of image encryption schemes",
        "howpublished": "arXiv:1903.11987", "year": "2019",
    }),
    "biryukov2001": ("inproceedings", {
        "author": "A. Biryukov and A. Shamir", "title": "Structural cryptanalysis of {SASAS}",
        "booktitle": "Advances in Cryptology: EUROCRYPT 2001", "series": "LNCS", "volume": "2045",
        "pages": "394--405", "year": "2001", "doi": "10.1007/3-540-44987-6_24",
    }),
    "wang2005": ("article", {
        "author": "K. Wang and W. Pei and L. Zou and A. Song and Z. He",
        "title": "On the security of {3D} cat map based symmetric image encryption scheme",
        "journal": "Physics Letters A", "volume": "343", "number": "6", "pages": "432--439", "year": "2005",
    }),
    "frauel2007": ("article", {
        "author": "Y. Frauel and A. Castro and T. J. Naughton and B. Javidi",
        "title": "Resistance of the double random phase encryption against various attacks",
        "journal": "Optics Express", "volume": "15", "number": "16", "pages": "10253--10265", "year": "2007",
        "doi": "10.1364/OE.15.010253",
    }),
    "carnicer2005": ("article", {
        "author": "A. Carnicer and M. Montes-Usategui and S. Arcos and I. Juvells",
        "title": "Vulnerability to chosen-cyphertext attacks of optical encryption schemes based on double random "
                 "phase keys",
        "journal": "Optics Letters", "volume": "30", "number": "13", "pages": "1644--1646", "year": "2005",
        "doi": "10.1364/OL.30.001644",
    }),
}  # fmt: skip
"""By key: the entry's type and fields. Where a DOI was not certain there is none."""

ATTACKS: Mapping[str, tuple[str, ...]] = {
    "permutation": ("li2008", "jolfaei2016"), "affine_z256": ("chen2019",), "affine_cca": ("chen2019",),
    "hua2021_cca": ("chen2019",), "sums_of_tables": ("biryukov2001",), "chen2004_one_round": ("wang2005",),
    "drpe_known_pairs": ("frauel2007",), "drpe_chosen_ciphertexts": ("carnicer2005",),
}  # fmt: skip
"""By attack: the sources that it follows, of those attacks that have any."""
