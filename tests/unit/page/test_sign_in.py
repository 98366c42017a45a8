"""Signing in, another token, another server, signing out, and the language."""

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest
from tests.unit.page.small_server import SmallServer

from facegate.page.words import Language

OpenPage = Callable[..., AppTest]


def errors(page: AppTest) -> str:
    return " ".join(error.value for error in page.error)


def sign_in(page: AppTest, token: str) -> AppTest:
    page.text_input[-1].set_value(token)
    page.button[0].click().run()
    return page


def test_a_page_with_a_token_begins_signed_in(open_page: OpenPage) -> None:
    page = open_page().run()

    assert not page.exception
    assert not page.error
    assert page.sidebar.expander


def test_a_page_without_a_token_asks_for_one(open_page: OpenPage) -> None:
    page = open_page(None).run()

    assert page.title[0].value == "facegate"
    assert not page.sidebar.expander


def test_the_right_token_opens_the_page(open_page: OpenPage, page_server: SmallServer) -> None:
    page = sign_in(open_page(None).run(), f" {page_server.token} ")

    assert not page.exception
    assert not page.error
    assert page.sidebar.expander


@pytest.mark.parametrize("token", ["wrong", "ключ", "a\nb"])
def test_a_wrong_token_is_told_in_one_sentence(open_page: OpenPage, token: str) -> None:
    page = sign_in(open_page(None).run(), token)

    assert "does not know this token" in errors(page)
    assert not page.exception
    assert not page.sidebar.expander


def test_no_token_is_no_call(open_page: OpenPage) -> None:
    assert "Enter a token" in errors(sign_in(open_page(None).run(), "  "))


def test_a_token_that_ends_can_be_replaced_in_the_sidebar(
    open_page: OpenPage, page_server: SmallServer
) -> None:
    page = open_page("revoked").run()
    assert "does not know this token" in errors(page)

    sidebar = page.sidebar
    sidebar.text_input[1].set_value(page_server.token)
    sidebar.button[0].click().run()

    assert not page.error
    assert not page.exception


def test_signing_out_forgets_the_token(open_page: OpenPage, page_server: SmallServer) -> None:
    page = open_page().run()

    page.sidebar.button[1].click().run()

    assert not page.sidebar.expander
    assert page.session_state["visitor_token"] == ""
    assert page_server.token not in repr(page.session_state)


def test_a_server_that_does_not_answer_is_named(open_page: OpenPage) -> None:
    page = open_page(None).run()
    page.text_input[0].set_value("127.0.0.1:9")

    assert "No server answers" in errors(sign_in(page, "token"))


def test_another_server_never_gets_the_token_of_the_first(open_page: OpenPage) -> None:
    page = open_page().run()
    page.sidebar.text_input[0].set_value("http://127.0.0.1:9")
    page.sidebar.button[0].click().run()

    assert "Enter a token" in errors(page)
    assert page.session_state["visitor_root"] != "http://127.0.0.1:9"


def test_where_others_reach_the_page_the_server_is_not_theirs_to_choose(open_page: OpenPage) -> None:
    page = open_page(None, may_choose=False).run()

    assert [field.label for field in page.text_input] == ["Access token"]


def test_the_language_stays_over_sign_in(open_page: OpenPage, page_server: SmallServer) -> None:
    page = open_page(None).run()
    page.session_state["language_choice"] = Language.INDONESIAN
    page.session_state["visitor_language"] = Language.INDONESIAN
    page.run()
    assert page.button[0].label == "Masuk"

    sign_in(page, page_server.token)

    assert page.sidebar.expander[0].label == "Token dan keluar"
