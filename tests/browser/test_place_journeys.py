"""Cameras, alerts, workstations, terminals and the review queue, with a real browser on real streams."""

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import expect
from tests.bot_api.server import CHAT_ID, TOKEN
from tests.browser.conftest import CLIP_FPS, Site, Visit
from tests.browser.scene import V1, wait_until
from tests.browser.visitor import Visitor
from tests.end_to_end.workstation import connected
from tests.real_pictures import RealPictures
from tests.rtsp_server.launcher import RtspServer
from websockets.sync.client import connect

pytestmark = [pytest.mark.models, pytest.mark.slow]

SERIAL_NUMBER = "ZXRB22001001"
PASSWORD = "never-to-be-seen"


def add_a_chat(visitor: Visitor, name: str) -> None:
    """The chat that wrote to the bot, found by its token."""
    visitor.page.get_by_text("Add a Telegram chat", exact=True).click()
    visitor.fill("Bot token", TOKEN)
    visitor.press("Find chats")
    expect(visitor.page.get_by_label("Chat", exact=True)).to_have_value(re.compile("Ana"))
    visitor.page.get_by_role("textbox", name="Name", exact=True).last.fill(name)
    visitor.page.get_by_role("textbox", name="Name", exact=True).last.press("Tab")
    visitor.settle()
    visitor.page.get_by_role("button", name="Add", exact=True).click()
    visitor.settle()


def stop_and_remove(visitor: Visitor, v1: V1, camera_id: str) -> None:
    """Removing asks once more."""
    visitor.go("cameras")
    visitor.press("Stop")
    visitor.sees("Stopped")
    assert not v1.get(f"/cameras/{camera_id}")["is_enabled"]
    visitor.page.get_by_role("tab", name="Remove").click()
    visitor.press("Remove this camera")
    visitor.sees("Remove Front door for good?")
    assert v1.get("/cameras")["cameras"]
    visitor.press("Yes, delete")
    visitor.sees("No camera yet")
    assert v1.get("/cameras")["cameras"] == []


def test_a_camera_is_tried_added_with_a_new_chat_watched_and_removed(
    site: Site, v1: V1, visit: Visit, real_pictures: RealPictures, rtsp_server: RtspServer, walk_in: Path
) -> None:
    v1.enrol("barack", "Barack Obama", real_pictures.read("obama2.jpg"))
    shown = rtsp_server.show("/journey", walk_in, fps=CLIP_FPS, user="admin", password=PASSWORD)
    site.telegram.updates.append(
        {
            "update_id": 1,
            "message": {
                "message_id": 1,
                "date": 1,
                "chat": {"id": int(CHAT_ID), "type": "private", "first_name": "Ana"},
            },
        }
    )
    visitor = visit()
    visitor.go("cameras")
    visitor.press("Add a camera")
    visitor.fill("Name", "Front door")
    visitor.fill("Address", shown.replace("rtsp://", "rtsp://admin:wrong@"))
    visitor.press("Try this address")
    visitor.sees(re.compile("gives no picture"))
    visitor.fill("Address", shown.replace("rtsp://", f"rtsp://admin:{PASSWORD}@"))
    visitor.press("Try this address")
    visitor.sees(re.compile("It works: 960x540"))

    add_a_chat(visitor, "Family chat")
    visitor.sees("Family chat (Telegram)")
    visitor.press("Add and watch")

    visitor.sees("Live")
    (camera,) = v1.get("/cameras")["cameras"]
    (channel,) = v1.get("/alerts/channels")["channels"]
    assert camera["alerts"]["channel_ids"] == [channel["channel_id"]]
    visitor.page.get_by_alt_text("Live picture of Front door").wait_for()
    (message,) = site.telegram.wait_for_messages(1, 40)
    assert "Barack Obama" in message.text
    for secret in (PASSWORD, TOKEN):
        assert secret not in visitor.page.content()
    visitor.shoot("journey-camera-live")

    visitor.go("events")
    visitor.sees("Barack Obama")
    visitor.sees(re.compile("Told"))
    expect(visitor.page.get_by_alt_text("Picture of Barack Obama").first).to_be_visible()

    stop_and_remove(visitor, v1, camera["camera_id"])


def test_a_camera_is_changed(site: Site, v1: V1, visit: Visit, walk_in: Path) -> None:
    camera_id = v1.post("/cameras", {"nickname": "Gate", "source": f"file://{walk_in}"})["camera_id"]
    visitor = visit()
    visitor.go("cameras")
    visitor.press("Open")
    visitor.fill("Name", "Back gate")
    visitor.fill("Looks per second", "2.5")
    visitor.page.get_by_role("radio", name="Corners").click()
    visitor.settle()
    visitor.fill("Corners in percent: across, down", "0, 50\n100, 50\n100, 100\n0, 100\n50, 75")
    visitor.page.get_by_alt_text("What counts; the rest is darkened").wait_for()
    visitor.page.get_by_text("Only at certain hours").click()
    visitor.settle()
    visitor.page.get_by_role("button", name="Sun", exact=True).click()
    visitor.settle()
    visitor.shoot("journey-camera-settings")
    visitor.press("Save")
    visitor.sees("Saved.")

    camera = v1.get(f"/cameras/{camera_id}")
    assert camera["nickname"] == "Back gate"
    assert camera["watch"]["frames_per_s"] == 2.5
    assert camera["watch"]["zone"] == [[0.0, 0.5], [1.0, 0.5], [1.0, 1.0], [0.0, 1.0], [0.5, 0.75]]
    assert camera["watch"]["schedule"] == [{"begins": "08:00", "ends": "18:00", "days": [0, 1, 2, 3, 4, 5]}]

    visitor.page.get_by_role("tab", name="Alerts").click()
    visitor.choose("Tell about", "strangers")
    visitor.fill("Silence after an alert (min)", "15")
    visitor.page.get_by_role("tabpanel").get_by_role("button", name="Save").last.click()
    visitor.settle()
    wait_until(lambda: v1.get(f"/cameras/{camera_id}")["alerts"]["who"] == "unknown", 10)
    assert v1.get(f"/cameras/{camera_id}")["alerts"]["cooldown_seconds"] == 900

    visitor.press(re.compile("Snooze alerts"))
    visitor.press("1 hour")
    visitor.sees(re.compile("Snoozed until"))
    assert v1.get(f"/cameras/{camera_id}")["alerts"]["snoozed_until"]


def test_one_click_in_the_review_queue_says_who_it_was_and_teaches(
    site: Site, v1: V1, visit: Visit, real_pictures: RealPictures, walk_in: Path
) -> None:
    v1.enrol("barack", "Barack Obama", real_pictures.read("obama2.jpg"))
    v1.enrol("joe", "Joe Biden", real_pictures.read("biden.jpg"))
    # A camera that wants to be as sure as nobody can be: whoever is not a stranger is for people to decide.
    v1.post("/cameras", {"nickname": "Hall", "source": f"file://{walk_in}", "watch": {"threshold": 1.0}})
    wait_until(lambda: [event for event in v1.events(review="pending") if event["has_shot"]])
    (event,) = v1.events(review="pending")
    visitor = visit()
    visitor.go("review")
    visitor.sees(re.compile("Waiting: 1"))
    visitor.page.get_by_text("Learn from this picture").click()
    visitor.settle()
    visitor.shoot("journey-review")

    visitor.press(re.compile("It is Barack Obama"))

    visitor.sees("Nothing waits for you")
    decided = v1.get(f"/events/{event['event_id']}")
    assert decided["subject_id"] == "barack"
    assert decided["review"] == "confirmed"
    assert v1.get("/subjects/barack")["template_count"] == 2


def test_a_workstation_is_registered_paused_and_resumed(
    site: Site, v1: V1, visit: Visit, real_pictures: RealPictures
) -> None:
    v1.enrol("ada", "Ada", real_pictures.read("astronaut.png"))
    visitor = visit()
    visitor.go("workstations")
    visitor.page.get_by_role("tabpanel").get_by_role("combobox").last.click()
    visitor.page.get_by_role("option", name="Ada (ada)").click()
    visitor.settle()
    visitor.press(re.compile("^.*Register$"))
    visitor.sees("Waits for first log-in")

    photo = real_pictures.read("astronaut.png")
    with connected(site.server, "ada") as workstation:
        workstation.log_in()
        assert workstation.show(photo)["action"] == "NO_ACTION"
        visitor.press("Refresh")
        visitor.sees("Connected")
        visitor.press(re.compile("^.*Pause$"))
        visitor.sees("Paused")
        assert workstation.show(photo)["reason"] == "REASON_PAUSED_CLIENT"
        assert v1.get("/presence/clients/ada")["status"] == "paused"

        visitor.press(re.compile("Resume"))
        visitor.sees("Active")
        assert workstation.show(photo)["action"] == "NO_ACTION"
        assert workstation.show(real_pictures.read("coffee.png"))["action"] == "ACTION_LOCK_SCREEN"
        visitor.page.get_by_role("tab", name="Now").click()
        visitor.sees("Screen locked")
        visitor.shoot("journey-workstation-now")

    wait_until(lambda: v1.get("/presence/evidence")["evidence"], 10)
    visitor.page.get_by_role("tab", name="Users").click()
    visitor.press("Refresh")
    visitor.page.get_by_role("tab", name="Evidence").click()
    expect(visitor.page.get_by_alt_text("What was seen at the workstation of ada").first).to_be_visible()
    visitor.shoot("journey-workstation-evidence")


def test_a_door_is_opened_only_after_a_second_yes(site: Site, v1: V1, visit: Visit) -> None:
    with connect(f"ws://127.0.0.1:{site.server.terminals_port}/any/path") as terminal:
        terminal.send(json.dumps({"cmd": "reg", "sn": SERIAL_NUMBER, "devinfo": {"modelname": "AiFace"}}))
        assert json.loads(terminal.recv(timeout=20))["result"] is True
        visitor = visit()
        visitor.go("terminals")
        visitor.sees("Connected")
        visitor.page.get_by_text("Change or remove").click()
        visitor.fill("Name", "Gate 1")
        visitor.press("Save")
        visitor.sees("Saved.")
        assert v1.get(f"/terminals/{SERIAL_NUMBER}")["name"] == "Gate 1"

        visitor.press("Open the door")
        visitor.sees("Open the door at Gate 1 now?")
        visitor.page.get_by_role("button", name="Yes, open").click()
        command = json.loads(terminal.recv(timeout=20))
        assert command["cmd"] == "opendoor"
        terminal.send(json.dumps({"ret": "opendoor", "result": True}))
        visitor.sees("The terminal opens the door.")

        visitor.press("Block")
        visitor.sees("Blocked")
        assert v1.get(f"/terminals/{SERIAL_NUMBER}")["status"] == "blocked"


def test_channels_are_tried_switched_and_removed(site: Site, v1: V1, visit: Visit) -> None:
    secrets = {"token": TOKEN}
    v1.post(
        "/alerts/channels",
        {"kind": "telegram", "name": "Family", "options": {"chat_id": CHAT_ID}, "secrets": secrets},
    )
    visitor = visit()
    visitor.go("alerts")
    visitor.press("Send a test")
    visitor.sees("The test message was taken.")
    assert len(site.telegram.sent) == 1
    visitor.press("Switch off")
    visitor.sees("off")
    assert not v1.get("/alerts/channels")["channels"][0]["is_enabled"]

    visitor.page.get_by_text("Add a channel").click()
    visitor.page.get_by_role("radio", name="Webhook").click()
    visitor.settle()
    visitor.page.get_by_role("textbox", name="Name", exact=True).last.fill("Gate controller")
    visitor.page.get_by_role("textbox", name="Name", exact=True).last.press("Tab")
    visitor.settle()
    address = visitor.page.get_by_label("Address", exact=True).last
    address.fill("http://127.0.0.1:9/hook")
    address.press("Tab")
    visitor.settle()
    visitor.page.get_by_role("button", name="Add", exact=True).click()
    visitor.settle()
    visitor.sees(re.compile("does not allow this"))
    address.fill("https://192.168.1.20/hook?key=abcdefghijklmnop")
    address.press("Tab")
    visitor.settle()
    visitor.page.get_by_role("button", name="Add", exact=True).click()
    visitor.settle()
    visitor.sees("Gate controller")
    assert "abcdefghijklmnop" not in visitor.page.content()
    assert [one["kind"] for one in v1.get("/alerts/channels")["channels"]] == ["telegram", "webhook"]

    visitor.page.get_by_text("Change or remove").first.click()
    visitor.settle()
    visitor.press("Remove this channel")
    visitor.press("Yes, delete")
    visitor.settle()
    wait_until(lambda: len(v1.get("/alerts/channels")["channels"]) == 1, 10)
