"""How alike the gallery's own persons are, in numbers for plots."""

import numpy as np
from tests.fakes.engine import FakeFace, fake_picture
from tests.unit.use_cases.conftest import CURVE, Core
from tests.unit.use_cases.test_enrol_photos import enrol

from facegate.domain.gallery import IndexCandidate
from facegate.domain.matching import Band
from facegate.use_cases.matching_distribution import Distribution, MatchingDistribution


def people(core: Core, count: int, photos: int) -> None:
    for number in range(count):
        name = f"person {number}"
        enrol(core, name, *[fake_picture(FakeFace(name, variant)) for variant in range(photos)])


def test_persons_are_like_themselves_and_unlike_each_other(core: Core) -> None:
    people(core, 12, 3)
    found = MatchingDistribution(core.gallery)()
    assert (found.person_count, found.template_count, found.model_id) == (12, 36, core.gallery.model_id)
    assert found.genuine.pair_count == 12 * 3
    assert found.impostor.pair_count == 36 * 35 // 2 - 36
    assert not found.genuine.is_sample
    assert not found.impostor.is_sample
    for histogram in (found.genuine, found.impostor):
        assert sum(histogram.counts) == histogram.pair_count
        assert len(histogram.counts) == len(found.bin_edges) - 1
    assert found.genuine.median is not None
    assert found.impostor.median is not None
    assert found.genuine.median > 0.9
    assert found.impostor.median < 0.3
    assert found.genuine.share_at_match == 1.0
    assert found.impostor.share_at_match == 0.0


def test_an_empty_gallery_has_no_pairs_and_still_its_thresholds(core: Core) -> None:
    found = MatchingDistribution(core.gallery)()
    assert (found.person_count, found.genuine.pair_count, found.impostor.pair_count) == (0, 0, 0)
    assert found.genuine.median is None
    assert found.impostor.share_at_match is None
    assert found.thresholds.match > found.thresholds.review
    assert [(point.similarity, point.false_match_rate) for point in found.curve] == [
        (0.0, 1.0),
        (0.3, 1e-3),
        (0.6, 1e-6),
    ]
    assert found.curve_measured_on == CURVE.measured_on


def test_thresholds_are_where_the_bands_begin(core: Core) -> None:
    people(core, 5, 2)
    found = MatchingDistribution(core.gallery)()
    policy, count = core.gallery.policy, core.gallery.indexed_template_count()

    def band(similarity: float) -> Band:
        return policy.identify([IndexCandidate("x", "t", similarity)], count).band

    step = 1e-6
    assert band(found.thresholds.match + step) is Band.MATCH
    assert band(found.thresholds.match - step) is Band.REVIEW
    assert band(found.thresholds.review + step) is Band.REVIEW
    assert band(found.thresholds.review - step) is Band.UNKNOWN
    assert policy.verify(found.thresholds.check).is_match


def test_a_large_gallery_is_sampled_by_whole_persons_and_always_alike(core: Core) -> None:
    people(core, 30, 3)
    sampling = MatchingDistribution(core.gallery, max_pairs=50, max_templates=40)
    found: Distribution = sampling()
    assert 0 < found.person_count < 30
    assert found.template_count == 3 * found.person_count
    assert found.genuine.is_sample
    assert found.impostor.is_sample
    assert found.impostor.pair_count <= 50
    assert sampling() == found


def test_templates_of_another_model_are_left_out(core: Core) -> None:
    people(core, 3, 2)
    found = MatchingDistribution(core.with_model("newer-net").gallery)()
    assert found.template_count == 0
    assert np.isclose(found.bin_edges[0], -1.0)
