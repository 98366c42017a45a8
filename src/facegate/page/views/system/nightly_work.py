"""What the nightly work last did, and starting it by hand."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from facegate.page import look, session, sizes, times
from facegate.page.views.system.say import say

Report = Mapping[str, Any]


def show() -> None:
    """The last report."""
    look.section(say("maintenance"), say("maintenance_what"))
    report = session.server().get("/maintenance")["report"]
    if report is None:
        look.empty(say("maintenance_never"), say("maintenance_never_next"))
    else:
        _show_report(report)
    if look.sure(
        "nightly work", say("run_sure"), label=say("run_now"), confirm=say("run_yes"), icon="play_arrow"
    ):
        with st.spinner(say("running")):
            session.server().post("/maintenance", is_long=True)
        look.tell_next_run(say("ran"))
        st.rerun()


def _show_report(report: Report) -> None:
    took_s = (times.local(report["finished_at"]) - times.local(report["started_at"])).total_seconds()
    st.markdown(say("maintenance_last", ago=times.ago(report["finished_at"]), span=times.span(took_s)))
    look.tiles(
        [
            (say("reembedded"), sizes.counted(report["reembedded_count"])),
            (say("reembed_failures"), sizes.counted(report["reembed_failures"])),
            (say("indexed"), sizes.counted(report["indexed_template_count"])),
            (say("outliers"), sizes.counted(len(report["outliers"]))),
        ],
        per_row=4,
    )
    st.caption(say("index_agreed" if report["index_agreed"] else "index_differed"))
    if not report["outliers"]:
        st.caption(say("no_outliers"))
        return
    st.dataframe(
        [
            {
                say("outlier_person"): one["subject_id"],
                say("outlier_like"): one["lookalike_id"] or session.words("shared", "none"),
                say("outlier_similarity"): f"{one['similarity']:.2f}",
            }
            for one in report["outliers"]
        ],
        hide_index=True,
    )
