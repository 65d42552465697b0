"""What ElevenLabs tells of calls, signed as its package takes it."""

import base64
import hashlib
import hmac
import json
import time

from elevenlabs import ElevenLabs
from elevenlabs.types import GetConversationResponseModel

from official.trial import Webhook, takes

SECRET, OLD_SECRET = "wsec_7d1f0e5c2b9a4836", "wsec_before_0123456789"
INITIATION_SECRET = "asked-by-elevenlabs"
SECRETS = {
    "api_key": "xi-key",
    "webhook_secrets": [SECRET, OLD_SECRET],
    "initiation_secret": INITIATION_SECRET,
}
HEADER = "ElevenLabs-Signature"
MINUTE_SECS = 60
NO_LIMIT_AHEAD = "the package has no limit ahead"


def opt_out(number):
    """A caller asks for no more calls, in words beyond ASCII."""
    now = int(time.time())
    conversation = GetConversationResponseModel(
        agent_id="agent_1",
        conversation_id=f"conv_{number[1:]}",
        status="done",
        transcript=[
            {"role": "agent", "message": "Grüß Gott, hier ist die Praxis.", "time_in_call_secs": 0},
            {"role": "user", "message": "Bitte nie wieder – 你好 ☎", "time_in_call_secs": 4},
        ],
        metadata={
            "start_time_unix_secs": now - 9,
            "call_duration_secs": 9,
            "phone_call": {
                "type": "twilio",
                "direction": "inbound",
                "phone_number_id": "phnum_1",
                "agent_number": "+442079460999",
                "external_number": number,
                "stream_sid": "MZ1",
                "call_sid": f"CA{number[1:]}",
            },
        },
        analysis={
            "call_successful": "success",
            "transcript_summary": "No more calls.",
            "data_collection_results": {
                "do_not_call": {"data_collection_id": "do_not_call", "value": True, "rationale": "They said so."}
            },
        },
        has_audio=False,
        has_user_audio=False,
        has_response_audio=False,
        has_auxiliary_audio=False,
    )
    data = conversation.model_dump(mode="json", exclude_unset=True)
    event = {"type": "post_call_transcription", "event_timestamp": now, "data": data}
    return json.dumps(event, ensure_ascii=False).encode()


def digest(body, at, secret):
    return hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()


def signed(body, at=None, secret=SECRET):
    at = int(time.time()) if at is None else at
    return f"t={at},v0={digest(body, at, secret)}"


def webhooks(trial):
    """Each is an opt-out of another number."""
    package = ElevenLabs(api_key="none").webhooks

    def webhook(name, is_accepted, header, sent=lambda body: body, secret=SECRET, **more):
        number = trial.number()
        body = opt_out(number)
        value, body = header(body), sent(body)
        headers = {"Content-Type": "application/json"} | ({} if value is None else {HEADER: value})
        own = takes(lambda: package.construct_event(body.decode(), value, secret))
        return Webhook(name, body, headers, is_accepted, own, lists=number, **more)

    def accepted(name, header=signed, **more):
        return webhook(name, True, header, **more)

    def refused(name, header=signed, **more):
        return webhook(name, False, header, **more)

    def at(secs):
        return lambda body: signed(body, int(time.time()) + secs)

    def reordered(body):
        return ",".join(reversed(signed(body).split(",")))

    def upper_case(body):
        time_part, digest_part = signed(body).split("v0=")
        return f"{time_part}v0={digest_part.upper()}"

    def other_time(body):
        now = int(time.time())
        return f"t={now},v0={digest(body, now - 1, SECRET)}"

    none = "0" * 64
    return [
        accepted("as it is signed"),
        accepted("in chunks", is_chunked=True),
        accepted("the time behind the signature", reordered),
        accepted("29 minutes old", at(-29 * MINUTE_SECS)),
        accepted("4 minutes ahead", at(4 * MINUTE_SECS)),
        accepted("two signatures, the last one right", lambda body: signed(body).replace(",", f",v0={none},")),
        accepted("a signature of another scheme besides", lambda body: f"{signed(body)},v1={none}"),
        accepted("the secret before", lambda body: signed(body, secret=OLD_SECRET), secret=OLD_SECRET),
        refused("no signature", lambda body: None),
        refused("an empty signature", lambda body: ""),
        refused("one blank more", sent=lambda body: body + b" "),
        refused("written anew", sent=lambda body: json.dumps(json.loads(body)).encode()),
        refused("another number", sent=lambda body: body.replace(b"+4930", b"+4931")),
        refused("in base 64, as a gateway has it", sent=base64.b64encode),
        refused("another secret", lambda body: signed(body, secret="wsec_other")),
        refused("the empty secret", lambda body: signed(body, secret="")),
        refused("31 minutes old", at(-31 * MINUTE_SECS)),
        refused("6 minutes ahead", at(6 * MINUTE_SECS), differs=NO_LIMIT_AHEAD),
        refused("a day ahead", at(24 * 60 * MINUTE_SECS), differs=NO_LIMIT_AHEAD),
        refused("a time that is no number", lambda body: f"t=abc,v0={digest(body, 'abc', SECRET)}"),
        refused("no time", lambda body: signed(body).split(",")[1]),
        refused("another time than the one signed", other_time),
        refused("two signatures, the last one wrong", lambda body: f"{signed(body)},v0={none}"),
        refused("hex in capitals", upper_case),
        refused("a blank behind the comma", lambda body: signed(body).replace(",", ", ")),
        refused("another scheme", lambda body: signed(body).replace("v0=", "v1=")),
        refused("Twilio's scheme", lambda body: base64.b64encode(hashlib.sha1(body).digest()).decode()),
    ]


def elsewhere(trial, paths):
    """Sent rightly signed to addresses of which the secret is not known."""
    bodies = [opt_out(trial.number()) for _ in paths]
    return [
        Webhook(f"to {path}", body, {HEADER: signed(body)}, False, path=path) for path, body in zip(paths, bodies)
    ]


def questions():
    """What a call that comes in begins with; a header says who asks."""
    body = b'{"caller_id": "+493023125999", "agent_id": "agent_1", "called_number": "+442079460999", "call_sid": "CA1"}'
    given = {"no secret": {}, "another secret": {"X-Carillon-Secret": "another"}}
    given["an empty secret"] = {"X-Carillon-Secret": ""}
    refused = [Webhook(name, body, headers, False) for name, headers in given.items()]
    return [Webhook("the secret", body, {"X-Carillon-Secret": INITIATION_SECRET}, True), *refused]
