"""The key of stored secrets is lost or another: the server starts, and what was sealed is entered again."""

from pathlib import Path

import pytest
from tests.bot_api.server import TOKEN
from tests.protocols.rest_v1.camera_server import PASSWORD, camera_server, new_source, until
from tests.protocols.rest_v1.test_alerts import TELEGRAM, add, of

from facegate.adapters.fernet_secrets import KEY_FILE_NAME


@pytest.mark.parametrize("damage", ["lost", "damaged"])
def test_the_server_starts_and_what_is_lost_is_entered_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, damage: str
) -> None:
    with camera_server(tmp_path) as before:
        first, second = before.add(), before.add()
        channel = add(before, TELEGRAM)
    key_path = tmp_path / KEY_FILE_NAME
    if damage == "lost":
        key_path.unlink()
    else:
        key_path.write_text("half a key")
    with camera_server(tmp_path) as server:
        cameras = server.ok(server.get("/cameras"))["cameras"]
        assert [(one["source"], one["is_enabled"]) for one in cameras] == [("", True), ("", True)]
        assert {one["status"]["state"] for one in cameras} == {"down"}
        assert {one["status"]["fault"] for one in cameras} == {"refused"}
        assert "enter it again" in cameras[0]["status"]["trouble"]
        assert server.post(f"/cameras/{first['camera_id']}/test").status_code == 422
        path, source = f"/cameras/{first['camera_id']}", new_source()
        renamed = server.ok(server.call("PATCH", path, {"nickname": "Yard"}))
        assert (renamed["nickname"], renamed["source"]) == ("Yard", "")
        shown = server.source.camera(source)
        assert "***" in server.ok(server.call("PATCH", path, {"source": source}))["source"]
        server.show(shown, "ann", until=lambda: server.status(first)["state"] == "live")
        assert server.call("DELETE", f"/cameras/{second['camera_id']}").status_code == 204

        lost = server.ok(server.get(of(channel)))
        assert (lost["has_lost_secrets"], lost["secrets"]) == (True, {})
        refused = server.post(f"{of(channel)}/test")
        assert refused.status_code == 502
        assert "enter them again" in refused.text
        mended = server.ok(server.call("PATCH", of(channel), {"secrets": {"token": TOKEN}}))
        assert not mended["has_lost_secrets"]
        server.ok(server.post(f"{of(channel)}/test"))
        until(lambda: bool(server.bot.sent))
    assert len([one for one in caplog.records if "addresses of some cameras" in one.getMessage()]) == 1
    assert PASSWORD not in caplog.text
    assert TOKEN not in caplog.text
