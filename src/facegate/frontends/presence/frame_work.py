"""The steps of a frame that take long, on worker threads."""

from collections.abc import Callable

from facegate.frontends.presence.effects import Inspect, Judge, LogIn, Parse
from facegate.frontends.presence.parts import PresenceParts
from facegate.frontends.presence.session_slot import LoopHandle, SessionSlot
from facegate.frontends.presence.translate import FrameRequest, frame_request
from facegate.frontends.wire.images import decode_base64_image
from facegate.use_cases.presence import log_in
from facegate.use_cases.presence.judge_frame import JudgedFrame, JudgeFrameRequest


class FrameWork:
    """The work of one connection. `token` and `address` are what its client came with."""

    def __init__(self, parts: PresenceParts, slot: SessionSlot, token: str | None, address: str) -> None:
        self._parts = parts
        self._slot = slot
        self._token = token
        self._address = address

    async def parse(self, effect: Parse) -> FrameRequest:
        """What a large message asks. Not among the pictures: it would wait twice for its turn.

        Raises:
            InvalidInput: it cannot be understood.
            EngineOverloaded: the queue is full.
        """
        return await self._parts.store_workers.run(lambda: frame_request(effect.content, effect.arrived))

    async def inspect(self, effect: Inspect) -> tuple[bytes, bool]:
        """The picture's bytes and whether it is tiny.

        Raises:
            InvalidInput: no base64, or no picture.
            EngineOverloaded: the queue is full.
        """

        def work() -> tuple[bytes, bool]:
            encoded = self._decoded(effect.image)
            return encoded, self._parts.judge_frame.is_tiny(encoded)

        return await self._parts.glance_workers.run(work)

    async def log_in(self, effect: LogIn, handle: LoopHandle) -> log_in.LogIn:
        """The client or why not; its session is in the slot when this returns.

        Raises:
            StoreFailed: nobody can say who is registered.
            EngineOverloaded: the queue is full.
        """

        def work() -> log_in.LogIn:
            outcome = self._parts.clients.log_in(
                effect.user_name, self._token, self._address, handle, is_gone=self._slot.is_over
            )
            if outcome.session_id is not None:
                self._slot.take(outcome.session_id)
            return outcome

        return await self._parts.store_workers.run(work)

    async def judge(self, effect: Judge, newest: Callable[[], Judge | None]) -> JudgedFrame:
        """The verdict, with the frame that it is about.

        When a glance is not enough and it has to wait for its turn, `newest` may have another picture by
        then: under load what is judged is as fresh as what a server without a queue would see. It is not
        glanced at first: most who needed more than a glance a moment ago need it again.

        Raises:
            InvalidInput: no base64, or a picture that cannot be read.
            EngineFailed: the engine broke.
            EngineOverloaded: the queue is full.
        """
        parts = self._parts
        with self._slot.working():
            request, judged = await parts.glance_workers.run(lambda: self._glance(effect))
            if judged is not None:
                return judged
            async with parts.turns:
                newer = newest()
                if newer is not None:
                    return await parts.frame_workers.run(lambda: parts.judge_frame(self._request(newer)))
                return await parts.frame_workers.run(lambda: parts.judge_frame(request))

    def _glance(self, effect: Judge) -> tuple[JudgeFrameRequest, JudgedFrame | None]:
        request = self._request(effect)
        return request, self._parts.judge_frame.glance(request)

    def _request(self, effect: Judge) -> JudgeFrameRequest:
        picture = effect.picture
        encoded = picture if isinstance(picture, bytes) else self._decoded(picture)
        return JudgeFrameRequest(effect.client_id, encoded, effect.arrived_s)

    def _decoded(self, image: str) -> bytes:
        return decode_base64_image(image, max_bytes=self._parts.options.max_image_bytes, field="image")
