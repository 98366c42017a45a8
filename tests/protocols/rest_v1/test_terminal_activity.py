"""The history of what terminals reported over /v1: search, export, one record."""

import csv
import io
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.protocols.rest_v1.calls import error_of
from tests.protocols.rest_v1.terminal_server import (
    NOON,
    SN,
    TERMINALS,
    TerminalServer,
    scan,
    with_server,
)

from facegate.domain.errors import EngineOverloaded, StoreFailed
from facegate.domain.terminals.activity import (
    Activity,
    ActivityQuery,
    ActivityRecord,
    NewActivity,
    SnapshotCheck,
    SnapshotVerdict,
)
from facegate.frontends.rest_v1 import tables
from facegate.frontends.rest_v1.tables import safe_cell
from facegate.frontends.rest_v1.terminal_admin import activity_routes
from facegate.frontends.rest_v1.terminal_admin.activity_csv import COLUMNS, csv_rows
from facegate.frontends.rest_v1.terminal_admin.activity_routes import add_terminal_activity_routes
from facegate.use_cases.terminals.register import TerminalChange

GROUPS = [add_terminal_activity_routes]
ACTIVITY = f"{TERMINALS}/activity"
EXPORT = f"{TERMINALS}/activity.csv"
STRANGER = ActivityRecord(99_999_999, "2026-05-04 12:01:00", mode=8, event=2)
DOOR = ActivityRecord(0, "2026-05-04 12:02:00", event=5)


def ids_of(answer: httpx.Response) -> list[int]:
    assert answer.status_code == 200, answer.text
    return [one["activity_id"] for one in answer.json()["activity"]]


def table(answer: httpx.Response) -> list[dict[str, str]]:
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(io.StringIO(answer.content.decode(), newline="")))


def test_a_record_with_its_codes_and_what_our_engine_saw() -> None:
    async def scenario(server: TerminalServer) -> None:
        await server.connect()
        record = scan(
            4, alias_id="a7", name="Ana", in_out=1, verify_mode=13, temperature_c=36.5, note='{"msg": "x"}'
        )
        (activity_id,) = server.store(record)
        check = SnapshotCheck(SnapshotVerdict.CONFIRMED, "ana", 0.75, 0.9)
        server.activity.save_check(activity_id, check)
        shown = await server.get(f"{ACTIVITY}/{activity_id}")
        assert shown.json() == {
            "activity_id": activity_id,
            "serial_number": SN,
            "kind": "attendance",
            "enroll_id": 4,
            "alias_id": "a7",
            "name": "Ana",
            "time": "2026-05-04 12:00:00",
            "occurred_at": "2026-05-04T12:00:00Z",
            "received_at": "2026-05-04T12:00:00Z",
            "mode": 8,
            "mode_label": "face",
            "in_out": 1,
            "in_out_label": "out",
            "event": 0,
            "event_label": "normal",
            "verify_mode": 13,
            "temperature_c": 36.5,
            "note": {"msg": "x"},
            "has_snapshot": False,
            "check": {
                "verdict": "confirmed",
                "subject_id": "ana",
                "similarity": 0.75,
                "live_probability": 0.9,
            },
        }
        assert (await server.get(ACTIVITY)).json()["activity"] == [shown.json()]
        assert error_of(await server.get(f"{ACTIVITY}/{activity_id + 1}")) == (404, "not_found")
        assert error_of(await server.get(f"{ACTIVITY}/0")) == (422, "invalid_input")
        assert error_of(await server.get(f"{ACTIVITY}/{2**63}")) == (422, "invalid_input")

    with_server(scenario, groups=GROUPS)


def test_a_terminals_own_labels() -> None:
    async def scenario(server: TerminalServer) -> None:
        await server.connect()
        server.store(scan(4, 0, mode=3), scan(4, 1, mode=77))
        # It has no room for fingerprints.
        labels = [one["mode_label"] for one in (await server.get(ACTIVITY)).json()["activity"]]
        assert labels == ["unknown (77)", "face, unsure"]
        server.parts.register.change(SN, TerminalChange(mode_labels={77: "palm"}))
        assert (await server.get(ACTIVITY)).json()["activity"][0]["mode_label"] == "palm"
        assert table(await server.get(EXPORT))[1]["mode_label"] == "palm"

    with_server(scenario, groups=GROUPS)


@pytest.mark.parametrize("order", ["newest_first", "oldest_first"])
def test_pages_are_complete_whatever_arrives_meanwhile(order: str) -> None:
    async def scenario(server: TerminalServer) -> None:
        known = server.store(*(scan(4, minute) for minute in range(10)))
        seen: list[int] = []
        after: dict[str, int] = {}
        while True:
            page = await server.get(ACTIVITY, order=order, limit=3, **after)
            seen += ids_of(page)
            if len(seen) == 3:
                known += server.store(scan(5, 30))
            if page.json()["next_after"] is None:
                break
            after = {"after": page.json()["next_after"]}
        assert seen == (known if order == "oldest_first" else known[9::-1])

    with_server(scenario, groups=GROUPS)


def test_filters() -> None:
    async def scenario(server: TerminalServer) -> None:
        one, stranger, door, late = server.store(scan(4), STRANGER, DOOR, scan(5, 3))
        (elsewhere,) = server.store(scan(4, 9), serial_number="OTHER")
        (timeless,) = (
            added.activity_id for added in server.activity.add_activity([NewActivity(SN, scan(6, 40), NOON)])
        )
        for query, expected in (
            ({"serial_number": "OTHER"}, [elsewhere]),
            ({"enroll_id": 4}, [elsewhere, one]),
            ({"enroll_id": 0}, [door]),
            ({"kind": "attendance"}, [timeless, elsewhere, late, one]),
            ({"kind": ["unknown_face", "device_event"]}, [door, stranger]),
            ({"since": "2026-05-04T12:02:00Z"}, [late, door]),
            ({"since": "2026-05-04T14:01:00+02:00", "until": "2026-05-04T12:02:00Z"}, [stranger]),
        ):
            assert ids_of(await server.get(ACTIVITY, **query)) == expected, query
            rows = table(await server.get(EXPORT, **query))
            assert [int(row["activity_id"]) for row in rows] == expected[::-1], query

    with_server(scenario, groups=GROUPS)


def test_bad_queries() -> None:
    async def scenario(server: TerminalServer) -> None:
        for query in (
            {"limit": 0},
            {"limit": 1001},
            {"order": "sideways"},
            {"kind": "party"},
            {"since": "2026-05-04T12:00:00"},
            {"since": "yesterday"},
            {"serial_number": "a b"},
            {"enroll_id": -1},
            {"enroll_id": 2**63},
            {"after": "x"},
            {"after": 2**63},
            {"colour": "red"},
        ):
            assert error_of(await server.get(ACTIVITY, **query)) == (422, "invalid_input"), query
        assert error_of(await server.get(EXPORT, limit=5)) == (422, "invalid_input")

    with_server(scenario, groups=GROUPS)


def test_an_export_of_many_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(activity_routes, "EXPORT_BATCH", 4)

    async def scenario(server: TerminalServer) -> None:
        known = server.store(*(scan(4, minute, name=f"Ana {minute}") for minute in range(12)))
        answer = await server.get(EXPORT)
        assert answer.headers["content-type"] == "text/csv; charset=utf-8"
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["content-disposition"] == 'attachment; filename="terminal-activity.csv"'
        rows = table(answer)
        assert tuple(rows[0]) == COLUMNS
        assert [int(row["activity_id"]) for row in rows] == known
        assert answer.content.count(b"\r\n") == len(known) + 1

    with_server(scenario, groups=GROUPS)


def test_an_empty_export_has_its_head() -> None:
    async def scenario(server: TerminalServer) -> None:
        assert (await server.get(EXPORT)).content == (",".join(COLUMNS) + "\r\n").encode()

    with_server(scenario, groups=GROUPS)


def test_a_store_that_fails_before_the_export_is_an_error() -> None:
    async def scenario(server: TerminalServer) -> None:
        server.store(scan(4))
        server.activity.is_broken = True
        assert error_of(await server.get(EXPORT)) == (503, "store_failed")
        assert error_of(await server.get(ACTIVITY)) == (503, "store_failed")

    with_server(scenario, groups=GROUPS)


def test_an_export_whose_store_fails_half_way_breaks_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(activity_routes, "EXPORT_BATCH", 4)

    async def scenario(server: TerminalServer) -> None:
        server.store(*(scan(4, minute) for minute in range(12)))
        found, taken = server.activity.iterate_activity(ActivityQuery()), []

        def failing(query: ActivityQuery) -> Iterator[Activity]:
            for one in found:
                if one.activity_id > 8:
                    raise StoreFailed("the disk is broken")
                taken.append(one.activity_id)
                yield one

        monkeypatch.setattr(server.activity, "iterate_activity", failing)
        # A server drops the connection then, so the client sees that something is missing.
        with pytest.raises(StoreFailed):
            await server.get(EXPORT)
        assert taken == list(range(1, 9))

    with_server(scenario, groups=GROUPS)


def test_an_export_waits_while_the_store_has_too_much_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(activity_routes, "EXPORT_BATCH", 4)
    monkeypatch.setattr(tables, "_EXPORT_PAUSE_S", 0.0)

    async def scenario(server: TerminalServer) -> None:
        known = server.store(*(scan(4, minute) for minute in range(12)))
        run, calls = server.parts.store_workers.run, []

        async def busy(call: Callable[[], object]) -> object:
            calls.append(call)
            if len(calls) in (3, 4, 6):
                raise EngineOverloaded("the server has as much work as it can hold")
            return await run(call)

        monkeypatch.setattr(server.parts.store_workers, "run", busy)
        rows = table(await server.get(EXPORT))
        assert [int(row["activity_id"]) for row in rows] == known

    with_server(scenario, groups=GROUPS)


RECORD = Activity(1, SN, scan(4), NOON, NOON + timedelta(seconds=1), has_snapshot=True)
CELLS = st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\0"), max_size=30)


@given(CELLS, CELLS)
def test_no_name_is_a_formula_and_every_name_comes_back(name: str, alias_id: str) -> None:
    record = replace(RECORD.record, name=name, alias_id=alias_id)
    text = csv_rows([replace(RECORD, record=record)], lambda number: None)
    (cells,) = csv.reader(io.StringIO(text, newline=""))
    told = dict(zip(COLUMNS, cells, strict=True))
    for sent, found in ((name, told["name"]), (alias_id, told["alias_id"])):
        assert found.replace("'", "") == sent.replace("'", "")
        for cell in re.split("[;|\t\r\n]", found):
            assert not cell.lstrip(' "').startswith(("=", "+", "-", "@"))


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\r1", " =1", "\uff1d1", '"=1'])
def test_formulas_are_texts(text: str) -> None:
    assert safe_cell(text) == f"'{text}"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ana;=1+1;b", "Ana;'=1+1;b"),
        ("Ana|+1", "Ana|'+1"),
        ("Ana\t-1", "Ana\t'-1"),
        ("Ana; @SUM(A1)", "Ana;' @SUM(A1)"),
        ('Ana;"=1', "Ana;'\"=1"),
        ("Ana\n=1", "Ana\n'=1"),
    ],
)
def test_formulas_behind_what_may_separate_cells_are_texts(text: str, expected: str) -> None:
    assert safe_cell(text) == expected


@pytest.mark.parametrize("text", ["", "Ana", "7-3", "a;b", "a|b", "a=b", "'=1", "2026-05-04 12:00:00"])
def test_other_texts_stay(text: str) -> None:
    assert safe_cell(text) == text
