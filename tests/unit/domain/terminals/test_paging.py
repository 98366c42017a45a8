"""Reading a list to its end, whatever the terminal's numbers say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.fakes.paged_terminal import NUMBERINGS, Pages

from facegate.domain.errors import TerminalRefused
from facegate.domain.terminals.paging import MAX_PAGES, MAX_ROWS, Paging, Row


def read(pages: Pages, *, max_commands: int = 3000) -> tuple[list[Row], Paging, int]:
    paging, rows, count = Paging("getuserlist"), list[Row](), 0
    while not paging.is_over:
        assert count < max_commands
        rows += paging.take(pages.reply(paging.next_command()))
        count += 1
    return rows, paging, count


def people(count: int) -> list[object]:
    return [{"enrollid": number} for number in range(1, count + 1)]


@given(
    total=st.integers(0, 130),
    page_size=st.integers(1, 50),
    numbering=st.sampled_from(sorted(NUMBERINGS)),
    end_is_refused=st.booleans(),
)
def test_every_row_is_read_once_and_in_order(
    total: int, page_size: int, numbering: str, end_is_refused: bool
) -> None:
    rows, paging, command_count = read(Pages(people(total), page_size, NUMBERINGS[numbering], end_is_refused))
    assert rows == people(total)
    assert paging.is_complete
    assert paging.row_count == total
    assert command_count <= -(-total // page_size) + 1


def test_the_first_page_starts_over_and_the_next_go_on() -> None:
    paging = Paging("getalllog", {"from": "2026-05-01", "stn": "ours"})
    assert paging.next_command().body() == {"cmd": "getalllog", "from": "2026-05-01", "stn": True}
    paging.take({"ret": "getalllog", "result": True, "record": [{"enrollid": 1}]})
    assert paging.next_command().fields["stn"] is False
    assert paging.from_the_beginning().next_command().body() == {
        "cmd": "getalllog",
        "from": "2026-05-01",
        "stn": True,
    }


def test_a_total_that_is_reached_ends_it_without_another_question() -> None:
    total = Pages(people(8), 4, NUMBERINGS["total, to inclusive"])
    of_page = Pages(people(8), 4, NUMBERINGS["rows of the page, to exclusive"])
    assert (read(total)[2], read(of_page)[2]) == (2, 3)


def test_a_count_of_exactly_this_page_is_no_total() -> None:
    paging = Paging("getuserlist")
    paging.take({"ret": "getuserlist", "result": True, "count": 2, "record": people(2)})
    assert not paging.is_over


def test_a_terminal_that_never_turns_the_page_is_read_once() -> None:
    paging, reply = Paging("getuserlist"), {"ret": "getuserlist", "result": True, "record": people(3)}
    assert [len(paging.take(reply)) for _ in range(3)] == [3, 0, 0]
    assert (paging.is_over, paging.is_complete, paging.row_count) == (True, True, 3)


def test_an_answer_that_came_twice_hides_nothing() -> None:
    pages, paging, rows = Pages(people(9), 3), Paging("getuserlist"), list[Row]()
    waiting = [pages.reply(paging.next_command())] * 2
    while not paging.is_over:
        rows += paging.take(waiting.pop(0))
        waiting.append(pages.reply(paging.next_command()))
    assert rows == people(9)
    assert paging.is_complete


def test_a_refused_first_page_is_an_error_with_the_terminals_words() -> None:
    reply = {"ret": "getuserlist", "result": False, "reason": 1, "msg": "can not find this command"}
    with pytest.raises(TerminalRefused, match="getuserlist: reason 1, can not find this command") as caught:
        Paging("getuserlist").take(reply)
    assert caught.value.reason == "1"


@pytest.mark.parametrize(
    "reply",
    [
        {"record": {"enrollid": 1}},
        {"records": [{"enrollid": 1}]},
        {"data": [{"enrollid": 1}, "junk", None, 7]},
        {"record": None, "logs": [{"enrollid": 1}]},
    ],
)
def test_rows_are_found_where_firmware_puts_them(reply: dict[str, object]) -> None:
    assert Paging("getnewlog").take({"ret": "getnewlog", "result": True, **reply}) == people(1)


@pytest.mark.parametrize("record", [None, [], "", 7, "text", ["text"]])
def test_what_holds_no_rows_is_the_end(record: object) -> None:
    paging = Paging("getnewlog")
    assert paging.take({"ret": "getnewlog", "result": True, "record": record}) == []
    assert paging.is_complete


def test_endless_lists_are_cut_and_said_to_be() -> None:
    rows, paging, _ = read(Pages(people(MAX_ROWS + 500), 1000, NUMBERINGS["nothing"]))
    assert (len(rows), paging.is_complete) == (MAX_ROWS, False)
    rows, paging, _ = read(Pages(people(MAX_PAGES + 5), 1, NUMBERINGS["nothing"]))
    assert (len(rows), paging.is_complete) == (MAX_PAGES, False)
