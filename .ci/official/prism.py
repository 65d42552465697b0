"""Asks Prism, which holds requests to an OpenAPI document, what our adapters asked of Twilio."""

import contextlib
import pathlib
import socket
import subprocess
import time

import httpx

DOCUMENT = pathlib.Path(__file__).with_name("twilio.openapi.json")
# How long it may take to start, in seconds.
PATIENCE_SECS = 60


@contextlib.contextmanager
def listening(prism):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [prism, "mock", "--errors", "--host", "127.0.0.1", "--port", str(port), DOCUMENT]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        until = time.monotonic() + PATIENCE_SECS
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
                break
            if time.monotonic() > until or process.poll() is not None:
                raise SystemExit("Prism did not start")
            time.sleep(0.2)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait()


def run(prism, notes):
    """What Prism finds wrong with these requests, and how many it took."""
    faults, taken = [], 0
    with listening(prism) as url, httpx.Client(trust_env=False) as http:

        def ask(note, body):
            method, target = note["request"].split(" ", 1)
            headers = {"Authorization": note["key"], "Content-Type": "application/x-www-form-urlencoded"}
            return http.request(method, f"{url}{target}", content=body, headers=headers)

        for note in notes:
            answer = ask(note, note["body"])
            taken += answer.is_success
            if not answer.is_success:
                faults.append(f"Prism refuses {note['request']} {note['body']}: {answer.text}")
            if "To=" in note["body"] and ask(note, note["body"].replace("To=", "Two=")).is_success:
                faults.append("Prism takes what goes to nobody: it holds nothing to its document")
    return faults, taken
