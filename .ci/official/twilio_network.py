"""What the simulated network does as Twilio, as the package of Twilio asks and reads it; the agent is registered by the package of
ElevenLabs."""

import contextlib
import http.server
import json
import queue
import threading
import time
import urllib.parse

import elevenlabs
import twilio.base.exceptions
import twilio.http.http_client
import twilio.request_validator
import twilio.rest

# Our number there, and people of the table of numbers: one talks, one is busy, one is a machine.
OURS = "+442079460998"
TALKS, BUSY, MACHINE = "+442079460001", "+442079460002", "+442079460004"
# How long what is told of a call may take, in seconds.
PATIENCE_SECS = 60


class Elsewhere(twilio.http.http_client.TwilioHttpClient):
    """Twilio's package, sent to another address."""

    def __init__(self, base_url):
        super().__init__()
        self.base_url = base_url

    def request(self, method, url, *args, **kwargs):
        return super().request(method, url.replace("https://api.twilio.com", self.base_url), *args, **kwargs)


class Told(http.server.BaseHTTPRequestHandler):
    """Whom Twilio turns to."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        form = dict(urllib.parse.parse_qsl(body, keep_blank_values=True))
        url = f"{self.server.url}{self.path}"
        signature = self.headers["X-Twilio-Signature"]
        if not self.server.validator.validate(url, form, signature):
            self.server.faults.append(f"{self.path} is not signed as the package has it")
        answer = self.server.answer(form) if self.path == "/answer" else "<Response/>"
        self.send_response(200)
        self.send_header("Content-Type", "text/xml")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer.encode())
        self.server.told.put((self.path, form))

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def listening(token, answer):
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Told) as server:
        server.url = f"http://127.0.0.1:{server.server_port}"
        server.validator = twilio.request_validator.RequestValidator(token)
        server.told, server.faults, server.answer = queue.Queue(), [], answer
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def run(system):
    """The faults that were found, and how many calls were made."""
    secrets = json.loads((system.data / "secrets.json").read_text(encoding="utf-8"))
    secret = lambda provider: next(value for name, value in secrets.items() if name.endswith(f"/{provider}/api_key"))
    account, token = secret("twilio").split(":")
    base_url = system.said["network"].split(" ")[0]
    client = twilio.rest.Client(account, token, http_client=Elsewhere(base_url))
    agents = elevenlabs.ElevenLabs(api_key=secret("elevenlabs"), base_url=base_url).conversational_ai

    def registered(form):
        return agents.twilio.register_call(
            agent_id="agent_ci", from_number=OURS, to_number=form["To"], direction="outbound"
        )

    with listening(token, registered) as server:
        sids = {to: place(client, server, to).sid for to in (TALKS, BUSY, MACHINE)}
        ended = heard(server, set(sids.values()), client)
        faults = server.faults
    for to, status in ((TALKS, "completed"), (BUSY, "busy"), (MACHINE, "completed")):
        listed = client.calls.list(to=to, from_=OURS, limit=10)
        if [call.sid for call in listed] != [sids[to]] or listed[0].status != status:
            faults.append(f"{to}: the list has {[(call.sid, call.status) for call in listed]}")
        if ended.get(sids[to], {}).get("CallStatus") != status:
            faults.append(f"{to}: it was told that {ended.get(sids[to])}")
    for faulty in refusals(client, account, base_url):
        faults.append(f"{faulty} is not what a refusal is read as")
    conversations = [one for one in agents.conversations.list().conversations if one.agent_id == "agent_ci"]
    if len(conversations) != 2:
        faults.append(f"there were {len(conversations)} conversations")
    return faults, len(sids)


def place(client, server, to):
    return client.calls.create(
        to=to,
        from_=OURS,
        url=f"{server.url}/answer",
        status_callback=f"{server.url}/status",
        machine_detection="Enable",
        async_amd="true",
        async_amd_status_callback=f"{server.url}/machine",
    )


def heard(server, sids, client):
    """How each of these calls ended; what a machine answers is hung up on."""
    ended, until = {}, time.monotonic() + PATIENCE_SECS
    while set(ended) != sids and time.monotonic() < until:
        with contextlib.suppress(queue.Empty):
            path, form = server.told.get(timeout=1)
            if path == "/status":
                ended[form["CallSid"]] = form
            elif path == "/machine" and form["AnsweredBy"].startswith("machine"):
                client.calls(form["CallSid"]).update(status="completed")
    return ended


def refusals(client, account, base_url):
    """What should be refused with these statuses and codes, and is not."""
    stranger = twilio.rest.Client(account, "another", http_client=Elsewhere(base_url))
    url = "http://127.0.0.1:9/answer"
    for name, status, code, ask in (
        ("another's token", 401, 20003, lambda: stranger.calls("CA" + "0" * 32).fetch()),
        ("no such call", 404, 20404, lambda: client.calls("CA" + "0" * 32).update(status="completed")),
        ("no number", 400, 21211, lambda: client.calls.create(to="nobody", from_=OURS, url=url)),
    ):
        try:
            ask()
        except twilio.base.exceptions.TwilioRestException as error:
            if (error.status, error.code) == (status, code):
                continue
        yield name
