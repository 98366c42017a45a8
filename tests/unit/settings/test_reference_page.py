"""The settings page and the sample file say what the model says."""

from pathlib import Path

import pytest
from dotenv import dotenv_values

from facegate.settings.fields import effective_values, setting_fields
from facegate.settings.legacy_names import HONOURED
from facegate.settings.loading import load_settings
from facegate.settings.model import Settings
from facegate.settings.reference_page import sample_file, settings_page

ROOT = Path(__file__).parents[3]


def test_every_setting_has_a_description() -> None:
    assert [field.env_name for field in setting_fields() if not field.description] == []


def test_old_names_stand_for_settings_that_exist() -> None:
    known = {field.env_name for field in setting_fields()}
    assert {name.stands_for for name in HONOURED} <= known


def test_the_page_is_up_to_date() -> None:
    assert (ROOT / "docs" / "settings.md").read_text(encoding="utf-8") == settings_page(), "run `make docs`"


def test_the_sample_is_up_to_date() -> None:
    assert (ROOT / "sample.env").read_text(encoding="utf-8") == sample_file(), "run `make docs`"


def test_the_sample_as_it_stands_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_text(sample_file(), encoding="utf-8")
    assert dotenv_values(path) == {}
    assert load_settings({}, env_file=path).settings == Settings()


def test_the_sample_with_every_line_taken_in_is_the_defaults(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    lines = [
        line.removeprefix("#") if line.startswith("#FACEGATE_") else line
        for line in sample_file().splitlines()
    ]
    path.write_text("\n".join(lines), encoding="utf-8")
    assert set(dotenv_values(path)) == {field.env_name for field in setting_fields()}
    found = load_settings({}, env_file=path)
    assert found.settings == Settings()
    assert found.notices == ()


@pytest.mark.parametrize("name", ["FACEGATE_ACCESS__TOKEN", "FACEGATE_ACCESS__ADMIN_PUSH_KEY"])
def test_effective_values_mask_secrets(name: str) -> None:
    settings = load_settings({name: "very-secret-value"}, env_file=None).settings
    values = effective_values(settings)
    assert values[name] == "********"
    assert "very-secret" not in repr(values) + repr(settings)
