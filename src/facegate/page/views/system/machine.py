"""CPU, memory and queues, over the visit."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

from facegate.page import charts, look, session, sizes, times
from facegate.page.views.system.say import say

_REFRESH_S = 5
_KEPT = 720
"""An hour of looking."""

_SAMPLES = "machine samples"
_COLOURS = (charts.TEAL, charts.AMBER, "#4f6bd8", charts.GREY, "#9f5fb0", charts.RED, "#5b8c2a", "#2b8fa8")

Machine = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Sample:
    """The machine at one moment of the visit."""

    at: str
    cpu_percent: float
    memory_mb: float
    busy: dict[str, int]


@st.fragment(run_every=_REFRESH_S)
def show() -> None:
    """Numbers and charts, anew every few seconds."""
    with look.plain_troubles():
        machine = session.server().get("/system")
        samples: deque[_Sample] = st.session_state.setdefault(_SAMPLES, deque(maxlen=_KEPT))
        samples.append(_sample(machine))
        _numbers(machine)
        if machine["events_dropped"]:
            st.warning(say("dropped_warning", count=sizes.counted(machine["events_dropped"])))
        st.caption(say("collecting", seconds=_REFRESH_S))
        _charts(list(samples), machine)
        _queues(machine)


def _sample(machine: Machine) -> _Sample:
    return _Sample(
        at=times.on_chart(times.now()),
        cpu_percent=machine["cpu_percent"],
        memory_mb=machine["memory_bytes"] / 2**20,
        busy={pool["name"]: pool["running"] + pool["waiting"] for pool in machine["queues"]},
    )


def _numbers(machine: Machine) -> None:
    descriptors = machine["descriptor_count"]
    cpu = say("cores", percent=f"{machine['cpu_percent']:.0f} %", count=machine["core_count"])
    look.tiles(
        [
            (say("version"), machine["version"]),
            (say("uptime"), times.span(machine["uptime_s"])),
            (say("cpu"), cpu),
            (say("memory"), sizes.in_bytes(machine["memory_bytes"])),
            (say("disk_free"), sizes.in_bytes(machine["disk_free_bytes"])),
            (say("shots"), sizes.in_bytes(machine["shots_bytes"])),
            (say("threads"), sizes.counted(machine["thread_count"])),
            (say("descriptors"), "?" if descriptors is None else sizes.counted(descriptors)),
        ],
        per_row=4,
    )


def _charts(samples: list[_Sample], machine: Machine) -> None:
    left, right = st.columns(2)
    with left:
        st.markdown(f"**{say('cpu_chart')}**")
        values = [{"at": one.at, "name": "cpu", "value": one.cpu_percent} for one in samples]
        charts.show(charts.lines(values, ["cpu"], [charts.TEAL]), say("cpu_chart"), height_px=180)
    with right:
        st.markdown(f"**{say('memory_chart')}**")
        values = [{"at": one.at, "name": "memory", "value": one.memory_mb} for one in samples]
        charts.show(charts.lines(values, ["memory"], [charts.TEAL]), say("memory_chart"), height_px=180)
    names = [pool["name"] for pool in machine["queues"]]
    colours = [_COLOURS[place % len(_COLOURS)] for place in range(len(names))]
    st.markdown(f"**{say('queue_chart')}**")
    values = [
        {"at": one.at, "name": name, "value": count} for one in samples for name, count in one.busy.items()
    ]
    charts.show(charts.lines(values, names, colours), say("queue_chart"), height_px=200)


def _queues(machine: Machine) -> None:
    with st.expander(say("queues")):
        st.dataframe(
            [
                {
                    say("queue_name"): pool["name"],
                    say("queue_running"): f"{pool['running']} / {pool['threads']}",
                    say("queue_waiting"): pool["waiting"],
                    say("queue_rejected"): pool["rejected"],
                }
                for pool in machine["queues"]
            ],
            hide_index=True,
        )
