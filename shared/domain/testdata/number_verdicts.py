#!/usr/bin/env python3
"""Writes number_verdicts.z: texts of many kinds, and what Google's rules make of each.

The oracle is the Python port of libphonenumber, at the release of numbering plans that rlibphonenumber has
(9.0.42, as its README says): pip install phonenumbers==9.0.42. The texts are drawn by a seed.

A line is kind, default country, text and verdict, with tabs between. The verdict is `-`, or a letter for the type
of the number, then how many digits of the text are left out, a colon, and what stands before the others.
"""

import random
import sys
import zlib

import phonenumbers as google
from phonenumbers import PhoneNumberFormat as Form, PhoneNumberType as Type

SEED = 20261129
PER_REGION = 840
TYPES = [Type.FIXED_LINE, Type.MOBILE, Type.FIXED_LINE_OR_MOBILE, Type.TOLL_FREE, Type.PREMIUM_RATE,
         Type.SHARED_COST, Type.VOIP, Type.PERSONAL_NUMBER, Type.PAGER, Type.UAN, Type.VOICEMAIL]
LETTERS = {kind: "fmFtpsvPguV"[place] for place, kind in enumerate(TYPES)}
SCRIPTS = ["٠١٢٣٤٥٦٧٨٩", "۰۱۲۳۴۵۶۷۸۹", "０１２３４５６７８９", "०१२३४५६७८९"]
SPACES = ["\u00a0", "\u2009", "\u3000", "\u202f", "\u200b", "\u2060", "\ufeff", "\u00ad", "  "]
DASHES = ["-", ".", "/", "\u2010", "\u2011", "\u2013", "\u2212", "\uff0d"]
WORDS = ["Tel. ", "tel:", "Phone: ", "(", "'"]

draw = random.Random(SEED)


def digits_of(number):
    return google.national_significant_number(number)


def drawn(region):
    """A number of the region that its plan may have: an example with other digits at its end."""
    examples = [google.example_number_for_type(region, kind) for kind in TYPES]
    example = draw.choice([one for one in examples if one] or [google.example_number(region)])
    national = digits_of(example)
    keep = draw.randrange(1, len(national))
    national = national[:keep] + "".join(draw.choice("0123456789") for _ in national[keep:])
    roll = draw.random()
    if roll < 0.08:
        national = national[:draw.randrange(1, len(national))]
    elif roll < 0.16:
        national += "".join(draw.choice("0123456789") for _ in range(draw.randrange(1, 6)))
    elif roll < 0.24:
        national = "".join(draw.choice("0123456789") for _ in range(draw.randrange(4, 13)))
    return national


def grouped(text, divider):
    cut = sorted(draw.sample(range(1, len(text)), min(len(text) - 1, draw.randrange(1, 4)))) if len(text) > 1 else []
    return divider.join(text[a:b] for a, b in zip([0, *cut], [*cut, len(text)]))


def text_of(region, kind):
    metadata = google.PhoneMetadata.metadata_for_region(region)
    code, national = str(metadata.country_code), drawn(region)
    trunk = metadata.national_prefix or ""
    plain = draw.choice(["+" + code + national, trunk + national])
    if kind == "i":  # international
        return "+" + code + national
    if kind == "n":  # national
        return national
    if kind == "t":  # with the trunk prefix
        return trunk + national
    if kind == "0":  # with 00
        return "00" + code + national
    if kind == "e":  # with the exit code of the region
        idd = metadata.preferred_international_prefix or metadata.international_prefix or "00"
        idd = idd if idd.replace("~", "").isdigit() else "00"
        other = draw.choice(REGIONS)
        return idd + str(google.country_code_for_region(other)) + drawn(other)
    if kind == "b":  # the bare country code
        return code + national
    if kind == "f":  # formatted by the library
        try:
            number = google.parse("+" + code + national, None)
        except google.NumberParseException:
            return "+" + code + national
        return google.format_number(number, draw.choice([Form.INTERNATIONAL, Form.NATIONAL, Form.RFC3966]))
    if kind == "g":  # grouped by people
        return grouped(plain, draw.choice(DASHES + [" "]))
    if kind == "s":  # with odd spaces and signs that show nothing
        return draw.choice(["", draw.choice(SPACES)]) + grouped(plain, draw.choice(SPACES)) + draw.choice(["", " "])
    if kind == "d":  # digits of another script
        script = draw.choice(SCRIPTS)
        return "".join(script[int(c)] if c.isdigit() else c for c in plain)
    if kind == "z":  # the (0) of business cards
        return "+" + code + " (0)" + " " + national
    if kind == "x":  # an extension
        return plain + draw.choice([" ext. ", " x", ";ext=", " extension ", "#"]) + str(draw.randrange(1, 9999))
    if kind == "l":  # letters in it
        place = draw.randrange(1, len(plain) + 1)
        return plain[:place] + draw.choice(["a", "FLOWERS", "CALL", "q", "ö"]) + plain[place:]
    if kind == "w":  # words in front
        return draw.choice(WORDS) + plain
    if kind == "2":  # two numbers
        return plain + draw.choice([" / ", ", ", "; ", " or ", "\n"]) + trunk + drawn(region)
    if kind == "r":  # digits and signs at random
        return "".join(draw.choice("0123456789+ -()") for _ in range(draw.randrange(2, 18)))
    raise ValueError(kind)


KINDS = "iiiinnnnttttt00eebbffggsdzxlw2r"
REGIONS = sorted(google.SUPPORTED_REGIONS)


def verdict_of(text, default):
    try:
        number = google.parse(text, default or None)
    except google.NumberParseException:
        return "-"
    if not google.is_valid_number(number):
        return "-"
    e164 = google.format_number(number, Form.E164)[1:]
    digits = "".join(str(google.unicode_util.digit(c)) for c in text if google.unicode_util.digit(c, -1) >= 0)
    for cut in range(len(digits) + 1):
        # Without an extension the number ends as the text does.
        if e164.endswith(digits[cut:]):
            rest = e164[:len(e164) - len(digits[cut:])]
            return LETTERS[google.number_type(number)] + str(cut) + ":" + rest
    raise AssertionError(text)


def main(path):
    lines, seen = [], set()
    for region in REGIONS:
        for _ in range(PER_REGION):
            kind = draw.choice(KINDS)
            default = draw.choices([region, "", draw.choice(REGIONS)], [8, 1, 1])[0]
            text = text_of(region, kind)
            if (default, text) in seen:
                continue
            seen.add((default, text))
            lines.append("\t".join([kind, default, text.replace("\n", "\\n"), verdict_of(text, default)]))
    lines.sort()
    packed = zlib.compress("\n".join(lines).encode(), 9)
    with open(path, "wb") as file:
        file.write(packed)
    print(len(lines), "texts,", len(packed), "bytes")


main(sys.argv[1])
