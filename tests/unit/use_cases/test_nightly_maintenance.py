"""The night's work: new templates from kept cutouts, a fresh index, outliers."""

import itertools
from pathlib import Path

from tests.fakes.engine import FakeFace, fake_picture
from tests.unit.use_cases.conftest import Core
from tests.unit.use_cases.test_enrol_photos import enrol

from facegate.use_cases.enrol_photos import EnrolmentRules
from facegate.use_cases.nightly_maintenance import NightlyMaintenance, NightlyReport

KEEP = EnrolmentRules(keep_cutouts=True)


def run(core: Core) -> NightlyReport:
    return NightlyMaintenance(core.analysis, core.gallery, core.store, core.clock)()


def test_what_an_older_model_made_is_made_anew_where_a_cutout_was_kept(core: Core) -> None:
    enrol(core, "ann", fake_picture(FakeFace("ann")), rules=KEEP)
    enrol(core, "bob", fake_picture(FakeFace("bob")))
    newer = core.with_model("newer-net")
    report = run(newer)
    assert (report.reembedded_count, report.reembed_failures, report.indexed_template_count) == (1, 0, 1)
    assert {stored.template.model_id for stored in newer.gallery.templates_of("ann")} == {
        "newer-net",
        core.gallery.model_id,
    }
    assert run(newer).reembedded_count == 0


def test_a_template_that_matches_somebody_else_is_reported_with_the_lookalike(core: Core) -> None:
    enrol(core, "ann", fake_picture(FakeFace("ann")))
    enrol(core, "bob", fake_picture(FakeFace("ann", 1)))
    outliers = run(core).outliers
    assert {(outlier.subject_id, outlier.lookalike_id) for outlier in outliers} == {
        ("ann", "bob"),
        ("bob", "ann"),
    }


def test_a_template_unlike_its_own_person_is_reported(core: Core) -> None:
    enrol(core, "ann", fake_picture(FakeFace("ann")), fake_picture(FakeFace("ann", 1)))
    stray = enrol(core, "ann", fake_picture(FakeFace("somebody"))).accepted[0].template_id
    outliers = run(core).outliers
    assert [(outlier.template_id, outlier.lookalike_id) for outlier in outliers] == [(stray, None)]


def test_the_last_report_is_kept(core: Core) -> None:
    maintenance = NightlyMaintenance(core.analysis, core.gallery, core.store, core.clock)
    assert maintenance.last_report() is None
    maintenance()
    kept = maintenance.last_report()
    assert kept is not None
    assert kept["index_agreed"] is True


def test_a_shutdown_is_not_kept_waiting(core: Core) -> None:
    enrol(core, "ann", fake_picture(FakeFace("ann")), rules=KEEP)
    newer = core.with_model("newer-net")
    maintenance = NightlyMaintenance(newer.analysis, newer.gallery, newer.store, newer.clock)
    report = maintenance(should_stop=lambda: True)
    assert (report.reembedded_count, report.outliers_checked) == (0, 0)


def test_the_fresh_index_is_kept(core: Core) -> None:
    kept: list[int] = []
    enrol(core, "ann", fake_picture(FakeFace("ann")))
    NightlyMaintenance(
        core.analysis,
        core.gallery,
        core.store,
        core.clock,
        keep_index=lambda: kept.append(core.gallery.indexed_template_count()),
    )()
    assert kept == [1]


def test_a_removal_during_the_look_at_outliers_empties_the_databases_log(core: Core, tmp_path: Path) -> None:
    for name in ("ann", "bob", "cat"):
        enrol(core, name, fake_picture(FakeFace(name)))
    log_sizes_bytes: list[int] = []
    asked = itertools.count()

    def remove_in_the_middle() -> bool:
        # Asked once before re-embedding, then before each template.
        if next(asked) == 2:
            core.gallery.remove_subject("cat")
            log_sizes_bytes.append((tmp_path / "gallery.sqlite3-wal").stat().st_size)
        return False

    NightlyMaintenance(core.analysis, core.gallery, core.store, core.clock)(remove_in_the_middle)
    assert log_sizes_bytes == [0]
