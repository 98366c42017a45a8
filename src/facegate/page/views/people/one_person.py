"""One person: name, groups, templates, and what cannot be undone."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from facegate.page import look, session, sizes, times
from facegate.page.plain_text import plain
from facegate.page.server import in_path
from facegate.page.views.people import merging, opened
from facegate.page.views.people.say import say
from facegate.page.words import words_of


def show(subject_id: str) -> None:
    """Everything about the person."""
    if st.button(say("back"), icon=":material/arrow_back:", type="tertiary"):
        opened.close()
        st.rerun()
    subject = session.server().get(f"/subjects/{in_path(subject_id)}")
    name = subject["display_name"] or subject_id
    look.heading(plain(name), f"{plain(subject_id)} · {_since(subject)}")
    _details(subject)
    _templates(subject)
    merging.show(subject_id, name)
    _removal(subject_id, name)


def _since(subject: Mapping[str, Any]) -> str:
    since = times.local(subject["created_at"])
    return say("known_since", when=f"{since:%Y-%m-%d}", ago=times.ago(subject["updated_at"]))


def _details(subject: Mapping[str, Any]) -> None:
    server, subject_id = session.server(), subject["subject_id"]
    groups_path = f"/subject-groups/{in_path(subject_id)}"
    groups = server.get(groups_path)["groups"]
    known = [one["name"] for one in server.get("/groups")["groups"]]
    with st.form(f"details {subject_id}"):
        look.section(say("details"))
        name = st.text_input(say("name"), value=subject["display_name"], max_chars=200)
        chosen = st.multiselect(
            session.words("shared", "groups"),
            sorted({*known, *groups}),
            default=groups,
            help=say("groups_help"),
            accept_new_options=True,
            placeholder="",
        )
        is_saved = st.form_submit_button(session.words("shared", "save"), type="primary")
    if not is_saved:
        return
    if name.strip() != subject["display_name"]:
        server.patch(f"/subjects/{in_path(subject_id)}", {"display_name": name.strip()})
    if sorted(chosen) != groups:
        server.put(groups_path, {"groups": sorted(str(one) for one in chosen)})
    look.tell_next_run(say("saved"))
    st.rerun()


def _templates(subject: Mapping[str, Any]) -> None:
    look.section(say("templates"), say("templates_what"))
    if not subject["templates"]:
        look.empty(say("templates_none"), say("templates_none_next", subject_id=plain(subject["subject_id"])))
        return
    for template in subject["templates"]:
        with st.container(border=True):
            _template(template)


def _template(template: Mapping[str, Any]) -> None:
    quality = template["quality"]
    if quality is None:
        st.caption(say("template_no_quality"))
    else:
        st.progress(min(1.0, quality), say("template_quality", percent=sizes.percent(quality)))
    facts = say(
        "template_facts",
        source=_source(template["source"]),
        when=times.when(template["created_at"]),
        model=plain(template["model_id"]),
    )
    key = f"template {template['template_id']}"
    with st.container(horizontal=not look.is_asking(key), vertical_alignment="center"):
        unused = "" if template["is_searched"] else f". {say('template_unused')}."
        st.caption(f"{facts}{unused}", width="stretch")
        is_sure = look.sure(key, say("template_sure"))
    if is_sure:
        session.server().delete(f"/templates/{in_path(template['template_id'])}")
        look.tell_next_run(say("template_deleted"))
        st.rerun()


def _source(source: str) -> str:
    """The door that it came through, where it is one."""
    key = f"door_{source}"
    return session.words("shared", key) if key in words_of("shared") else plain(source)


def _removal(subject_id: str, name: str) -> None:
    with st.expander(say("remove"), icon=":material/delete:"):
        st.caption(say("remove_what"))
        if look.sure(f"person {subject_id}", say("remove_sure", name=plain(name)), label=say("remove")):
            session.server().delete(f"/subjects/{in_path(subject_id)}")
            opened.close()
            look.tell_next_run(say("removed", name=plain(name)))
            st.rerun()
