"""`advisord send-test` as an operator runs it."""
from __future__ import annotations

import email
import json
import shutil
import threading
from email import policy
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from standardwebhooks.webhooks import Webhook

from advisord.cli.main import main

GOOD = Path(__file__).parents[1] / "config" / "good"
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A sound configuration to change."""
    path = tmp_path / "config"
    shutil.copytree(GOOD, path)
    return path


def send_test(folder: Path, *words: str) -> Result:
    """The command on that configuration."""
    return CliRunner().invoke(main, ["send-test", *words, "--config", str(folder)], env={"HOOK_SECRET": SECRET})


def channels(folder: Path, row: str) -> None:
    """Replace the channels by one of this test and those that the rules need."""
    file = folder / "channels.yaml"
    kept = [line for line in file.read_text(encoding="utf-8").splitlines() if "id: tried" not in line]
    file.write_text("\n".join([*kept, f"  - {row}", ""]), encoding="utf-8")


def test_mail_in_a_folder(folder: Path, tmp_path: Path) -> None:
    """I see that the channel works, and the mail says that it is a test and goes to the address I gave."""
    channels(folder, f"{{id: tried, kind: file, audience: desk, folder: {tmp_path}/mails}}")
    result = send_test(folder, "tried", "--to", "me@example.org")
    (file,) = (tmp_path / "mails").iterdir()
    assert result.output == f"tried: accepted: written to '{file.name}'\n"
    assert result.exit_code == 0
    mail = email.message_from_bytes(file.read_bytes(), policy=policy.default)
    assert (mail["To"], mail["Subject"][:6]) == ("me@example.org", "[TEST]")


def test_webhook(folder: Path) -> None:
    """A receiver gets a signed message of the kind that tells about advisord itself."""
    taken: list[tuple[dict[str, str], bytes]] = []

    class Hook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            taken.append((dict(self.headers), self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            del format, args

    with HTTPServer(("127.0.0.1", 0), Hook) as server:
        answering = threading.Thread(target=server.handle_request)
        answering.start()
        url = f"http://127.0.0.1:{server.server_port}/"
        channels(folder, f'{{id: tried, kind: webhook, audience: system, url: "{url}", secret_env: HOOK_SECRET, '
                         "allow_private: true}")
        result = send_test(folder, "tried")
        answering.join(10)
    assert (result.output, result.exit_code) == ("tried: accepted: HTTP 204\n", 0)
    ((headers, body),) = taken
    assert Webhook(SECRET).verify(body, headers)["type"] == json.loads(body)["type"] == "desk.health"


def test_nobody_answers(folder: Path) -> None:
    """A channel that doesn't work says why, and the exit status says so to scripts."""
    channels(folder, "{id: tried, kind: smtp, audience: desk, host: 127.0.0.1, port: 1, tls: none, "
                     "from: a@example.org}")
    result = send_test(folder, "tried", "--to", "me@example.org")
    assert result.output.startswith("tried: not accepted, would be tried again: connecting: ")
    assert result.exit_code == 1


def test_unknown_channel(folder: Path) -> None:
    """A channel that isn't there is answered with those that are."""
    result = send_test(folder, "emial")
    assert "no channel 'emial' in channels.yaml; there are: " in result.output
    assert result.exit_code == 2
