"""Enrolments from terminals and people of the gallery on terminals, over /v1."""

import base64
from datetime import timedelta

import httpx
from tests.fakes.engine import FakeFace, fake_picture
from tests.protocols.rest_v1.calls import error_of
from tests.protocols.rest_v1.terminal_server import HERE, NOON, SN, TERMINALS, TerminalServer, with_server
from tests.protocols.small_terminal import SmallTerminal

from facegate.domain.terminals.enrolments import (
    CARD_BACKUP_NUMBER,
    PHOTO_BACKUP_NUMBER,
    TerminalEnrolment,
)
from facegate.frontends.rest_v1.terminal_admin.enrolment_routes import add_terminal_enrolment_routes
from facegate.frontends.rest_v1.terminal_admin.placement_routes import add_terminal_placement_routes
from facegate.use_cases.terminals.receive_enrolment import ReceiveEnrolment

GROUPS = [add_terminal_enrolment_routes, add_terminal_placement_routes]
ENROLMENTS = f"{TERMINALS}/enrolments"
PLACEMENTS = f"{TERMINALS}/placements"
PHOTO_OF_4 = f"{ENROLMENTS}/{SN}/4/50"


def enrolled(server: TerminalServer, enroll_id: int, name: str = "Ana", backup_number: int = 50) -> bytes:
    """Somebody enrolled on the terminal; the photo."""
    photo = fake_picture(FakeFace(f"face of {enroll_id}"))
    ReceiveEnrolment(server.core.people)(
        TerminalEnrolment(
            SN,
            enroll_id,
            backup_number,
            name,
            NOON,
            photo=photo if backup_number == PHOTO_BACKUP_NUMBER else None,
        )
    )
    return photo


def statuses(answer: httpx.Response) -> list[tuple[int, str, str]]:
    assert answer.status_code == 200, answer.text
    return [(one["enroll_id"], one["credential"], one["status"]) for one in answer.json()["enrolments"]]


def test_the_list_and_the_photo() -> None:
    async def scenario(server: TerminalServer) -> None:
        photo = enrolled(server, 4)
        enrolled(server, 5, "Bo", CARD_BACKUP_NUMBER)
        listed = await server.get(ENROLMENTS)
        assert listed.json()["enrolments"][0] == {
            "serial_number": SN,
            "enroll_id": 4,
            "backup_number": 50,
            "credential": "photo",
            "name": "Ana",
            "is_administrator": False,
            "status": "waiting",
            "subject_id": None,
            "received_at": "2026-05-04T12:00:00Z",
            "decided_at": None,
        }
        assert statuses(listed) == [(4, "photo", "waiting"), (5, "card", "waiting")]
        assert statuses(await server.get(ENROLMENTS, serial_number="OTHER")) == []
        shown = await server.get(f"{PHOTO_OF_4}/photo")
        assert (shown.status_code, shown.content) == (200, photo)
        assert (shown.headers["cache-control"], shown.headers["x-content-type-options"]) == (
            "no-store",
            "nosniff",
        )
        assert error_of(await server.get(f"{ENROLMENTS}/{SN}/5/11/photo")) == (404, "enrolment_not_found")

    with_server(scenario, groups=GROUPS)


def test_accepting_makes_somebody_of_the_gallery() -> None:
    async def scenario(server: TerminalServer) -> None:
        enrolled(server, 4)
        answer = await server.post(f"{PHOTO_OF_4}/accept")
        assert answer.status_code == 200
        content = answer.json()
        assert (content["subject_id"], content["display_name"], content["template_count"]) == ("4", "Ana", 1)
        assert server.core.number_of("4") == 4
        assert statuses(await server.get(ENROLMENTS, status="waiting")) == []
        assert statuses(await server.get(ENROLMENTS, status="accepted")) == [(4, "photo", "accepted")]
        assert error_of(await server.get(f"{PHOTO_OF_4}/photo")) == (404, "enrolment_not_found")
        assert error_of(await server.post(f"{PHOTO_OF_4}/accept")) == (404, "enrolment_not_found")

    with_server(scenario, groups=GROUPS)


def test_accepting_for_somebody_who_is_known() -> None:
    async def scenario(server: TerminalServer) -> None:
        server.core.enrol("ada")
        enrolled(server, 4)
        body = {"subject_id": "ada", "display_name": "Ada Lovelace"}
        content = (await server.post(f"{PHOTO_OF_4}/accept", body)).json()
        assert (content["subject_id"], content["display_name"], content["template_count"]) == (
            "ada",
            "Ada Lovelace",
            2,
        )

    with_server(scenario, groups=GROUPS)


def test_what_cannot_be_accepted_still_waits() -> None:
    async def scenario(server: TerminalServer) -> None:
        ReceiveEnrolment(server.core.people)(TerminalEnrolment(SN, 4, 50, "Ana", NOON, photo=fake_picture()))
        assert error_of(await server.post(f"{PHOTO_OF_4}/accept")) == (422, "no_face")
        bodies: list[dict[str, object]] = [
            {"subject_id": ""},
            {"subject_id": []},
            {"display_name": "two\nlines"},
            {"colour": "red"},
        ]
        for body in bodies:
            assert error_of(await server.post(f"{PHOTO_OF_4}/accept", body)) == (422, "invalid_input"), body
        assert statuses(await server.get(ENROLMENTS, status="waiting")) == [(4, "photo", "waiting")]
        assert server.core.gallery.list_subjects() == []

    with_server(scenario, groups=GROUPS)


def test_what_came_since_it_was_looked_at_is_not_accepted() -> None:
    async def scenario(server: TerminalServer) -> None:
        enrolled(server, 4)
        (shown,) = (await server.get(ENROLMENTS)).json()["enrolments"]
        newer = TerminalEnrolment(
            SN, 4, 50, "Eve", NOON + timedelta(microseconds=1), photo=fake_picture(FakeFace("eve"))
        )
        ReceiveEnrolment(server.core.people)(newer)
        answer = await server.post(f"{PHOTO_OF_4}/accept", {"received_at": shown["received_at"]})
        assert error_of(answer) == (409, "client_conflict")
        assert server.core.gallery.list_subjects() == []
        naive = await server.post(f"{PHOTO_OF_4}/accept", {"received_at": "2026-05-04T12:00:00"})
        assert error_of(naive) == (422, "invalid_input")
        (shown,) = (await server.get(ENROLMENTS)).json()["enrolments"]
        answer = await server.post(f"{PHOTO_OF_4}/accept", {"received_at": shown["received_at"]})
        assert answer.json()["display_name"] == "Eve"

    with_server(scenario, groups=GROUPS)


def test_rejecting() -> None:
    async def scenario(server: TerminalServer) -> None:
        enrolled(server, 4)
        answer = await server.post(f"{PHOTO_OF_4}/reject")
        assert (answer.status_code, answer.json()["status"]) == (200, "rejected")
        assert error_of(await server.get(f"{PHOTO_OF_4}/photo")) == (404, "enrolment_not_found")
        assert server.core.gallery.list_subjects() == []

    with_server(scenario, groups=GROUPS)


def test_nobody_and_nonsense() -> None:
    async def scenario(server: TerminalServer) -> None:
        for verb in ("accept", "reject"):
            assert error_of(await server.post(f"{PHOTO_OF_4}/{verb}")) == (404, "enrolment_not_found")
            for place in (f"{SN}/0/50", f"{SN}/4/256", f"{SN}/x/50", "a%20b/4/50"):
                assert error_of(await server.post(f"{ENROLMENTS}/{place}/{verb}")) == (422, "invalid_input")
        for query in ({"status": "maybe"}, {"limit": 0}, {"serial_number": "a b"}):
            assert error_of(await server.get(ENROLMENTS, **query)) == (422, "invalid_input")

    with_server(scenario, groups=GROUPS)


def states(answer: httpx.Response) -> list[tuple[str, str, str]]:
    return [(one["serial_number"], one["subject_id"], one["state"]) for one in answer.json()["placements"]]


def test_somebody_goes_to_a_terminal_and_leaves_it() -> None:
    async def scenario(server: TerminalServer) -> None:
        server.core.enrol("ada")
        small = SmallTerminal()
        await server.connect(**small.answers)
        server.parts.register.allow(SN)
        body = {"subject_id": "ada", "image": base64.b64encode(fake_picture(FakeFace("ada"))).decode()}
        placed = await server.post(PLACEMENTS, body)
        assert placed.status_code == 202
        assert states(placed) == [(SN, "ada", "wanted")]
        assert "photo" not in placed.json()["placements"][0]
        report = (await server.post(f"{HERE}/placements/send")).json()
        assert (report["placed_count"], report["is_complete"], report["interruption"]) == (1, True, "")
        number = server.core.number_of("ada")
        assert list(small.rows) == [(number, 50)]
        assert states(await server.get(PLACEMENTS, subject_id="ada")) == [(SN, "ada", "placed")]
        assert states(await server.get(PLACEMENTS, state=["wanted", "refused"])) == []
        removed = await server.post(f"{PLACEMENTS}/remove", {"subject_id": "ada"})
        assert (removed.status_code, states(removed)) == (202, [(SN, "ada", "unwanted")])
        report = (await server.post(f"{HERE}/placements/send")).json()
        assert (report["removed_count"], small.rows) == (1, {})
        assert states(await server.get(PLACEMENTS)) == []

    with_server(scenario, groups=GROUPS)


def test_a_form_with_a_file_and_chosen_terminals() -> None:
    async def scenario(server: TerminalServer) -> None:
        server.core.enrol("a/b")
        for number in ("SN1", "SN2", "SN3"):
            server.parts.register.add(number)
        placed = await server.http.post(
            PLACEMENTS,
            data={"subject_id": "a/b", "serial_numbers": "SN1,SN3"},
            files={"image": ("a.jpg", fake_picture(FakeFace("a/b")))},
        )
        assert states(placed) == [("SN1", "a/b", "wanted"), ("SN3", "a/b", "wanted")]
        body = {"subject_id": "a/b", "serial_numbers": ["SN3"]}
        assert states(await server.post(f"{PLACEMENTS}/remove", body)) == [("SN3", "a/b", "unwanted")]

    with_server(scenario, groups=GROUPS)


def test_placements_come_in_pages() -> None:
    async def scenario(server: TerminalServer) -> None:
        for subject_id in ("ada", "bob"):
            server.core.enrol(subject_id)
        for number in ("SN1", "SN2", "SN3"):
            server.parts.register.add(number)
        for subject_id in ("bob", "ada"):
            image = base64.b64encode(fake_picture(FakeFace(subject_id))).decode()
            await server.post(PLACEMENTS, {"subject_id": subject_id, "image": image})
        seen, after = [], None
        for _ in range(3):
            asked = {"limit": 2} if after is None else {"limit": 2, "after": after}
            page = await server.get(PLACEMENTS, **asked)
            seen += states(page)
            after = page.json()["next_after"]
        assert after is None
        assert seen == [(f"SN{place}", name, "wanted") for place in (1, 2, 3) for name in ("bob", "ada")]
        rest = await server.get(PLACEMENTS, subject_id="bob", after=f"SN2/{server.core.number_of('bob')}")
        assert states(rest) == [("SN3", "bob", "wanted")]
        for query in ({"limit": 0}, {"limit": 1001}, {"after": "SN1"}, {"after": "SN1/x"}):
            assert error_of(await server.get(PLACEMENTS, **query)) == (422, "invalid_input")

    with_server(scenario, groups=GROUPS)


def test_whom_a_terminal_knows_by_the_number_is_not_overwritten() -> None:
    async def scenario(server: TerminalServer) -> None:
        server.core.enrol("7")
        small = SmallTerminal((7, 10, 2))
        await server.connect(**small.answers)
        server.parts.register.allow(SN)
        body = {"subject_id": "7", "image": base64.b64encode(fake_picture(FakeFace("7"))).decode()}
        await server.post(PLACEMENTS, body)
        report = (await server.post(f"{HERE}/placements/send")).json()
        assert (report["refused_count"], report["is_complete"]) == (1, True)
        (placement,) = (await server.get(PLACEMENTS)).json()["placements"]
        assert (placement["state"], placement["attempt_count"]) == ("refused", 1)
        assert "knows somebody by number 7" in placement["last_error"]
        assert small.rows == {(7, 10): 2}

    with_server(scenario, groups=GROUPS)


def test_all_terminals_are_those_that_somebody_listed() -> None:
    async def scenario(server: TerminalServer) -> None:
        server.core.enrol("ada")
        await server.connect()
        body = {"subject_id": "ada", "image": base64.b64encode(fake_picture(FakeFace("ada"))).decode()}
        answer = await server.post(PLACEMENTS, body)
        assert error_of(answer) == (422, "invalid_input")
        assert answer.json()["error"]["field"] == "serial_numbers"
        assert states(await server.post(PLACEMENTS, {**body, "serial_numbers": [SN]})) == [
            (SN, "ada", "wanted")
        ]

    with_server(scenario, groups=GROUPS)


def test_the_kept_picture_serves_where_there_is_one() -> None:
    async def scenario(server: TerminalServer) -> None:
        server.core.enrol("ada")
        server.parts.register.add(SN)
        missing = await server.post(PLACEMENTS, {"subject_id": "ada"})
        assert error_of(missing) == (422, "invalid_input")
        assert missing.json()["error"]["field"] == "photo"

    with_server(scenario, groups=GROUPS)


def test_bad_placements_change_nothing() -> None:
    async def scenario(server: TerminalServer) -> None:
        server.core.enrol("ada")
        server.parts.register.add(SN)
        good = base64.b64encode(fake_picture(FakeFace("ada"))).decode()
        nobody = await server.post(PLACEMENTS, {"subject_id": "nobody", "image": good})
        assert error_of(nobody) == (404, "subject_not_found")
        unknown = {"subject_id": "ada", "image": good, "serial_numbers": [SN, "OTHER"]}
        assert error_of(await server.post(PLACEMENTS, unknown)) == (404, "terminal_not_found")
        bodies: list[dict[str, object]] = [
            {},
            {"subject_id": "ada", "serial_numbers": []},
            {"subject_id": "ada", "serial_numbers": ["a b"]},
            {"subject_id": "ada", "serial_numbers": 7},
            {"subject_id": "ada", "image": "no base64!"},
            {"subject_id": "unknown", "image": good},
        ]
        for body in bodies:
            assert error_of(await server.post(PLACEMENTS, body)) == (422, "invalid_input"), body
        faceless = {"subject_id": "ada", "image": base64.b64encode(fake_picture()).decode()}
        assert error_of(await server.post(PLACEMENTS, faceless)) == (422, "no_face")
        assert states(await server.get(PLACEMENTS)) == []
        assert error_of(await server.get(PLACEMENTS, state="lost")) == (422, "invalid_input")

    with_server(scenario, groups=GROUPS)


def test_sending_to_a_terminal_that_is_away_or_unknown() -> None:
    async def scenario(server: TerminalServer) -> None:
        server.core.enrol("ada")
        server.parts.register.add(SN)
        await server.post(
            PLACEMENTS,
            {"subject_id": "ada", "image": base64.b64encode(fake_picture(FakeFace("ada"))).decode()},
        )
        report = (await server.post(f"{HERE}/placements/send")).json()
        assert (report["placed_count"], report["is_complete"]) == (0, False)
        assert "not connected" in report["interruption"]
        assert states(await server.get(PLACEMENTS)) == [(SN, "ada", "wanted")]
        unknown = await server.post(f"{TERMINALS}/NOBODY/placements/send")
        assert error_of(unknown) == (404, "terminal_not_found")

    with_server(scenario, groups=GROUPS)
