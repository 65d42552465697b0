"""What our adapters ask of providers, beside what the providers' own packages ask."""

import base64
import collections
import dataclasses
import datetime
import json
import re
import typing
import urllib.parse

import httpx
import pydantic
import retell
import twilio.http
import twilio.http.response
import twilio.rest
from elevenlabs import ElevenLabs
from retell.types import CallCreatePhoneCallParams, CallListParams

BASE = "http://provider.example"
# The operations that we use. Each must have been asked for.
OPERATIONS = {
    "elevenlabs": {
        "POST /v1/convai/twilio/outbound-call",
        "POST /v1/convai/sip-trunk/outbound-call",
        "POST /v1/convai/twilio/register-call",
        "GET /v1/convai/conversations",
        "GET /v1/convai/conversations/{id}",
        "GET /v1/convai/conversations/{id}/audio",
    },
    "retell": {"POST /v2/create-phone-call", "POST /v3/list-calls", "GET /v2/get-call/{id}"},
    "twilio": {
        "POST /2010-04-01/Accounts/{account}/Messages.json",
        "GET /2010-04-01/Accounts/{account}/Messages.json",
        "POST /2010-04-01/Accounts/{account}/Calls.json",
        "GET /2010-04-01/Accounts/{account}/Calls.json",
        "POST /2010-04-01/Accounts/{account}/Calls/{id}.json",
    },
}


@dataclasses.dataclass
class Request:
    method: str
    path: str
    query: dict
    # The header that says who asks.
    key: str
    # Of JSON, or of a form.
    body: dict

    @classmethod
    def of(cls, method, url, key, body):
        parts = urllib.parse.urlsplit(url)
        is_json = body.startswith("{")
        fields = json.loads(body) if is_json else dict(urllib.parse.parse_qsl(body, strict_parsing=bool(body)))
        return cls(method, parts.path, dict(urllib.parse.parse_qsl(parts.query)), key, fields)

    @property
    def operation(self):
        """Method and path, with the ids in it taken out."""
        path = re.sub(r"/(conversations|get-call)/[^/]+(/audio)?$", r"/\1/{id}\2", self.path)
        path = re.sub(r"/Calls/CA[0-9a-f]{32}\.json$", "/Calls/{id}.json", path)
        return f"{self.method} {re.sub('/AC[0-9a-f]{32}/', '/{account}/', path)}"


class Provider:
    """Takes what packages send, and answers with what they need to go on."""

    def __init__(self, key_header, answer):
        self.key_header, self.answer, self.asked = key_header, answer, []

    def take(self, request):
        key, body = request.headers[self.key_header], request.content.decode()
        self.asked.append(Request.of(request.method, str(request.url), key, body))
        return httpx.Response(200, json=self.answer)

    def http(self):
        return httpx.Client(transport=httpx.MockTransport(self.take))


class Twilio(twilio.http.HttpClient):
    """The same for Twilio's package, which has a transport of its own."""

    def __init__(self):
        self.is_async, self.asked = False, []

    def request(self, method, uri, params=None, data=None, auth=None, **_):
        key = base64.b64encode(":".join(auth).encode()).decode()
        # The package writes the day that it lists from as its first moment, where Twilio's pages have the day.
        query = {name: str(value).removesuffix("T00:00:00Z") for name, value in (params or {}).items()}
        url = f"{uri}?{urllib.parse.urlencode(query)}"
        self.asked.append(Request.of(method, url, f"Basic {key}", urllib.parse.urlencode(data or {}, doseq=True)))
        kind = "calls" if "/Calls" in uri else "messages"
        return twilio.http.response.Response(200, json.dumps({kind: [], "meta": {"key": kind}}))


def undeclared(value, place):
    """Fields that models of ElevenLabs do not have, and words that they do not list: they would send either."""
    if not isinstance(value, pydantic.BaseModel):
        return
    yield from (f"{place}.{name}" for name in value.model_extra or {})
    for name, field in type(value).model_fields.items():
        inner = getattr(value, name)
        kinds = [kind for kind in typing.get_args(field.annotation) if typing.get_origin(kind) is typing.Literal]
        if inner is not None and kinds and not any(inner in typing.get_args(kind) for kind in kinds):
            yield f"{place}.{name} {inner}"
        yield from undeclared(inner, f"{place}.{name}")


def typed(method, arguments):
    """Arguments as a method of ElevenLabs's package declares them; of a query all of them are texts."""
    kinds, values = typing.get_type_hints(method), {}
    for name, value in arguments.items():
        kind = pydantic.TypeAdapter(kinds[name])
        is_text = isinstance(value, str)
        values[name] = kind.validate_python(value) if is_text else kind.validate_json(json.dumps(value), strict=True)
        if unknown := list(undeclared(values[name], name)):
            raise ValueError(f"{unknown} are not declared")
    return values


def ask_elevenlabs(ours):
    provider = Provider("xi-api-key", {})
    client = ElevenLabs(api_key=ours.key, base_url=BASE, httpx_client=provider.http()).conversational_ai
    if ours.operation.endswith("/audio"):
        # Nothing is asked before the first piece is wanted.
        list(client.conversations.audio.get(ours.path.split("/")[-2]))
    elif ours.operation.endswith("{id}"):
        client.conversations.get(ours.path.rsplit("/", 1)[1])
    elif ours.method == "GET":
        client.conversations.list(**typed(client.conversations.list, ours.query))
    elif ours.path.endswith("/register-call"):
        client.twilio.register_call(**typed(client.twilio.register_call, ours.body))
    else:
        line = {"twilio": client.twilio, "sip-trunk": client.sip_trunk}[ours.path.split("/")[3]]
        line.outbound_call(**typed(line.outbound_call, ours.body))
    return provider.asked


def ask_retell(ours):
    provider = Provider("authorization", {"items": []})
    key = ours.key.removeprefix("Bearer ")
    client = retell.Retell(api_key=key, base_url=BASE, http_client=provider.http(), max_retries=0).call
    if ours.method == "GET":
        client.retrieve(ours.path.rsplit("/", 1)[1])
    elif ours.path.endswith("/list-calls"):
        client.list(**as_declared(CallListParams, ours.body))
    else:
        client.create_phone_call(**as_declared(CallCreatePhoneCallParams, ours.body))
    return provider.asked


def as_declared(form, body):
    """A body as Retell's package declares it: what it does not know is left out, and missed when they are compared."""
    kind = pydantic.TypeAdapter(form)
    return json.loads(kind.dump_json(kind.validate_json(json.dumps(body), strict=True)))


def ask_twilio(ours):
    provider = Twilio()
    user, password = base64.b64decode(ours.key.removeprefix("Basic ")).decode().split(":")
    account = ours.path.split("/")[3]
    client = twilio.rest.Client(user, password, account, http_client=provider)
    # `ValidityPeriod` is `validity_period`, and `From`, a word of Python's, `from_`.
    form = {re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower(): value for name, value in ours.body.items()}
    if "/Calls/" in ours.path:
        client.calls(ours.path.rsplit("/", 1)[1].removesuffix(".json")).update(**form)
    elif "/Calls" in ours.path and ours.method == "GET":
        client.calls.list(to=ours.query["To"], from_=ours.query["From"], page_size=int(ours.query["PageSize"]))
    elif "/Calls" in ours.path:
        # One of several is a list of one.
        form["status_callback_event"] = [form["status_callback_event"]]
        client.calls.create(from_=form.pop("from"), **form)
    elif ours.method == "GET":
        query = {"To": "to", "DateSent>": "date_sent_after", "PageSize": "page_size"}
        asked = {query[name]: value for name, value in ours.query.items()}
        after = datetime.date.fromisoformat(asked["date_sent_after"])
        client.messages.list(**asked | {"date_sent_after": after, "page_size": int(asked["page_size"])})
    else:
        client.messages.create(from_=form.pop("from"), **form)
    return provider.asked


ASK = {"elevenlabs": ask_elevenlabs, "retell": ask_retell, "twilio": ask_twilio}


def recorded(path):
    """Each request that our adapters made, as it was noted; none twice."""
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in sorted(set(file))]


def run(path):
    """What is wrong with the requests that were recorded, and how many there were of each operation."""
    faults, counts = [], collections.Counter()
    for note in recorded(path):
        provider, (method, target) = note["provider"], note["request"].split(" ", 1)
        ours = Request.of(method, f"{BASE}{target}", note["key"], note["body"])
        counts[provider, ours.operation] += 1
        try:
            theirs = ASK[provider](ours)
        except Exception as error:
            theirs = repr(error)
        if theirs != [ours]:
            faults.append(f"{provider}: we ask {ours}\n    and the package {theirs}")
    for provider, operations in OPERATIONS.items():
        counted = {operation for name, operation in counts if name == provider}
        for operation in operations ^ counted:
            word = "is not known" if operation in counted else "was never asked for"
            faults.append(f"{provider}: {operation} {word}")
    return faults, counts
