"""Every model of the server, and whether it is ready."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from facegate.page import look, session, sizes
from facegate.page.plain_text import plain
from facegate.page.views.system.say import say
from facegate.page.words import words_of


def show() -> None:
    """The models as cards, and what cannot run without one."""
    status = session.server().get("/status")
    look.section(say("models"))
    if status["missing_checks"]:
        checks = ", ".join(_task(check) for check in status["missing_checks"])
        st.warning(say("missing_checks", checks=checks), icon=":material/warning:")
    models = session.server().get("/models")["models"]
    for start in range(0, len(models), 2):
        for column, model in zip(st.columns(2), models[start : start + 2], strict=False):
            with column.container(border=True):
                _card(model, is_in_use=model["model_id"] == status["model_id"])


def _card(model: Mapping[str, Any], *, is_in_use: bool) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{plain(model['model_id'])}**", width="content")
        if model["is_ready"]:
            st.badge(say("model_ready"), color="green", icon=":material/check:")
        elif model["is_optional"]:
            st.badge(say("model_optional"), color="gray")
        else:
            st.badge(say("model_missing"), color="red", icon=":material/error:")
        if is_in_use:
            st.badge(say("model_in_use"), color="blue")
    facts = {"task": _task(model["task"]), "size": sizes.in_bytes(model["size_bytes"])}
    st.caption(say("model_facts", licence=plain(model["licence"]), **facts))


def _task(task: str) -> str:
    key = f"task_{task.replace(' ', '_')}"
    return say(key) if key in words_of("system") else plain(task)
