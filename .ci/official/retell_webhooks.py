"""What Retell tells and asks, signed by its package."""

import base64
import json
import time

from retell import Retell
from retell.lib.webhook_auth import symmetric
from retell.types import PhoneCallResponse

from official.trial import Webhook, takes

KEY, OLD_KEY = "key_4b1d7f0a96c35e28", "key_before_0123456789"
SECRETS = {"api_key": KEY, "webhook_secrets": [KEY, OLD_KEY], "initiation_secret": KEY}
HEADER = "x-retell-signature"
SECOND_MS = 1000


def opt_out(number):
    """A caller asks for no more calls, in words beyond ASCII."""
    now = int(time.time() * SECOND_MS)
    call = PhoneCallResponse(
        agent_id="agent_1",
        agent_version=1,
        call_id=f"call_{number[1:]}",
        call_status="ended",
        call_type="phone_call",
        direction="inbound",
        from_number=number,
        to_number="+442079460999",
        start_timestamp=now - 9 * SECOND_MS,
        end_timestamp=now,
        duration_ms=9 * SECOND_MS,
        disconnection_reason="user_requested_dnc",
        transcript_object=[{"role": "user", "content": "Bitte nie wieder – 你好 ☎", "words": []}],
        call_analysis={"call_successful": True, "custom_analysis_data": {"do_not_call": True}},
    )
    return event("call_analyzed", call=call.to_dict(mode="json"))


def question(number):
    """What a call that comes in begins with."""
    call = {"agent_id": "agent_1", "from_number": number, "to_number": "+442079460999"}
    return event("call_inbound", call_inbound=call)


def event(name, **content):
    return json.dumps({"event": name, **content}, ensure_ascii=False).encode()


def signed(body, after_ms=0, key=KEY):
    return symmetric["sign"](body.decode(), key, int(time.time() * SECOND_MS) + after_ms)


def webhooks(trial):
    """Each is an opt-out of another number."""
    return [
        *(webhook(trial, True, *case) for case in accepted()),
        *(webhook(trial, False, *case) for case in refused()),
        webhook(trial, True, "in chunks", signed, is_chunked=True),
        webhook(trial, True, "the key before", lambda body: signed(body, key=OLD_KEY), key=OLD_KEY),
    ]


def questions(trial):
    """Questions are signed as events are."""
    cases = [*((True, *case) for case in accepted()), *((False, *case) for case in refused())]
    return [webhook(trial, *case, make=question, lists=None) for case in cases]


def webhook(trial, is_accepted, name, header, sent=lambda body: body, key=KEY, make=opt_out, **more):
    number = trial.number()
    body = make(number)
    value, body = header(body), sent(body)
    headers = {"Content-Type": "application/json"} | ({} if value is None else {HEADER: value})
    own = takes(lambda: Retell(api_key=key).verify(body.decode(), api_key=key, signature=value))
    return Webhook(name, body, headers, is_accepted, own, **{"lists": number, **more})


def accepted():
    return [
        ("as it is signed", signed),
        ("4 minutes old", lambda body: signed(body, -240 * SECOND_MS)),
        ("4 minutes ahead", lambda body: signed(body, 240 * SECOND_MS)),
    ]


def refused():
    def upper_case(body):
        time_part, digest_part = signed(body).split("d=")
        return f"{time_part}d={digest_part.upper()}"

    def other_time(body):
        digest_part = signed(body, -SECOND_MS).split(",")[1]
        return f"v={int(time.time() * SECOND_MS)},{digest_part}"

    none = "0" * 64
    return [
        ("no signature", lambda body: None),
        ("an empty signature", lambda body: ""),
        ("one blank more", signed, lambda body: body + b" "),
        ("written anew", signed, lambda body: json.dumps(json.loads(body), indent=1).encode()),
        ("another number", signed, lambda body: body.replace(b"+4930", b"+4931")),
        ("in base 64, as a gateway has it", signed, base64.b64encode),
        ("another key", lambda body: signed(body, key="key_other")),
        ("the empty key", lambda body: signed(body, key="")),
        ("6 minutes old", lambda body: signed(body, -360 * SECOND_MS)),
        ("6 minutes ahead", lambda body: signed(body, 360 * SECOND_MS)),
        ("a time that is no number", lambda body: symmetric["sign"](body.decode(), KEY, "abc")),
        ("a time in seconds", lambda body: symmetric["sign"](body.decode(), KEY, int(time.time()))),
        ("another time than the one signed", other_time),
        ("no time", lambda body: signed(body).split(",")[1]),
        ("two signatures, the last one wrong", lambda body: f"{signed(body)},d={none}"),
        ("two signatures, the last one right", lambda body: signed(body).replace(",", f",d={none},")),
        ("hex in capitals", upper_case),
        ("a blank behind the comma", lambda body: signed(body).replace(",", ", ")),
        ("the scheme of ElevenLabs", lambda body: signed(body).replace("v=", "t=").replace("d=", "v0=")),
    ]


def of_nobody(trial):
    """Rightly signed, for a workspace that has no keys of Retell any more."""
    number = trial.number()
    body = opt_out(number)
    return [Webhook("after the keys were removed", body, {HEADER: signed(body)}, False, lists=number)]
