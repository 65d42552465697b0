#!/usr/bin/env python3
"""Prints what dateparser 1.5.0 makes of phrases for days and times: language, moment of the call, phrase, moment that is meant, on one
clock. Phrases that it does not understand are left out; so is what it takes for a moment that has passed.

python3 -m venv v && v/bin/pip install dateparser==1.5.0 && v/bin/python callback_phrases.py > callback_phrases.txt
"""

import datetime

import dateparser

BASES = [datetime.datetime(2026, 11, 30, 11, 0), datetime.datetime(2026, 12, 4, 17, 30), datetime.datetime(2027, 2, 28, 9, 15)]
DAYS = {
    "en": ["today", "tomorrow", "the day after tomorrow", "monday", "tuesday", "on wednesday", "thursday", "friday", "on saturday", "sunday", "in 3 days", "in a week", "2026-12-24"],
    "de": ["heute", "morgen", "übermorgen", "montag", "dienstag", "mittwoch", "donnerstag", "freitag", "samstag", "sonntag", "in 3 Tagen", "in einer Woche", "24.12.2026"],
    "fr": ["aujourd'hui", "demain", "après-demain", "lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche", "dans 3 jours", "dans une semaine"],
    "es": ["hoy", "mañana", "lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo", "en 3 días", "en una semana"],
    "it": ["oggi", "domani", "lunedì", "martedì", "mercoledì", "giovedì", "venerdì", "sabato", "domenica", "tra 3 giorni", "tra una settimana"],
}
TIMES = {
    "en": ["at 15:00", "at 9:30 am", "at 4 pm", "4:45 pm"],
    "de": ["um 15:00", "um 9:30 Uhr", "16:45 Uhr", "18:15"],
    "fr": ["à 15:00", "à 9h30", "16h45", "à 18h"],
    "es": ["a las 15:00", "a las 9:30", "16:45", "a las 18:15"],
    "it": ["alle 15:00", "alle 9:30", "16:45", "alle 18:15"],
}
LENGTHS = {
    "en": ["in 2 hours", "in 45 minutes", "in an hour", "in 90 minutes"],
    "de": ["in 2 Stunden", "in 45 Minuten", "in einer Stunde", "in 90 Minuten"],
    "fr": ["dans 2 heures", "dans 45 minutes", "dans une heure", "dans 90 minutes"],
    "es": ["en 2 horas", "en 45 minutos", "en una hora", "dentro de 2 horas"],
    "it": ["tra 2 ore", "tra 45 minuti", "tra un'ora", "fra 2 ore"],
}


def main():
    for language in DAYS:
        phrases = [f"{day} {time}" for day in DAYS[language] for time in TIMES[language]] + LENGTHS[language]
        for base in BASES:
            settings = {"RELATIVE_BASE": base, "PREFER_DATES_FROM": "future"}
            for phrase in phrases:
                meant = dateparser.parse(phrase, languages=[language], settings=settings)
                if meant and meant >= base:
                    print(language, base.isoformat(), phrase, meant.replace(microsecond=0).isoformat(), sep="\t")


if __name__ == "__main__":
    main()
