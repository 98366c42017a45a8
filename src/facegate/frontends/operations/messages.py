"""What /livez and /readyz answer."""

from pydantic import BaseModel, ConfigDict, Field

from facegate.use_cases.check_readiness import Readiness


class LivezAnswer(BaseModel):
    """The process runs and its event loop turns; nothing more is said."""

    model_config = ConfigDict(frozen=True)

    alive: bool


class CheckAnswer(BaseModel):
    """One part that was tried."""

    model_config = ConfigDict(frozen=True)

    name: str = Field(examples=["detector"])
    ok: bool
    problem: str | None
    took_ms: float


class ReadyzAnswer(BaseModel):
    """`checks` were tried with real work; `missing_checks` are optional parts that cannot run here."""

    model_config = ConfigDict(frozen=True)

    ready: bool
    checks: list[CheckAnswer]
    missing_checks: list[str]


def readyz_answer(readiness: Readiness) -> ReadyzAnswer:
    """The outcome in the words of /readyz."""
    return ReadyzAnswer(
        ready=readiness.is_ready,
        checks=[
            CheckAnswer(
                name=check.name,
                ok=check.problem is None,
                problem=check.problem,
                took_ms=round(check.took_ms, 1),
            )
            for check in readiness.checks
        ],
        missing_checks=list(readiness.missing_checks),
    )
