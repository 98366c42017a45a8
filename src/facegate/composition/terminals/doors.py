"""The rooms of terminals, each with what it stands on."""

from dataclasses import dataclass

from fastapi import APIRouter
from starlette.types import ASGIApp

from facegate.composition.application import Application
from facegate.composition.doors import Floor
from facegate.composition.terminals.errands import TerminalErrands
from facegate.composition.terminals.parts import Terminals
from facegate.domain.errors import StoreFailed
from facegate.frontends.admin_push.routes import AdminPushOptions, AdminPushParts
from facegate.frontends.admin_push.routes import make_router as admin_push_router
from facegate.frontends.operations.terminal_metrics import TerminalFigures
from facegate.frontends.rest_v1.terminal_parts import TerminalAdminParts
from facegate.frontends.rest_v1.terminal_routes import terminal_router
from facegate.frontends.terminals.parts import TerminalOptions, TerminalParts
from facegate.frontends.terminals.routes import end_links, make_any_path_app, make_router
from facegate.frontends.terminals.states import ConnectionLimits
from facegate.settings.terminal_groups import TerminalSettings


@dataclass(frozen=True, slots=True, eq=False)
class TerminalDoors:
    """What is served on the main port, what on the terminals' own, and what has to be ended."""

    terminals: Terminals
    errands: TerminalErrands
    parts: TerminalParts
    admin: TerminalAdminParts
    routers: tuple[APIRouter, ...]
    any_path_app: ASGIApp

    async def say_goodbye(self) -> None:
        """Before sockets are dropped: terminals and those who listen to events are told."""
        self.admin.streams.end_all()
        await end_links(self.parts)

    def figures(self) -> TerminalFigures:
        """For the metrics; reads the store."""
        terminals = self.terminals
        return TerminalFigures(
            connected_count=self.parts.open_links.registered_count,
            stored_count=terminals.recorder.stored_count,
            repeated_count=terminals.recorder.repeated_count,
            waiting_count=terminals.recorder.waiting_count,
            copy_lag=_copy_lag(terminals),
            is_bus_up=terminals.links.is_up() if terminals.links.is_up is not None else None,
        )


def make_terminal_doors(application: Application, terminals: Terminals, floor: Floor) -> TerminalDoors:
    """Every door of terminals: their WebSocket, /admin/push, and their administration in /v1."""
    settings = application.settings
    errands = TerminalErrands(terminals, settings.terminals.collect_log_every_s)
    parts = TerminalParts(
        register=terminals.register,
        recorder=terminals.recorder,
        decide_access=terminals.decide_access,
        receive_enrolment=terminals.receive_enrolment,
        browse=terminals.activity,
        live=terminals.live,
        gate=floor.gate,
        workers=floor.store_workers,
        engine_workers=floor.engine_workers,
        clock=application.clock,
        options=_options(settings.terminals),
        check_snapshot=terminals.check_snapshot,
        on_attached=errands.connected,
    )
    admin = _admin_parts(application, terminals, floor)
    push = AdminPushParts(
        terminals.send,
        terminals.live,
        floor.gate,
        AdminPushOptions(settings.terminals.push_timeout_s, settings.terminals.push_fails_at_once),
    )
    return TerminalDoors(
        terminals=terminals,
        errands=errands,
        parts=parts,
        admin=admin,
        routers=(make_router(parts), admin_push_router(push), terminal_router(admin)),
        any_path_app=make_any_path_app(parts),
    )


def _admin_parts(application: Application, terminals: Terminals, floor: Floor) -> TerminalAdminParts:
    return TerminalAdminParts(
        register=terminals.register,
        live=terminals.live,
        send=terminals.send,
        actions=terminals.actions,
        users=terminals.users,
        collect_log=terminals.collect_log,
        activity=terminals.activity,
        review=terminals.review,
        placing=terminals.placing,
        gate=floor.gate,
        store_workers=floor.store_workers,
        engine_workers=floor.engine_workers,
        max_image_bytes=application.settings.engine.max_image_bytes,
    )


def _options(chosen: TerminalSettings) -> TerminalOptions:
    limits = ConnectionLimits(
        registration_timeout_s=chosen.registration_timeout_s,
        idle_timeout_s=chosen.idle_timeout_s,
        command_delay_s=chosen.command_delay_s,
        max_waiting_commands=chosen.max_waiting_commands,
        max_message_bytes=chosen.max_message_bytes,
    )
    return TerminalOptions(limits, chosen.max_connections, chosen.ask_for_users)


def _copy_lag(terminals: Terminals) -> int | None:
    if terminals.copy is None:
        return None
    try:
        return terminals.copy.lag()
    except StoreFailed:
        # A store that is down must not hide the other metrics.
        return None
