"""An endpoint of a customer's: what we send is verified by the packages of Standard Webhooks and of Svix."""

import contextlib
import http.server
import json
import queue
import threading

import standardwebhooks
import svix.webhooks

# How long a delivery may take, in seconds; a second try comes after five.
PATIENCE_SECS = 15
PACKAGES = (standardwebhooks.Webhook, svix.webhooks.Webhook)


class Endpoint(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        is_first = self.headers["webhook-id"] not in self.server.ids
        self.server.ids.add(self.headers["webhook-id"])
        self.server.received.put((body, dict(self.headers)))
        self.send_response(500 if is_first and self.server.refuses_first else 204)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def listening():
    """A server on this machine; while it `refuses_first`, it fails the first try of each delivery."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Endpoint) as server:
        server.received, server.ids, server.refuses_first = queue.Queue(), set(), False
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def verifies(package, secret, body, headers):
    try:
        package(secret).verify(body, headers)
        return True
    except standardwebhooks.WebhookVerificationError:
        return False


def check(trial, name, received, secrets, strangers):
    """Both packages take it under each of the secrets, and under no other; nor if anything of it is changed."""
    body, headers = received
    other_time = str(int(headers["webhook-timestamp"]) + 1)
    for package in PACKAGES:
        named = f"{name}, {package.__module__.split('.')[0]}"
        for secret in secrets:
            trial.expect(verifies(package, secret, body, headers), f"{named}: it is refused")
            for changed in (
                (body + b" ", headers),
                (body, headers | {"webhook-id": "dlv_other"}),
                (body, headers | {"webhook-timestamp": other_time}),
            ):
                trial.expect(not verifies(package, secret, *changed), f"{named}: it is taken though it was changed")
        for stranger in strangers:
            trial.expect(not verifies(package, stranger, body, headers), f"{named}: another secret fits")
    return json.loads(body)


def run(trial):
    api = trial.system.api
    with listening() as server:

        def received(is_sought):
            try:
                while True:
                    body, headers = server.received.get(timeout=PATIENCE_SECS)
                    if is_sought(body, headers):
                        return body, headers
            except queue.Empty:
                raise SystemExit("a delivery did not come") from None

        def test():
            delivery = api.send("POST", f"/webhook-endpoints/{endpoint['id']}/test")["id"]
            return lambda _, headers: headers["webhook-id"] == delivery

        url = f"http://127.0.0.1:{server.server_port}/hooks"
        endpoint = api.send("POST", "/webhook-endpoints", {"url": url})
        first = endpoint["secret"]
        other = api.send("POST", "/webhook-endpoints", {"url": url, "event_types": ["campaign.started"]})["secret"]

        server.refuses_first = True
        is_it = test()
        tries = [received(is_it), received(is_it)]
        server.refuses_first = False
        for attempt in tries:
            check(trial, "a try", attempt, [first], [other])
        times = [int(headers["webhook-timestamp"]) for _, headers in tries]
        trial.expect(times[0] < times[1], "the second try has the time of the first")

        second = api.send("POST", f"/webhook-endpoints/{endpoint['id']}/rotate-secret")["secret"]
        trial.expect(second != first, "the secret is the same")
        check(trial, "after one rotation", received(test()), [first, second], [other])
        third = api.send("POST", f"/webhook-endpoints/{endpoint['id']}/rotate-secret")["secret"]
        check(trial, "after two rotations", received(test()), [first, second, third], [other])

        # By now it hears of events for sure.
        campaign = {"name": "Grüße – 你好 ☎", "assistant_id": trial.system.said["assistant"]}
        campaign = api.send("POST", "/campaigns", campaign)
        told = received(lambda body, _: campaign["id"].encode() in body)
        event = check(trial, "an event", told, [first, second, third], [other])
        trial.expect(campaign["name"] in json.dumps(event, ensure_ascii=False), "the event does not name the campaign")
