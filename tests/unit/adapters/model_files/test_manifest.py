"""The shipped manifest is complete and consistent."""

import json
from importlib import resources

import pytest
from pydantic import ValidationError

from facegate.adapters.model_files import manifest as manifest_module
from facegate.adapters.model_files.manifest import ArchiveMember, Manifest, ModelEntry, load_manifest
from facegate.domain.models import ModelTask

ENTRIES = load_manifest().models


def test_ids_are_unique_and_every_task_has_a_model_that_is_not_optional() -> None:
    ids = [entry.model_id for entry in ENTRIES]
    assert len(ids) == len(set(ids))
    assert {entry.task for entry in ENTRIES if not entry.is_optional} == set(ModelTask)


def test_one_file_name_means_one_published_file() -> None:
    hashes = {(entry.file_name, entry.sha256, entry.size_bytes) for entry in ENTRIES}
    assert len(hashes) == len({entry.file_name for entry in ENTRIES})


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: str(entry.model_id))
def test_an_entry_names_known_archives_and_golden_outputs(entry: ModelEntry) -> None:
    assert entry.golden
    assert entry.licence
    assert entry.copyright_note
    assert entry.sources
    for source in entry.sources:
        if isinstance(source, ArchiveMember):
            assert source.archive in load_manifest().archives
        else:
            assert source.url.startswith("https://")
    for case in entry.golden:
        assert case.outputs
        assert all(len(output.values) >= 3 for output in case.outputs.values())


def test_only_the_dlib_nets_and_the_8_bit_builds_are_optional() -> None:
    assert {entry.model_id for entry in ENTRIES if entry.is_optional} == {
        "sface-2021dec-int8",
        "dlib-resnet-v1",
        "dlib-resnet-v1-int8",
    }


def test_every_archive_is_used_and_pinned() -> None:
    manifest = load_manifest()
    used = {
        source.archive
        for entry in manifest.models
        for source in entry.sources
        if isinstance(source, ArchiveMember)
    }
    assert used == set(manifest.archives)
    assert all(archive.version in archive.file_name for archive in manifest.archives.values())


def test_a_misspelt_field_or_a_short_hash_is_refused() -> None:
    package = manifest_module.__package__
    assert package is not None
    data = json.loads(resources.files(package).joinpath("manifest.json").read_text("utf-8"))
    data["models"][0]["licences"] = "MIT"
    with pytest.raises(ValidationError):
        Manifest.model_validate_json(json.dumps(data))
    del data["models"][0]["licences"]
    data["models"][0]["sha256"] = "abc"
    with pytest.raises(ValidationError):
        Manifest.model_validate_json(json.dumps(data))
