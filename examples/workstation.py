"""A small agent for a workstation: sends what its camera sees and does what the server says.

    python examples/workstation.py alice                         # the first camera, one frame a second
    python examples/workstation.py alice --pictures alice2.jpg   # picture files, each once, then ends
    python examples/workstation.py alice --on-lock "loginctl lock-session"

Without `--on-lock` and `--on-sign-out` it only says what it would do. It needs the packages `websockets` and,
for a camera, `opencv-python-headless`.
"""

import argparse
import asyncio
import base64
import json
import os
import random
import shlex
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

GREATEST_BACKOFF_S = 60.0
NOT_LET_IN, SERVER_FULL = 4001, 4002


def camera_pictures(number: int) -> Iterator[bytes]:
    """JPEGs of a local camera, for ever."""
    import cv2

    camera = cv2.VideoCapture(number)
    if not camera.isOpened():
        raise SystemExit(f"camera {number} cannot be opened")
    while True:
        was_read, pixels = camera.read()
        if not was_read:
            raise SystemExit(f"camera {number} gives no picture any more")
        yield cv2.imencode(".jpg", pixels)[1].tobytes()


def obey(answer: dict[str, str], options: argparse.Namespace) -> None:
    """Says what the server wants, and does it where a command was given."""
    print(f"{answer['action']} {answer['reason']} {answer.get('actual_username', '')}".rstrip(), flush=True)
    command = {"ACTION_LOCK_SCREEN": options.on_lock, "ACTION_SIGN_OUT": options.on_sign_out}.get(
        answer["action"]
    )
    if command:
        subprocess.run(shlex.split(command), check=False)


async def watch(pictures: Iterator[bytes], options: argparse.Namespace) -> int:
    """One connection until it ends; its close code."""
    token = os.environ.get("FACEGATE_CLIENT_TOKEN")
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    async with connect(options.url, additional_headers=headers, max_size=2**20) as socket:
        try:
            for picture in pictures:
                image = base64.b64encode(picture).decode()
                await socket.send(json.dumps({"user_name": options.user_name, "image": image}))
                obey(json.loads(await socket.recv()), options)
                await asyncio.sleep(options.every_s)
        except ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd else 1006
    return 1000


def main() -> None:
    """Connects, and connects again, later each time, when the connection is lost."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("user_name")
    parser.add_argument("--url", default="ws://127.0.0.1:8000/ws")
    parser.add_argument("--pictures", nargs="+", type=Path)
    parser.add_argument("--camera", type=int, default=0)
    parser.add_argument("--every-s", type=float, default=1.0)
    parser.add_argument("--on-lock")
    parser.add_argument("--on-sign-out")
    options = parser.parse_args()
    if options.pictures:
        pictures = iter([path.read_bytes() for path in options.pictures])
    else:
        pictures = camera_pictures(options.camera)
    attempt = 0
    while True:
        started_s = time.monotonic()
        try:
            code = asyncio.run(watch(pictures, options))
        except OSError as error:
            code = 1006
            print(f"no connection: {error}", flush=True)
        if code in (1000, NOT_LET_IN):
            raise SystemExit(0 if code == 1000 else "the server does not let this user in")
        attempt = 0 if time.monotonic() - started_s > GREATEST_BACKOFF_S else attempt + 1
        backoff_s = 30.0 if code == SERVER_FULL else min(GREATEST_BACKOFF_S, 2.0**attempt)
        time.sleep(backoff_s * random.uniform(0.5, 1.0))


if __name__ == "__main__":
    main()
