"""What Twilio tells of texts, signed by its package."""

import base64
import json
import urllib.parse
import xml.etree.ElementTree as xml

from multidict import MultiDict
from twilio.request_validator import HMAC_SHA256, RequestValidator, get_signature_algorithm
from twilio.twiml.messaging_response import MessagingResponse

from official.trial import Webhook, takes

TOKEN, OLD_TOKEN = "2f8c41b7d95e06a3c1f4b8e27d6a9053", "before_0123456789"
SECRETS = {"api_key": f"AC{'0' * 32}:{TOKEN}", "webhook_secrets": [TOKEN, OLD_TOKEN]}
HEADER = "X-Twilio-Signature"
SETTINGS_HEADER = "X-Twilio-Webhooks-Signature-Settings"
# What the address of a status names.
ATTEMPT = "att_01KC9Q4M7R3T5V8X0Y2Z4A6B8C"
LEAD = "lead_01KC9Q4M7R3T5V8X0Y2Z4A6B8C0000000000000000"
SETTINGS = "key=webhooks_sharedkey_1,algorithm=HMAC_SHA256"


def opt_out(number, to="+442079460999"):
    """Somebody texts STOP, with fields that are blank, that come twice, and words beyond ASCII."""
    return [
        ("ToCountry", "GB"),
        ("FromCity", ""),
        ("FromState", "Thüringen"),
        ("NumMedia", "0"),
        ("Tag", "b"),
        ("Tag", "a"),
        ("Body", "STOP"),
        ("MessageSid", f"SM{number[1:]:0>32}"),
        ("AccountSid", f"AC{'0' * 32}"),
        ("From", number),
        ("To", to),
        ("ApiVersion", "2010-04-01"),
    ]


class Signer:
    """Signs forms that go to one address."""

    def __init__(self, url):
        self.url = url

    def sign(self, form, token=TOKEN, url=None, algorithm=None):
        return RequestValidator(token).compute_signature(url or self.url, MultiDict(form), algorithm)

    def takes(self, body, headers, token):
        algorithm = get_signature_algorithm(headers.get(SETTINGS_HEADER))
        form = MultiDict(urllib.parse.parse_qsl(body.decode(), keep_blank_values=True))
        return takes(lambda: RequestValidator(token).validate(self.url, form, headers[HEADER], algorithm))


def encoded(form):
    return urllib.parse.urlencode(form).encode()


def webhooks(trial, url):
    """Each is an opt-out of another number."""
    signer = Signer(url)

    def webhook(name, is_accepted, sign=signer.sign, sent=encoded, token=TOKEN, settings=None, **more):
        number = trial.number()
        form = opt_out(number)
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        value, body = sign(form), sent(form)
        headers |= ({} if value is None else {HEADER: value}) | ({SETTINGS_HEADER: settings} if settings else {})
        own = signer.takes(body, headers, token)
        return Webhook(name, body, headers, is_accepted, own, lists=number, **more)

    def accepted(name, *case, **more):
        return webhook(name, True, *case, **more)

    def refused(name, *case, **more):
        return webhook(name, False, *case, **more)

    def without(name):
        return lambda form: encoded([field for field in form if field[0] != name])

    def by_sha256(form):
        return signer.sign(form, algorithm=HMAC_SHA256)

    def changed(form):
        return encoded([(name, f"{value} " if name == "Body" else value) for name, value in form])

    def hexed(form):
        return base64.b64decode(signer.sign(form)).hex()

    host = urllib.parse.urlsplit(url).netloc
    return [
        accepted("as it is signed"),
        accepted("in chunks", is_chunked=True),
        accepted("fields in another order", signer.sign, lambda form: encoded(form[::-1])),
        accepted("blanks as %20", signer.sign, lambda form: encoded(form).replace(b"+", b"%20")),
        accepted("the token before", lambda form: signer.sign(form, OLD_TOKEN), token=OLD_TOKEN),
        accepted("a shared key, by SHA-256", by_sha256, settings=SETTINGS),
        accepted("a shared key, in small letters", by_sha256, settings=SETTINGS.lower()),
        accepted("settings that name SHA-1", settings="key=webhooks_sharedkey_1,algorithm=HMAC_SHA1"),
        refused("no signature", lambda form: None),
        refused("an empty signature", lambda form: ""),
        refused("one blank more", signer.sign, changed),
        refused("a blank field left out", signer.sign, without("FromCity")),
        refused("a field more", signer.sign, lambda form: encoded([*form, ("OptOutType", "STOP")])),
        refused("as JSON", signer.sign, lambda form: json.dumps(dict(form)).encode()),
        refused("in base 64, as a gateway has it", signer.sign, lambda form: base64.b64encode(encoded(form))),
        refused("another token", lambda form: signer.sign(form, "other")),
        refused("the empty token", lambda form: signer.sign(form, "")),
        refused("signed for another host", lambda form: signer.sign(form, url=url.replace(host, "evil.example"))),
        refused("signed for https", lambda form: signer.sign(form, url=url.replace("http:", "https:"))),
        refused("signed with a slash at the end", lambda form: signer.sign(form, url=f"{url}/")),
        refused("signed with a query", lambda form: signer.sign(form, url=f"{url}?a=b")),
        refused("signed with the fragment", lambda form: signer.sign(form, url=f"{url}#rc=5&rp=all")),
        refused("SHA-256 without saying so", by_sha256),
        refused("SHA-1 where SHA-256 is named", settings=SETTINGS),
        refused("an algorithm that nobody has", settings="key=webhooks_sharedkey_1,algorithm=HMAC_MD5"),
        refused("in hex", hexed),
        refused("the scheme of ElevenLabs", lambda form: f"t=1,v0={hexed(form)}"),
    ]


def statuses(origin, path):
    """What became of a text that we never sent: what its address names is signed, too."""
    path = f"{path}?attempt={ATTEMPT}&lead={LEAD}"
    signer = Signer(origin + path)
    form = [("MessageSid", f"SM{'0' * 32}"), ("MessageStatus", "delivered"), ("To", "+493023125999")]
    headers = {"Content-Type": "application/x-www-form-urlencoded", HEADER: signer.sign(form)}

    def status(name, is_accepted, path=path, headers=headers):
        own = None if "signed" in name else signer.takes(encoded(form), headers, TOKEN)
        return Webhook(name, encoded(form), headers, is_accepted, own, path=path)

    return [
        status("a status", True),
        status("a status without a signature", False, headers={"Content-Type": headers["Content-Type"]}),
        status("a status of another attempt than the one signed", False, path.replace("att_0", "att_1")),
        status("a status with less in its address than was signed", False, path.split("&")[0]),
    ]


def answers_as_the_package(text):
    """Whether an answer is what the package writes of the same words."""
    response = MessagingResponse()
    for message in xml.fromstring(text).iter("Message"):
        response.message(message.text)
    return xml.canonicalize(text) == xml.canonicalize(str(response))
