"""How a camera is, in words and colours."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from facegate.page import times
from facegate.page.look import Colour
from facegate.page.plain_text import plain
from facegate.page.views.cameras.say import say

_LOOKS: dict[str, tuple[Colour, str]] = {
    "live": ("green", "fiber_manual_record"),
    "connecting": ("blue", "sync"),
    "resting": ("gray", "bedtime"),
    "stopped": ("gray", "stop_circle"),
    "ended": ("gray", "check"),
    "frozen": ("orange", "ac_unit"),
    "down": ("red", "error"),
    "off": ("gray", "power_off"),
}

Status = Mapping[str, Any] | None
"""The server's `status`; None where it watches no cameras at all."""


def chip(status: Status) -> None:
    """The state in one word."""
    name = "off" if status is None else str(status["state"])
    colour, icon = _LOOKS.get(name, ("gray", "help"))
    st.badge(say(f"state_{name}"), color=colour, icon=f":material/{icon}:")


def short_facts(status: Status) -> str:
    """People, frames looked at, delay; or since when no picture comes."""
    if status is None:
        return ""
    if status["state"] == "live":
        facts = [_people(status["people_count"]), say("rate", rate=f"{status['analysed_per_s']:.1f}")]
        if status["latency_ms"] is not None:
            facts.append(say("delay", ms=f"{status['latency_ms']:.0f}"))
        return " · ".join(facts)
    return say("since", when=times.when(status["since"]))


def trouble(status: Status) -> None:
    """What is wrong and what to do about it; nothing while all is well."""
    if status is None:
        st.warning(say("off_step"), icon=":material/power_off:")
        return
    fault = status["fault"]
    if fault is None or status["state"] in ("live", "stopped", "resting"):
        return
    sentences = [say(f"fault_{fault}")]
    if status["trouble"]:
        sentences.append(say("server_says", said=plain(status["trouble"].rstrip("."))))
    if status["next_attempt_at"] and status["state"] != "live":
        sentences.append(say("tried_again"))
    st.warning(" ".join(sentences), icon=":material/link_off:")


def stream_words(stream: Mapping[str, Any]) -> str:
    """Size, rate, codec, who decodes."""
    size = stream["size"]
    facts = [f"{size['width_px']}x{size['height_px']}", str(stream["codec"]).upper()]
    if stream["frames_per_s"]:
        facts.insert(1, say("rate", rate=f"{stream['frames_per_s']:.0f}"))
    facts.append(say("decoder_software") if stream["decoder"] == "software" else str(stream["decoder"]))
    return plain(" · ".join(facts))


def _people(count: int) -> str:
    return say("people_one") if count == 1 else say("people", count=count)
