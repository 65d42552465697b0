"""What the simulated network answers as Retell, as the package of Retell reads it."""

import json
import time

import retell

# Our number there, and people of the table of numbers: one is busy, one hangs up at once, one says goodbye first.
OURS = "+442079460998"
PEOPLE = {
    "+442079460002": ("not_connected", "dial_busy"),
    "+442079460005": ("ended", "user_hangup"),
    "+442079460025": ("ended", "user_hangup"),
}
# How long their calls may take, in seconds.
PATIENCE_SECS = 60


def run(system):
    """The faults that were found, and how many answers were read."""
    secrets = json.loads((system.data / "secrets.json").read_text(encoding="utf-8"))
    key = next(secret for name, secret in secrets.items() if name.endswith("/retell/api_key"))
    calls = client(system, key).call
    faults, ids = [], {}
    for number in PEOPLE:
        placed = calls.create_phone_call(
            from_number=OURS,
            to_number=number,
            override_agent_id="agent_ci",
            metadata={"attempt_id": f"ci {number}"},
            retell_llm_dynamic_variables={"name": "Grüße – 你好 ☎"},
            agent_override={"agent": {"language": "de-DE", "ring_duration_ms": 40_000}},
            idempotency_key=f"ci {number}",
        )
        if placed.call_status != "registered":
            faults.append(f"{number}: {placed.call_status}")
        ids[number] = placed.call_id
    seen = [ended(calls, call_id) for call_id in ids.values()]
    for (number, expected), call in zip(PEOPLE.items(), seen):
        if (call.call_status, call.disconnection_reason) != expected:
            faults.append(f"{number}: {call.call_status}, {call.disconnection_reason}")
        faults += [f"{number}: {path} is not in the package" for path in unknown(call, "call")]
        is_own = {"type": "string", "op": "eq", "key": "attempt_id", "value": f"ci {number}"}
        listed = calls.list(filter_criteria={"metadata": [is_own]}, limit=10)
        if [one.call_id for one in listed.items] != [call.call_id] or listed.has_more:
            faults.append(f"{number}: the list has {listed}")
    for error, ask in refusals(system, key, calls):
        if not raises(error, ask):
            faults.append(f"{error.__name__} is not what a refusal is read as")
    return faults, len(PEOPLE) * 3


def client(system, key):
    # Whatever is not as the package's models have it, is an error.
    options = {"max_retries": 0, "_strict_response_validation": True}
    return retell.Retell(api_key=key, base_url=system.said["network"].split(" ")[0], **options)


def ended(calls, call_id):
    """The call once it is over and analyzed."""
    until = time.monotonic() + PATIENCE_SECS
    while (call := calls.retrieve(call_id)).call_analysis is None and time.monotonic() < until:
        time.sleep(0.5)
    return call


def unknown(model, path):
    """Fields that the package's models do not have."""
    for name in model.model_extra or {}:
        yield f"{path}.{name}"
    for name in type(model).model_fields:
        value = getattr(model, name)
        for one in value if isinstance(value, list) else [value]:
            if hasattr(one, "model_extra"):
                yield from unknown(one, f"{path}.{name}")


def refusals(system, key, calls):
    to_nobody = {"from_number": OURS, "to_number": "nobody", "override_agent_id": "agent_ci"}
    return [
        (retell.AuthenticationError, lambda: client(system, f"{key}x").call.retrieve("call_1")),
        (retell.NotFoundError, lambda: calls.retrieve("call_1")),
        (retell.BadRequestError, lambda: calls.create_phone_call(**to_nobody)),
        (retell.RateLimitError, lambda: calls.create_phone_call(**{**to_nobody, "to_number": "+442079460009"})),
    ]


def raises(error, ask):
    try:
        ask()
    except error:
        return True
    except retell.APIError:
        return False
    return False
