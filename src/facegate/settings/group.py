"""What every group of settings is: frozen, with no field that nobody knows."""

from pydantic import BaseModel, ConfigDict

from facegate.domain.access import Door


class Group(BaseModel):
    """Settings of one concern. Its docstring is the group's line in docs/settings.md."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def refuse_other_doors(doors: frozenset[Door], allowed: frozenset[Door], what: str) -> None:
    """Raises ValueError when a door stands in a list that it has no business in."""
    if others := sorted(doors - allowed):
        raise ValueError(f"{', '.join(others)}: no door that {what}; those are {', '.join(sorted(allowed))}")
