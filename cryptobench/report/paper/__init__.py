"""The paper of one cipher: at most four tables and four figures on at most four pages of the IEEE class."""

from __future__ import annotations

from cryptobench.report.paper.write import write_paper

__all__ = ["write_paper"]
