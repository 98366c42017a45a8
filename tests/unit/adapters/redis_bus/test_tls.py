"""Redis over TLS, with the certificates that the system trusts."""

import asyncio
import shutil
import subprocess
from pathlib import Path

import pytest
from tests.contracts.command_buses import TestLink
from tests.unit.adapters.redis_bus.redis_process import RedisProcess, redis_process, two_processes

from facegate.domain.errors import BusFailed
from facegate.domain.terminals.commands import make_command


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    path = tmp_path / "certificate.pem"
    words = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    words += ["-days", "1", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    words += ["-keyout", str(tmp_path / "key.pem"), "-out", str(path)]
    subprocess.run(words, check=True, capture_output=True)
    return path


def start_with_tls(server: RedisProcess, certificate: Path) -> None:
    key = certificate.with_name("key.pem")
    words = ["--tls-port", str(server.tls_port), "--tls-cert-file", str(certificate)]
    words += ["--tls-key-file", str(key), "--tls-ca-cert-file", str(certificate), "--tls-auth-clients", "no"]
    server.start(words)


def test_a_trusted_certificate_is_enough(
    tmp_path: Path, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with redis_process(tmp_path) as server:
        start_with_tls(server, certificate)

        async def scenario() -> None:
            async with two_processes(server.tls_options) as (here, there):
                await here.bus.attach(TestLink("A1"))
                assert (await there.bus.call("A1", make_command("gettime")))["result"] is True

        asyncio.run(scenario())


def test_a_certificate_that_nobody_vouches_for_is_refused(tmp_path: Path, certificate: Path) -> None:
    with redis_process(tmp_path) as server:
        start_with_tls(server, certificate)

        async def scenario() -> None:
            async with two_processes(server.tls_options) as (here, _):
                with pytest.raises(BusFailed):
                    await here.bus.connected()

        asyncio.run(scenario())
