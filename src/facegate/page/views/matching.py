"""The view `matching`: how alike people's photos are, and what the operator's tolerance means."""

from collections.abc import Mapping
from typing import Any

import altair as alt
import streamlit as st

from facegate.page import charts, look, session, sizes
from facegate.page.plain_text import plain

Found = Mapping[str, Any]

_ONE_IN = "datum.value >= 1 ? '1' : '1 : ' + format(round(1 / datum.value), ',')"
"""Labels of a share: 1 : 1,000."""

_BINS_JOINED = 4
"""Bars of 0.04; the server's own of 0.01 are ragged with few people."""


def show() -> None:
    """Draws it."""
    look.heading(_say("title"), _say("what_for"))
    found = session.server().get("/matching/distribution")
    _numbers(found)
    _meaning(found)
    _spread(found)
    _curve(found)


def _numbers(found: Found) -> None:
    tolerance = found["tolerance"]
    look.tiles(
        [
            (_say("tolerance"), f"{tolerance:g} · {_say(_label_of(tolerance))}"),
            (_say("match_needs"), f"≥ {found['thresholds']['match']:.2f}"),
            (_say("recognised"), _share(found["genuine"]["share_at_match"])),
            (_say("mistaken"), _share(found["impostor"]["share_at_match"])),
        ],
        per_row=4,
    )


def _label_of(tolerance: float) -> str:
    if tolerance < 0.5:
        return "strict"
    return "balanced" if tolerance < 0.7 else "permissive"


def _share(share: float | None) -> str:
    return _say("unknown_share") if share is None else sizes.percent(share)


def _meaning(found: Found) -> None:
    calibration = session.server().get("/calibration")
    tolerance = found["tolerance"]
    thresholds = found["thresholds"]
    with st.container(border=True):
        look.section(_say("meaning"))
        if calibration["mode"] == "distance":
            st.markdown(_say("meaning_distance", tolerance=f"{tolerance:g}"))
        else:
            count = sizes.counted(sizes.one_in(searches_that_err(tolerance)))
            st.markdown(_say("meaning_rate", tolerance=f"{tolerance:g}", count=count))
        st.markdown(
            _say(
                "meaning_now",
                templates=sizes.counted(calibration["searched_template_count"]),
                match=f"{thresholds['match']:.2f}",
                review=f"{thresholds['review']:.2f}",
                check=f"{thresholds['check']:.2f}",
            )
        )
        st.caption(_say("meaning_change"))


def searches_that_err(tolerance: float) -> float:
    """The share of searches for strangers that find somebody: 0.4 is 1e-3, 0.6 is 1e-2, 0.8 is 1e-1."""
    return float(10.0 ** (5.0 * tolerance - 5.0))


def _spread(found: Found) -> None:
    look.section(_say("spread"), _say("spread_what"))
    genuine, impostor = found["genuine"], found["impostor"]
    if not genuine["pair_count"] and not impostor["pair_count"]:
        look.empty(_say("few"), _say("few_next"))
        look.link("enrol", _say("go_enrol"), "person_add")
        return
    names = [_say("genuine"), _say("impostor")]
    values = [*_bars(found, "genuine", names[0]), *_bars(found, "impostor", names[1])]
    heaps = (
        alt.Chart(charts.rows(values))
        .mark_bar(opacity=0.65, binSpacing=0)
        .encode(
            x=alt.X("begins:Q", title=_say("similarity"), bin="binned", scale=_similarities(values)),
            x2="ends:Q",
            y=alt.Y("share:Q", title=_say("share"), stack=None, axis=alt.Axis(format="%")),
            color=alt.Color("name:N", scale=charts.scale(names, [charts.TEAL, charts.AMBER])),
            tooltip=[
                alt.Tooltip("name:N", title=" "),
                alt.Tooltip("begins:Q", title=_say("similarity"), format=".2f"),
                alt.Tooltip("share:Q", title=_say("share"), format=".1%"),
            ],
        )
    )
    charts.show(alt.layer(heaps, *_lines(found)), _say("spread_alt"), height_px=300)
    st.caption(_pairs(found))
    if not genuine["pair_count"]:
        st.caption(_say("no_genuine"))


def _bars(found: Found, kind: str, name: str) -> list[charts.Row]:
    counts, edges = found[kind]["counts"], found["bin_edges"]
    pair_count = found[kind]["pair_count"]
    bars = []
    for start in range(0, len(counts), _BINS_JOINED):
        count = sum(counts[start : start + _BINS_JOINED])
        if count:
            end = min(start + _BINS_JOINED, len(counts))
            bars.append(
                {"begins": edges[start], "ends": edges[end], "share": count / pair_count, "name": name}
            )
    return bars


def _similarities(values: list[charts.Row]) -> alt.Scale:
    """The part of the axis on which something lies, with the lines of the thresholds."""
    return alt.Scale(domain=[min(-0.2, *(row["begins"] for row in values)), 1.0])


def _lines(found: Found) -> list[alt.Chart]:
    """The thresholds, each with its name."""
    drawn = []
    for name, dash in (("match", [0, 0]), ("review", [4, 3])):
        at = charts.rows([{"x": found["thresholds"][name], "name": _say(f"line_{name}")}])
        drawn.append(alt.Chart(at).mark_rule(color="#1f2933", strokeDash=dash).encode(x="x:Q"))
        # They may be close: one name stands to the right of its line, the other to the left.
        text = alt.Chart(at).encode(x="x:Q", y=alt.value(8), text="name:N")
        if name == "match":
            drawn.append(text.mark_text(align="left", dx=5, color="#1f2933", fontSize=12))
        else:
            drawn.append(text.mark_text(align="right", dx=-5, color="#1f2933", fontSize=12))
    return drawn


def _pairs(found: Found) -> str:
    said = _say(
        "pairs",
        genuine=sizes.counted(found["genuine"]["pair_count"]),
        impostor=sizes.counted(found["impostor"]["pair_count"]),
        templates=sizes.counted(found["template_count"]),
        people=sizes.counted(found["person_count"]),
    )
    is_sample = found["genuine"]["is_sample"] or found["impostor"]["is_sample"]
    return f"{said} {_say('sampled')}" if is_sample else said


def _curve(found: Found) -> None:
    look.section(_say("curve"), _say("curve_what", measured_on=plain(found["curve_measured_on"])))
    points = [
        {"similarity": point["similarity"], "rate": point["false_match_rate"]} for point in found["curve"]
    ]
    curve = (
        alt.Chart(charts.rows(points))
        .mark_line(color=charts.AMBER, strokeWidth=2)
        .encode(
            x=alt.X("similarity:Q", title=_say("similarity"), scale=alt.Scale(zero=False)),
            y=alt.Y(
                "rate:Q",
                title=_say("rate"),
                scale=alt.Scale(type="log"),
                axis=alt.Axis(values=[10.0**-power for power in range(9)], labelExpr=_ONE_IN),
            ),
            tooltip=[
                alt.Tooltip("similarity:Q", title=_say("similarity"), format=".3f"),
                alt.Tooltip("rate:Q", title=_say("rate"), format=".2~e"),
            ],
        )
    )
    charts.show(alt.layer(curve, *_lines(found)), _say("curve_alt"), height_px=280)
    st.caption(_say("model", model=plain(found["model_id"])))


def _say(key: str, **values: object) -> str:
    return session.words("matching", key, **values)
