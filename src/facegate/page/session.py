"""What the page remembers of one visitor: server, token, language. Nothing of it is written anywhere."""

from urllib.parse import urlsplit

import streamlit as st

from facegate.page.launch import PageStart, page_start
from facegate.page.plain_text import plain
from facegate.page.server import Server, ServerSaid
from facegate.page.words import Language, say, words_of

# Names of our own: what a widget remembers under its key is gone when it is not drawn.
_TOKEN, _ROOT, _LANGUAGE = "visitor_token", "visitor_root", "visitor_language"

_PROXY_HEADERS = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-Ip", "Via")
_LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})


def begin() -> None:
    """Fills in what a new visitor starts with."""
    if _TOKEN in st.session_state:
        return
    start = page_start()
    is_indonesian = (st.context.locale or "").lower().startswith(("id", "in"))
    st.session_state[_LANGUAGE] = Language.INDONESIAN if is_indonesian else Language.ENGLISH
    st.session_state[_ROOT] = start.server_root
    st.session_state[_TOKEN] = _first_token(start)


def language() -> Language:
    """The visitor's."""
    return Language(st.session_state[_LANGUAGE])


def speak(chosen: Language) -> None:
    """From the next run on in this language."""
    st.session_state[_LANGUAGE] = chosen


def words(view: str, key: str, **values: object) -> str:
    """The words in the visitor's language."""
    return say(language(), view, key, **values)


def server() -> Server:
    """The server with the visitor's token."""
    return Server(str(st.session_state[_ROOT]), str(st.session_state[_TOKEN]))


def may_choose_server() -> bool:
    """Whether the visitor may name another server."""
    return page_start().may_choose_server


def is_signed_in() -> bool:
    """Whether there is a token; whether it is right the server says at the first call."""
    return bool(st.session_state[_TOKEN])


def sign_in(token: str, root: str | None = None) -> None:
    """Checks the token with the server, then keeps it for this visit. `root` is another server, if allowed.

    Raises:
        ServerSaid: it is wrong, or nobody answers.
    """
    known = str(st.session_state[_ROOT])
    wanted = _with_scheme(root) if root and may_choose_server() else known
    Server(wanted, token).get("/subjects", limit=1)
    if wanted != known:
        # What was asked and shown came from the other one.
        sign_out()
    st.session_state[_ROOT] = wanted
    st.session_state[_TOKEN] = token


def sign_out() -> None:
    """Forgets everything of this visit but the language and the address."""
    for name in list(st.session_state):
        if name not in (_ROOT, _LANGUAGE):
            del st.session_state[name]
    st.session_state[_TOKEN] = ""


def trouble(error: ServerSaid) -> str:
    """What a person can do about it, in the visitor's language."""
    key = error.kind if error.kind in words_of("troubles") else "other"
    said = error.sentence.strip().rstrip(".")
    if error.kind == "poor_quality":
        said = advice(said)
    return words("troubles", key, server=st.session_state[_ROOT], said=plain(said))


def advice(said: str) -> str:
    """What would help a photo most, found in the server's sentence, in the visitor's language."""
    for key, (english, _) in words_of("troubles").items():
        if key.startswith("advice_") and english in said:
            return words("troubles", key)
    return said


def _first_token(start: PageStart) -> str:
    return start.token if start.token is not None and _is_direct() else ""


def _is_direct() -> bool:
    """Whether the browser is on this machine, with no proxy between that others could come through."""
    headers = st.context.headers
    if any(name in headers for name in _PROXY_HEADERS):
        return False
    if "Host" not in headers:
        # Nobody came over the network: Streamlit runs the page in a test.
        return True
    origin, host = urlsplit(headers.get("Origin", "")), headers["Host"]
    # The port too: another program's page on this machine is another site.
    return origin.netloc == host and _is_loopback(f"//{host}")


def _is_loopback(address: str) -> bool:
    return urlsplit(address).hostname in _LOOPBACK_NAMES


def _with_scheme(root: str) -> str:
    text = root.strip().rstrip("/")
    return text if "://" in text else f"http://{text}"
