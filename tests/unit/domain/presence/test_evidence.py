"""What must go and what may stay, and places in the list."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facegate.domain.errors import InvalidInput
from facegate.domain.presence.evidence import (
    EvidencePlace,
    EvidencePolicy,
    EvidenceSummary,
    age_order,
    concerned_subject_ids,
    expired_evidence,
    surplus_evidence,
)
from facegate.domain.presence.verdicts import Action, Reason, Verdict

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)

summaries = st.builds(
    EvidenceSummary,
    evidence_id=st.uuids().map(lambda one: one.hex),
    at=st.timedeltas(timedelta(days=-90), timedelta(days=1)).map(lambda age: NOW + age),
    byte_count=st.integers(1, 1000),
    client_id=st.one_of(st.none(), st.sampled_from(["ann", "bob"])),
    reason=st.just(Reason.NO_FACE),
)


@given(st.lists(summaries, max_size=40), st.integers(0, 10_000))
def test_surplus_takes_the_oldest_and_no_more_than_makes_room(
    kept: list[EvidenceSummary], max_bytes: int
) -> None:
    surplus = surplus_evidence(kept, max_bytes)
    by_age = sorted(kept, key=age_order)
    assert surplus == by_age[: len(surplus)]
    left_bytes = sum(summary.byte_count for summary in by_age[len(surplus) :])
    assert left_bytes <= max_bytes
    if surplus:
        assert sum(summary.byte_count for summary in kept) > max_bytes
        assert left_bytes + surplus[-1].byte_count > int(0.95 * max_bytes)


@given(st.lists(summaries, max_size=40), st.floats(0.01, 60.0))
def test_expired_is_all_that_is_too_old(kept: list[EvidenceSummary], retention_days: float) -> None:
    expired = {summary.evidence_id for summary in expired_evidence(kept, NOW, retention_days)}
    for summary in kept:
        assert (summary.evidence_id in expired) == (NOW - summary.at > timedelta(days=retention_days))


@given(st.datetimes(timezones=st.just(UTC), min_value=datetime(1000, 1, 1)), st.uuids())  # noqa: DTZ001
def test_a_place_can_be_written_and_read(at: datetime, evidence_id: object) -> None:
    place = EvidencePlace(at, str(evidence_id).replace("-", ""))
    assert EvidencePlace.parse(str(place)) == place


@pytest.mark.parametrize(
    "text",
    [
        "",
        "20260304T120000123456",
        f"20260304T120000123456-{'g' * 32}",
        f"20261304T120000123456-{'a' * 32}",
        f"٢0260304T120000123456-{'a' * 32}",
        f"20260304T120000123456-{'a' * 32}\n",
    ],
)
def test_other_texts_are_no_place(text: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        EvidencePlace.parse(text)
    assert caught.value.field == "after"


@pytest.mark.parametrize(
    ("seen", "concerned"), [("ann", ("ann",)), ("unknown", ("ann",)), ("bob", ("ann", "bob"))]
)
def test_evidence_concerns_the_client_and_whom_it_shows(seen: str, concerned: tuple[str, ...]) -> None:
    verdict = Verdict(Action.LOCK_SCREEN, Reason.WRONG_USER, seen)
    assert concerned_subject_ids("ann", verdict) == concerned


@pytest.mark.parametrize(
    "wrong",
    [{"retention_days": 0.0}, {"retention_days": float("nan")}, {"max_bytes": -1}, {"min_interval_s": -0.1}],
)
def test_a_policy_that_makes_no_sense_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=r"kept|negative"):
        EvidencePolicy(**wrong)  # type: ignore[arg-type]
