"""What every page is: one file, escaped, private, and only ever in place of its own kind."""

import stat
from pathlib import Path

import pytest
from jinja2 import ChoiceLoader, DictLoader, UndefinedError

from hep_vision.errors import ExportError, OutputTakenError
from hep_vision.reports import pages
from hep_vision.reports.pages import render, write_page


@pytest.fixture
def template(monkeypatch: pytest.MonkeyPatch) -> str:
    """Name a page with nothing in it but a few words."""
    environment = pages._environment()
    more = DictLoader(
        {
            "words.html.j2": '{% extends "page.html.j2" %}'
            '{% import "parts.html.j2" as parts %}'
            "{% block title %}{{ words }}{% endblock %}"
            "{% block main %}{{ parts.said(words) }}{% endblock %}"
        }
    )
    assert environment.loader is not None
    both = environment.overlay(loader=ChoiceLoader([more, environment.loader]))
    monkeypatch.setattr(pages, "_environment", lambda: both)
    return "words.html.j2"


def test_words_are_escaped_wherever_they_stand(template: str) -> None:
    page = render(template, "test", words="</title><script>alert('1')</script> \"&")
    assert "<script" not in page
    assert page.count("&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt; &#34;&amp;") == 2


def test_control_characters_do_not_reach_a_page(template: str) -> None:
    page = render(template, "test", words="a\x00b\x1b[31m\ud800\u202ec\tד🦵")
    assert "<bdi>a�b�[31m�\u202ec\tד🦵</bdi>" in page


def test_a_value_that_is_missing_is_an_error(template: str) -> None:
    with pytest.raises(UndefinedError):
        render(template, "test")


def test_a_page_is_private_and_replaces_only_its_own_kind(template: str, tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    write_page(path, render(template, "test", words="one"), "test")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    second = render(template, "test", words="two")
    write_page(path, second, "test")
    assert path.read_text(encoding="utf-8") == second

    with pytest.raises(OutputTakenError, match="not a report of hep-vision"):
        write_page(path, render(template, "report", words="three"), "report")
    assert path.read_text(encoding="utf-8") == second
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_that_is_not_there_is_one_line(template: str, tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="cannot write the test"):
        write_page(tmp_path / "none" / "page.html", render(template, "test", words="x"), "test")
