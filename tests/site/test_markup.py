"""Elements as text."""

from __future__ import annotations

from cryptobench.site.markup import Html, element, joined, link, paragraphs


def test_text_is_escaped_and_elements_are_not() -> None:
    """In children and in attributes; None and False are left out, lists are taken apart."""
    inner = element("b", "<&>")
    assert inner == "<b>&lt;&amp;&gt;</b>"
    assert element("p", inner, ["x", None, [1]], False) == "<p><b>&lt;&amp;&gt;</b>x1</p>"
    assert isinstance(joined("a", inner), Html)
    assert element("p", class_="a", data_key='"<', hidden=True, title=None, id=False) == (
        '<p class=a data-key="&quot;&lt;" hidden></p>'
    )


def test_ends_that_html_does_not_need_are_left_out() -> None:
    """A picture has none, and a cell ends where the next begins; a value with a space or a slash keeps its quotes."""
    assert element("img", src="a/b", alt="") == '<img src="a/b" alt="">'
    assert element("tr", element("td", 1), element("td", 2, class_="a b")) == '<tr><td>1<td class="a b">2'


def test_links_away_say_nothing_of_here() -> None:
    """Other sites learn no referrer and get no opener."""
    assert link("https://doi.org/1", "x") == '<a href="https://doi.org/1" rel="noreferrer noopener">x</a>'
    assert link("a.html", "x") == "<a href=a.html>x</a>"
    assert paragraphs("a", "", None, "b", class_="c") == "<p class=c>a</p><p class=c>b</p>"
