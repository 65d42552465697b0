"""What generated requests are counted and looked at for, besides what Schemathesis looks at."""

import atexit
import collections
import json
import os
import re

import schemathesis

COUNTS = collections.Counter()
# How serde and the standard library speak of types.
OF_RUST = re.compile(
    r"\b(struct|enum|tuple|u8|u16|u32|u64|i32|i64|f64|usize|unit variant|newtype|Option|internally tagged|"
    r"invalid type|invalid value|untagged)\b"
)


@schemathesis.hook
def after_call(context, case, response):
    COUNTS[str(response.status_code)] += 1


@schemathesis.check
def no_word_of_rust(ctx, response, case):
    """Problems are in the words of the API. What was sent is repeated in quotes, and left out."""
    if response.status_code < 400:
        return
    problem = json.loads(response.content)
    told = [problem.get("detail", "")] + [error["reason"] for error in problem.get("errors", [])]
    for text in told:
        plain = re.sub(r"`[^`]*`|\"[^\"]*\"", "", text)
        found = OF_RUST.search(plain)
        # A field may be called anything.
        if found and found.group() not in json.dumps(case.body, default=str) + str(case.query):
            raise AssertionError(f"it speaks of `{found.group()}`: {text}")


@atexit.register
def tell():
    with open(os.environ["CARILLON_COUNTS"], "w", encoding="utf-8") as file:
        json.dump(COUNTS, file)
