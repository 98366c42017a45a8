"""Charts in the page's own quiet look. Values are plain rows; nothing here asks the server."""

from collections.abc import Sequence
from typing import Any

import altair as alt
import streamlit as st

TEAL, AMBER, GREY, RED = "#0f766e", "#d97706", "#94a3ab", "#b42318"

Row = dict[str, Any]

_HEIGHT_PX = 240


def rows(values: Sequence[Row]) -> alt.InlineData:
    """Rows for a chart."""
    return alt.InlineData(values=list(values))


def scale(names: Sequence[str], colours: Sequence[str]) -> alt.Scale:
    """Which name has which colour."""
    return alt.Scale(domain=list(names), range=list(colours))


def show(
    chart: alt.Chart | alt.LayerChart | alt.FacetChart, alt_text: str, *, height_px: int = _HEIGHT_PX
) -> None:
    """Draws it as wide as there is room; `alt_text` is for those who cannot see it."""
    quiet = (
        chart.properties(height=height_px)
        .configure_view(stroke=None)
        .configure_axis(gridColor="#e9edef", domainColor="#cfd6da", tickColor="#cfd6da", labelFontSize=11)
        .configure_legend(orient="bottom", title=None, labelFontSize=12)
    )
    st.altair_chart(quiet, width="stretch", alt=alt_text)


def stacked_bars(
    values: Sequence[Row], names: Sequence[str], colours: Sequence[str], *, by: str
) -> alt.Chart:
    """Counts over time: rows of `at` (the visitor's time, without a zone), `name` and `count`."""
    shown = "%H:%M" if by == "hour" else "%d/%m"
    x_axis = alt.Axis(format=shown, labelOverlap=True)
    if by == "hour":
        x = alt.X("at:T", timeUnit="yearmonthdatehours", title=None, axis=x_axis)
    else:
        x = alt.X("at:T", timeUnit="yearmonthdate", title=None, axis=x_axis)
    chart: alt.Chart = (
        alt.Chart(rows(values))
        .mark_bar(cornerRadiusTopLeft=2, cornerRadiusTopRight=2)
        .encode(
            x=x,
            y=alt.Y("sum(count):Q", title=None, axis=alt.Axis(tickMinStep=1)),
            color=alt.Color("name:N", scale=scale(names, colours)),
            tooltip=[
                alt.Tooltip("at:T", title=" ", format="%Y-%m-%d %H:%M" if by == "hour" else "%Y-%m-%d"),
                alt.Tooltip("name:N", title=" "),
                alt.Tooltip("sum(count):Q", title=" "),
            ],
        )
    )
    return chart


def lines(
    values: Sequence[Row], names: Sequence[str], colours: Sequence[str], *, top: float | None = None
) -> alt.Chart:
    """Something over the visit: rows of `at`, `name` and `value`; the axis begins at zero."""
    domain = alt.Scale(domainMin=0, domainMax=top) if top is not None else alt.Scale(domainMin=0)
    chart: alt.Chart = (
        alt.Chart(rows(values))
        .mark_line(interpolate="monotone", strokeWidth=2)
        .encode(
            x=alt.X("at:T", title=None, axis=alt.Axis(format="%H:%M:%S", labelOverlap=True, tickCount=6)),
            y=alt.Y("value:Q", title=None, scale=domain),
            color=alt.Color(
                "name:N",
                scale=scale(names, colours),
                legend=alt.Legend() if len(names) > 1 else None,
            ),
        )
    )
    return chart
