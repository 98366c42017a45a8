"""Encodings of other programs in every shape we know, and files that are refused."""

import io
import json
import pickle
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from facegate.adapters.encoding_files import EncodingFile
from facegate.domain.errors import InvalidInput
from facegate.ports.encoding_reader import NamedEncoding, UnusableEncoding

VECTORS = np.random.default_rng(1).normal(size=(3, 128))
NAMES = ["anna", "bob", "anna"]
BY_PERSON = {"anna": [VECTORS[0].tolist(), VECTORS[2].tolist()], "bob": VECTORS[1].tolist()}


def rows_of(path: Path) -> list[NamedEncoding | UnusableEncoding]:
    return list(EncodingFile(path).encodings())


def usable(path: Path) -> list[tuple[str, bytes]]:
    rows = rows_of(path)
    assert all(isinstance(row, NamedEncoding) for row in rows), rows
    return [(row.subject_id, row.vector.tobytes()) for row in rows if isinstance(row, NamedEncoding)]


def expected(order: list[int]) -> list[tuple[str, bytes]]:
    return [(NAMES[n], VECTORS[n].astype(np.float32).tobytes()) for n in order]


def json_file(tmp_path: Path, content: object) -> Path:
    path = tmp_path / "encodings.json"
    path.write_text(json.dumps(content))
    return path


def test_npz_with_names(tmp_path: Path) -> None:
    path = tmp_path / "encodings.npz"
    np.savez(path, encodings=VECTORS, names=np.array(NAMES))
    assert usable(path) == expected([0, 1, 2])
    np.savez_compressed(path, embeddings=VECTORS.astype(np.float32), ids=np.array(NAMES, dtype="S"))
    assert usable(path) == expected([0, 1, 2])


def test_npz_with_an_array_per_person(tmp_path: Path) -> None:
    path = tmp_path / "encodings.npz"
    np.savez(path, anna=VECTORS[[0, 2]], bob=VECTORS[1])
    assert usable(path) == expected([0, 2, 1])


@pytest.mark.parametrize(
    "content",
    [
        BY_PERSON,
        {"persons": BY_PERSON},
        {"persons": [{"person_id": name, "embeddings": held} for name, held in BY_PERSON.items()]},
        {name: {"person_id": name, "embeddings": held} for name, held in BY_PERSON.items()},
        [{"name": name, "encodings": held} for name, held in BY_PERSON.items()],
        {
            "anna": [{"embedding": VECTORS[0].tolist()}, {"embedding": VECTORS[2].tolist()}],
            "bob": VECTORS[1].tolist(),
        },
    ],
)
def test_json_by_person(tmp_path: Path, content: object) -> None:
    assert usable(json_file(tmp_path, content)) == expected([0, 2, 1])


@pytest.mark.parametrize(
    ("name", "vector"), [("name", "encoding"), ("person_id", "embedding"), ("user_id", "vector")]
)
def test_json_as_a_list_of_objects(tmp_path: Path, name: str, vector: str) -> None:
    content = [{name: NAMES[n], vector: VECTORS[n].tolist()} for n in range(3)]
    assert usable(json_file(tmp_path, content)) == expected([0, 1, 2])


def test_json_as_two_lists(tmp_path: Path) -> None:
    content = {"names": NAMES, "encodings": VECTORS.tolist()}
    assert usable(json_file(tmp_path, content)) == expected([0, 1, 2])


def test_numbers_as_ids_become_text(tmp_path: Path) -> None:
    content = [{"user_id": 42, "embedding": VECTORS[0].tolist()}]
    assert [name for name, _ in usable(json_file(tmp_path, content))] == ["42"]


def csv_text(rows: list[list[str]], separator: str = ",") -> str:
    return "".join(separator.join(row) + "\r\n" for row in rows)


CSV_ROWS = [[NAMES[n], *map(repr, VECTORS[n].tolist())] for n in range(3)]


@pytest.mark.parametrize(
    "header",
    [
        None,
        ["name", *(f"e{n}" for n in range(128))],
        ["", *map(str, range(128))],
        ["x", *map(str, range(1, 129))],
    ],
)
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_csv_with_and_without_header(tmp_path: Path, header: list[str] | None, separator: str) -> None:
    path = tmp_path / "encodings.csv"
    path.write_text("\ufeff" + csv_text([*([header] if header else []), *CSV_ROWS], separator))
    assert usable(path) == expected([0, 1, 2])


def test_csv_with_the_name_elsewhere_or_a_list_in_one_cell(tmp_path: Path) -> None:
    path = tmp_path / "encodings.csv"
    header = [*(f"e{n}" for n in range(128)), "person_id"]
    path.write_text(csv_text([header, *([*row[1:], row[0]] for row in CSV_ROWS)]))
    assert usable(path) == expected([0, 1, 2])
    path.write_text("".join(f'{NAMES[n]},"{VECTORS[n].tolist()}"\n' for n in range(3)))
    assert usable(path) == expected([0, 1, 2])


@pytest.mark.parametrize("index_header", ["", "Unnamed: 0"])
def test_csv_as_pandas_writes_it(tmp_path: Path, index_header: str) -> None:
    path = tmp_path / "encodings.csv"
    header = [index_header, "name", *map(str, range(128))]
    path.write_text(csv_text([header, *([str(n), *row] for n, row in enumerate(CSV_ROWS))]))
    assert usable(path) == expected([0, 1, 2])
    header = [index_header, *map(str, range(128)), "name"]
    path.write_text(csv_text([header, *([str(n), *row[1:], row[0]] for n, row in enumerate(CSV_ROWS))]))
    assert usable(path) == expected([0, 1, 2])


def test_csv_as_pandas_writes_it_without_names_of_columns(tmp_path: Path) -> None:
    path = tmp_path / "encodings.csv"
    header = ["", *map(str, range(129))]
    path.write_text(csv_text([header, *([str(n), *row] for n, row in enumerate(CSV_ROWS))]))
    assert usable(path) == expected([0, 1, 2])


def test_csv_without_header_with_the_name_at_the_end(tmp_path: Path) -> None:
    path = tmp_path / "encodings.csv"
    path.write_text(csv_text([[*row[1:], row[0]] for row in CSV_ROWS]))
    assert usable(path) == expected([0, 1, 2])
    path.write_text("".join(f'"{VECTORS[n].tolist()}",{NAMES[n]}\n' for n in range(3)))
    assert usable(path) == expected([0, 1, 2])


def test_somebody_called_like_a_wrapper_hides_nobody(tmp_path: Path) -> None:
    content = {"anna": [VECTORS[0].tolist()], "data": {"bob": [VECTORS[1].tolist()]}}
    rows = rows_of(json_file(tmp_path, content))
    assert [row.subject_id for row in rows if isinstance(row, NamedEncoding)] == ["anna"]
    assert [row.label for row in rows if isinstance(row, UnusableEncoding)] == ["data"]
    noted = {"version": 1, "about": {"made": "today", "tags": []}, "data": BY_PERSON}
    assert usable(json_file(tmp_path, noted)) == expected([0, 2, 1])


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        ([0.5] * 127, "127"),
        ([0.5] * 127 + [float("nan")], "not finite"),
        ([0.5] * 127 + [1e300], "not finite"),
        ([0.0] * 128, "all zero"),
        (["x"] * 128, "not a list of numbers"),
        (None, "no encoding"),
        ({"a": 1}, "no encoding"),
        ("text", "not a list"),
        ([[1.0], [1.0, 2.0]], "needed|not a list"),
    ],
)
def test_a_bad_row_is_reported_and_the_others_go_on(tmp_path: Path, bad: object, reason: str) -> None:
    content = {"anna": VECTORS[0].tolist(), "broken": bad, "bob": VECTORS[1].tolist()}
    rows = rows_of(json_file(tmp_path, content))
    good = [row.subject_id for row in rows if isinstance(row, NamedEncoding)]
    assert good == ["anna", "bob"]
    unusable = [row for row in rows if isinstance(row, UnusableEncoding)]
    assert unusable
    assert all("broken" in row.label for row in unusable)
    with pytest.raises(InvalidInput, match=reason):
        raise unusable[0].error


def test_bad_lines_of_a_csv_file_are_reported_with_their_number(tmp_path: Path) -> None:
    path = tmp_path / "encodings.csv"
    path.write_text(csv_text([CSV_ROWS[0], ["short", "1.0"], [], CSV_ROWS[1], ["alone"]]))
    rows = rows_of(path)
    assert [row.label for row in rows if isinstance(row, UnusableEncoding)] == ["line 2", "line 5"]
    assert len([row for row in rows if isinstance(row, NamedEncoding)]) == 2


class Explosive:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return (pytest.fail, ("a pickle was opened",))


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize("name", ["encodings.pickle", "encodings.dat", "encodings.json", "faces"])
@pytest.mark.parametrize(
    "content", [{"encodings": [Explosive()], "names": ["anna"]}, [Explosive()]], ids=["dict", "list"]
)
def test_pickles_are_refused_whatever_they_are_called(
    tmp_path: Path, protocol: int, name: str, content: object
) -> None:
    path = tmp_path / name
    path.write_bytes(pickle.dumps(content, protocol=protocol))
    with pytest.raises(InvalidInput, match=r"np\.savez"):
        rows_of(path)


def test_pickled_objects_inside_npz_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "encodings.npz"
    names = np.empty(1, dtype=object)
    names[0] = Explosive()
    np.savez(path, encodings=VECTORS[:1], names=names)
    with pytest.raises(InvalidInput, match=r"np\.savez"):
        rows_of(path)


def test_the_three_lines_in_the_refusal_do_what_they_say(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "encodings.pickle"
    with path.open("wb") as file:
        pickle.dump({"encodings": list(VECTORS), "names": NAMES}, file)
    with pytest.raises(InvalidInput) as caught:
        rows_of(path)
    snippet = caught.value.message.split(":\n", 1)[1]
    lines = [line.strip() for line in snippet.splitlines()]
    lines[1] = lines[1].replace('open("encodings.pickle", "rb")', "opened")
    with path.open("rb") as opened:
        exec("\n".join(lines), {"opened": opened})  # noqa: S102 - our own sentence
    assert usable(tmp_path / "encodings.npz") == expected([0, 1, 2])


def saved(**arrays: NDArray[np.float64] | NDArray[np.str_]) -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)  # type: ignore[arg-type]
    return buffer.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"one line of text",
        b"{",
        b"[1, 2",
        b"{}",
        b"\xff\xfe\x00broken, text",
        b"[" * 100_000,
        b'{"names": ["a"], "encodings": []}',
        b"PK\x03\x04 and then nothing",
        saved(encodings=VECTORS),
        saved(encodings=VECTORS, names=np.array(["only one"])),
        saved(encodings=VECTORS, names=np.array(NAMES))[:-200],
    ],
    ids=range(12),
)
def test_files_that_cannot_be_read_at_all(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "encodings"
    path.write_bytes(content)
    with pytest.raises(InvalidInput) as caught:
        rows_of(path)
    assert str(tmp_path) not in caught.value.message


def test_a_bare_array_and_a_missing_file(tmp_path: Path) -> None:
    np.save(tmp_path / "encodings.npy", VECTORS)
    with pytest.raises(InvalidInput, match="without names"):
        rows_of(tmp_path / "encodings.npy")
    with pytest.raises(InvalidInput, match="cannot be read"):
        rows_of(tmp_path / "missing.json")


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["names", "encodings", "persons", "name", "embedding", "x"]), inner, max_size=4
        )
    ),
    max_leaves=12,
)


@settings(max_examples=150, deadline=None)
@given(content=json_values)
def test_any_json_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, content: object) -> None:
    path = json_file(tmp_path_factory.mktemp("json"), content)
    try:
        rows = rows_of(path)
    except InvalidInput:
        return
    assert all(isinstance(row, UnusableEncoding) for row in rows)


@settings(max_examples=100, deadline=None)
@given(content=st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.mktemp("bytes") / "encodings"
    path.write_bytes(content)
    try:
        rows = rows_of(path)
    except InvalidInput:
        return
    assert all(isinstance(row, UnusableEncoding) for row in rows)
