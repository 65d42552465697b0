"""Writes recurrence.txt: when recurring schedules run, according to python-dateutil.

Run beside it:  pip install python-dateutil==2.9.0.post0 tzdata==2026.6
                python recurrence.py > recurrence.txt

Each line has tabs between: rule, zone, anchor date, from (UTC), runs at `from` or later (UTC),
and `...` if there are more. dateutil lists the local times, zoneinfo makes them UTC: of one that
comes twice the first, one that is left out moves forward by the gap (fold=0). Those that fall on
the same moment are one run, and no run begins after the date `until` on the wall.

The zones change their clocks by an hour, half an hour or two, at midnight, before it and after
it, on both hemispheres, or not at all. Some have laws newer than tz database 2025b. Havana's dates
lie before 2026, from when on tz database 2026f differs from 2026e.
"""

import json
import random
import zoneinfo
from datetime import date, datetime, time, timedelta, timezone

from dateutil.rrule import DAILY, MONTHLY, WEEKLY, rrule

zoneinfo.reset_tzpath(to=[])  # the database of the package tzdata, not this machine's

RUNS = 6
DRAWN = 9  # rules for each zone and date, beside the daily ones

# Dates on which the clocks change, or which have something else about them.
DATES = {
    "Africa/Cairo": ["2026-04-24", "2026-10-30"],  # forward at midnight
    "Africa/Casablanca": ["2026-09-20", "2027-02-07"],  # no longer changes
    "America/Asuncion": ["2023-10-01", "2024-03-24"],
    "America/Havana": ["2018-03-11", "2018-11-04"],  # back from 01:00 to midnight
    "America/New_York": ["2026-03-08", "2026-11-01"],
    "America/Nuuk": ["2026-03-28", "2026-10-24"],  # forward from 23:00 to midnight
    "America/Santiago": ["2026-04-05", "2026-09-06"],
    "America/Sao_Paulo": ["2018-02-18", "2018-11-04"],
    "America/St_Johns": ["2010-03-14", "2026-11-01"],  # at 00:01 until 2011
    "America/Vancouver": ["2026-03-08", "2026-11-01"],  # no longer changes
    "Antarctica/Troll": ["2026-03-29", "2026-10-25"],  # by two hours
    "Asia/Beirut": ["2026-03-29", "2026-10-25"],
    "Asia/Kathmandu": ["2026-03-29", "2028-02-29"],
    "Asia/Tehran": ["2022-03-22", "2022-09-22"],
    "Australia/Lord_Howe": ["2026-04-05", "2026-10-04"],  # by half an hour
    "Australia/Sydney": ["2026-04-05", "2026-10-04"],
    "Europe/Berlin": ["2026-03-29", "2026-10-25"],
    "Europe/Dublin": ["2026-03-29", "2026-10-25"],  # standard time is that of summer
    "Pacific/Apia": ["2011-12-30", "2026-06-01"],  # has no 2011-12-30
    "Pacific/Chatham": ["2026-04-05", "2026-09-27"],
}
TIMES = ["00:00", "00:00", "00:30", "01:30", "02:00", "02:15", "02:45", "03:00", "09:00", "23:30"]
WEEKDAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
MONTH_DAYS = [1, 2, 15, 28, 29, 30, 31, "last"]


def some_rule(draw, day):
    frequency = draw.choice(["daily", "weekly", "weekly", "monthly", "monthly"])
    rule = {"frequency": frequency}
    if frequency == "daily":
        rule["every"] = draw.choice([1, 2, 3, 10, 365])
    elif frequency == "weekly":
        rule["every"] = draw.choice([1, 1, 2, 3, 52])
        rule["on"] = draw.sample(WEEKDAYS, draw.randint(1, 4))
    else:
        rule["every"] = draw.choice([1, 1, 2, 3, 5, 12])
        rule["on"] = draw.sample(MONTH_DAYS + [day.day], draw.randint(1, 3))
    rule["at"] = draw.choice(TIMES)
    if draw.random() < 0.3:
        rule["until"] = (day + timedelta(days=draw.randint(0, 60))).isoformat()
    return rule


def local_times(rule, anchor):
    frequency = {"daily": DAILY, "weekly": WEEKLY, "monthly": MONTHLY}[rule["frequency"]]
    days = {}
    if rule["frequency"] == "weekly":
        days["byweekday"] = [WEEKDAYS.index(day) for day in rule["on"]]
    elif rule["frequency"] == "monthly":
        days["bymonthday"] = [-1 if day == "last" else day for day in rule["on"]]
    start = datetime.combine(anchor, time.fromisoformat(rule["at"]))
    return rrule(frequency, dtstart=start, interval=rule["every"], until=datetime(2100, 1, 1), **days)


def runs(rule, zone, anchor, at_or_after):
    until = date.fromisoformat(rule.get("until", "9999-12-31"))
    tz, last = zoneinfo.ZoneInfo(zone), None
    for local in local_times(rule, anchor):
        run = local.replace(tzinfo=tz).astimezone(timezone.utc)
        if run.astimezone(tz).date() > until:
            return
        if run >= at_or_after and run != last:
            last = run
            yield run


def text(moment):
    return moment.strftime("%Y-%m-%dT%H:%MZ")


def line(rule, zone, anchor, at_or_after):
    found = []
    for run in runs(rule, zone, anchor, at_or_after):
        found.append(text(run))
        if len(found) > RUNS:
            found[-1] = "..."
            break
    rule = json.dumps(rule, separators=(",", ":"))
    print(rule, zone, anchor.isoformat(), text(at_or_after), " ".join(found), sep="\t")


def main():
    draw = random.Random(1)
    for zone, dates in DATES.items():
        for day in map(date.fromisoformat, dates):
            from_midnight = datetime.combine(day, time(), timezone.utc) - timedelta(days=2)
            for at in sorted(set(TIMES)):
                rule = {"frequency": "daily", "every": 1, "at": at}
                line(rule, zone, day - timedelta(days=9), from_midnight)
            for _ in range(DRAWN):
                anchor = day - timedelta(days=draw.choice([0, 1, 7, 31, 100, 366]))
                moment = from_midnight + timedelta(minutes=15 * draw.randint(-400, 400))
                line(some_rule(draw, day), zone, anchor, moment)


main()
