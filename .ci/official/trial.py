"""Webhooks to a local system: what is to be believed, and what is not."""

import dataclasses
import time
import urllib.error
import urllib.parse

import httpx

# How long what a webhook sets off may take, in seconds.
PATIENCE_SECS = 10
# How long nothing must be written after webhooks that were refused, in seconds.
QUIET_SECS = 1


@dataclasses.dataclass
class Webhook:
    """A webhook, and what our system and the provider's own package make of it."""

    name: str
    body: bytes
    headers: dict
    is_accepted: bool
    # Whether the package takes it; none where it is not a matter of the signature.
    package_takes: bool | None = None
    # Why we judge otherwise than the package.
    differs: str | None = None
    # Where it goes, if not to the provider's address.
    path: str | None = None
    is_chunked: bool = False
    # The number that is listed once it is believed.
    lists: str | None = None


def takes(verify):
    """Whether a package takes a webhook: one that it can't read, it refuses."""
    try:
        return verify() is not False
    except Exception:
        return False


class Trial:
    def __init__(self, system):
        self.system = system
        self.origin = urllib.parse.urlsplit(system.api.url)._replace(path="").geturl()
        self.faults, self.counts = [], {}
        self.http = httpx.Client(trust_env=False)
        self.numbers = iter(range(1000))

    def number(self):
        """A number that nobody has named before, of those that are kept free for fiction."""
        return f"+493023125{next(self.numbers):03}"

    def expect(self, is_so, what):
        if not is_so:
            self.faults.append(what)

    def send(self, webhook, path):
        # Of an iterator the length is not known: it goes in chunks.
        body = iter([webhook.body[:40], webhook.body[40:]]) if webhook.is_chunked else webhook.body
        return self.http.post(f"{self.origin}{webhook.path or path}", content=body, headers=webhook.headers)

    def is_listed(self, number):
        try:
            self.system.api.send("GET", f"/do-not-call/do_not_call/numbers/{urllib.parse.quote(number)}")
            return True
        except urllib.error.HTTPError as error:
            if error.code == 404:
                return False
            raise

    def run(self, provider, path, webhooks, is_right=lambda text: True):
        """Sends those first that are to be refused: nothing else may write meanwhile. An answer to the others is right
        as `is_right` has it.
        """
        accepted = [webhook for webhook in webhooks if webhook.is_accepted]
        refused = [webhook for webhook in webhooks if not webhook.is_accepted]
        before = self.settled()
        for webhook in refused:
            self.check_package(provider, webhook)
            answer = self.send(webhook, path)
            self.expect(answer.status_code == 401, f"{provider}, {webhook.name}: {answer.status_code} {answer.text}")
            self.expect(self.system.written() == before, f"{provider}, {webhook.name}: something was written")
        time.sleep(QUIET_SECS)
        self.expect(self.system.written() == before, f"{provider}: something was written after all")
        for webhook in accepted:
            self.check_package(provider, webhook)
            answer = self.send(webhook, path)
            self.expect(answer.status_code == 200, f"{provider}, {webhook.name}: {answer.status_code} {answer.text}")
            is_as_said = answer.status_code != 200 or is_right(answer.text)
            self.expect(is_as_said, f"{provider}, {webhook.name}: the answer is {answer.text}")
            if webhook.lists:
                is_listed = self.wait(lambda: self.is_listed(webhook.lists))
                self.expect(is_listed, f"{provider}, {webhook.name}: it was taken, and changed nothing")
        for webhook in refused:
            if webhook.lists:
                self.expect(not self.is_listed(webhook.lists), f"{provider}, {webhook.name}: it was honoured")
        self.counts[provider] = (len(accepted), len(refused))

    def check_package(self, provider, webhook):
        if webhook.package_takes is None:
            return
        agrees = webhook.package_takes == webhook.is_accepted
        said = "takes" if webhook.package_takes else "refuses"
        self.expect(agrees != bool(webhook.differs), f"{provider}, {webhook.name}: the package {said} it")

    def settled(self):
        """What is written, once nothing moves any more."""
        before = self.system.written()
        for _ in range(PATIENCE_SECS):
            time.sleep(QUIET_SECS)
            now = self.system.written()
            if now == before:
                return now
            before = now
        raise SystemExit("the system does not come to rest")

    def wait(self, is_so):
        until = time.monotonic() + PATIENCE_SECS
        while time.monotonic() < until:
            if is_so():
                return True
            time.sleep(0.1)
        return False
