//! The words in which days, times and lengths of time are said: English, German, French, Spanish and Italian, in small
//! letters without accents. No two languages mean different things by one word of these, but for `am` (German: on;
//! English: before noon) and `manana` (tomorrow, or morning), which depend on what stands beside them.

use chrono::Weekday;

use super::Day::{Ahead, Next};
use super::tokens::Meaning::{self, Day as D, Filler, Part as P, Unit, Weekday as W};
use super::tokens::{Length, Part};

/// Phrases of several words, the longest first, and then words, each with what it means.
#[rustfmt::skip]
pub(super) const MEANINGS: &[(&str, Meaning)] = &[
    ("the day after tomorrow", D(Ahead(2))), ("day after tomorrow", D(Ahead(2))),
    ("por la manana", P(Part::Morning)), ("de la manana", P(Part::Morning)), ("en la manana", P(Part::Morning)),
    ("la semana que viene", D(Next(Weekday::Mon))), ("la semaine prochaine", D(Next(Weekday::Mon))),
    ("la settimana prossima", D(Next(Weekday::Mon))), ("la prossima settimana", D(Next(Weekday::Mon))),
    ("la proxima semana", D(Next(Weekday::Mon))), ("next week", D(Next(Weekday::Mon))),
    ("nachste woche", D(Next(Weekday::Mon))), ("kommende woche", D(Next(Weekday::Mon))),
    ("pasado manana", D(Ahead(2))), ("apres demain", D(Ahead(2))), ("dopo domani", D(Ahead(2))),
    ("apres midi", P(Part::Afternoon)), ("que viene", Filler), ("half an", Unit(Length::Half)), ("half a", Unit(Length::Half)),
    ("esta noche", P(Part::Evening)), ("o clock", Meaning::OClock),

    ("today", D(Ahead(0))), ("heute", D(Ahead(0))), ("aujourd'hui", D(Ahead(0))), ("hoy", D(Ahead(0))), ("oggi", D(Ahead(0))),
    ("tomorrow", D(Ahead(1))), ("demain", D(Ahead(1))), ("domani", D(Ahead(1))),
    ("ubermorgen", D(Ahead(2))), ("uebermorgen", D(Ahead(2))), ("apres-demain", D(Ahead(2))), ("dopodomani", D(Ahead(2))),
    ("tonight", P(Part::Evening)), ("stasera", P(Part::Evening)), ("stamattina", P(Part::Morning)),

    ("monday", W(Weekday::Mon)), ("montag", W(Weekday::Mon)), ("lundi", W(Weekday::Mon)), ("lunes", W(Weekday::Mon)), ("lunedi", W(Weekday::Mon)),
    ("tuesday", W(Weekday::Tue)), ("dienstag", W(Weekday::Tue)), ("mardi", W(Weekday::Tue)), ("martes", W(Weekday::Tue)), ("martedi", W(Weekday::Tue)),
    ("wednesday", W(Weekday::Wed)), ("mittwoch", W(Weekday::Wed)), ("mercredi", W(Weekday::Wed)), ("miercoles", W(Weekday::Wed)), ("mercoledi", W(Weekday::Wed)),
    ("thursday", W(Weekday::Thu)), ("donnerstag", W(Weekday::Thu)), ("jeudi", W(Weekday::Thu)), ("jueves", W(Weekday::Thu)), ("giovedi", W(Weekday::Thu)),
    ("friday", W(Weekday::Fri)), ("freitag", W(Weekday::Fri)), ("vendredi", W(Weekday::Fri)), ("viernes", W(Weekday::Fri)), ("venerdi", W(Weekday::Fri)),
    ("saturday", W(Weekday::Sat)), ("samstag", W(Weekday::Sat)), ("sonnabend", W(Weekday::Sat)), ("samedi", W(Weekday::Sat)), ("sabado", W(Weekday::Sat)), ("sabato", W(Weekday::Sat)),
    ("sunday", W(Weekday::Sun)), ("sonntag", W(Weekday::Sun)), ("dimanche", W(Weekday::Sun)), ("domingo", W(Weekday::Sun)), ("domenica", W(Weekday::Sun)),

    ("morning", P(Part::Morning)), ("fruh", P(Part::Morning)), ("morgens", P(Part::Morning)), ("vormittag", P(Part::Morning)),
    ("vormittags", P(Part::Morning)), ("matin", P(Part::Morning)), ("mattina", P(Part::Morning)), ("mattino", P(Part::Morning)),
    ("noon", P(Part::Noon)), ("midday", P(Part::Noon)), ("lunchtime", P(Part::Noon)), ("mittag", P(Part::Noon)), ("mittags", P(Part::Noon)),
    ("midi", P(Part::Noon)), ("mediodia", P(Part::Noon)), ("mezzogiorno", P(Part::Noon)),
    ("afternoon", P(Part::Afternoon)), ("nachmittag", P(Part::Afternoon)), ("nachmittags", P(Part::Afternoon)), ("apres-midi", P(Part::Afternoon)),
    ("tarde", P(Part::Afternoon)), ("pomeriggio", P(Part::Afternoon)),
    ("evening", P(Part::Evening)), ("abend", P(Part::Evening)), ("abends", P(Part::Evening)), ("soir", P(Part::Evening)), ("soiree", P(Part::Evening)),
    ("noche", P(Part::Evening)), ("sera", P(Part::Evening)),

    ("half", Unit(Length::Half)), ("halben", Unit(Length::Half)), ("demi", Unit(Length::Half)), ("demi-heure", Unit(Length::HalfHour)),
    ("media", Unit(Length::Half)), ("mezz'ora", Unit(Length::HalfHour)), ("mezza", Unit(Length::Half)),
    ("minute", Unit(Length::Minutes)), ("minutes", Unit(Length::Minutes)), ("min", Unit(Length::Minutes)), ("mins", Unit(Length::Minutes)),
    ("minuten", Unit(Length::Minutes)), ("minuto", Unit(Length::Minutes)), ("minutos", Unit(Length::Minutes)), ("minuti", Unit(Length::Minutes)),
    ("hour", Unit(Length::Hours)), ("hours", Unit(Length::Hours)), ("hr", Unit(Length::Hours)), ("hrs", Unit(Length::Hours)), ("stunde", Unit(Length::Hours)), ("stunden", Unit(Length::Hours)),
    ("heure", Unit(Length::Hours)), ("heures", Unit(Length::Hours)), ("hora", Unit(Length::Hours)), ("horas", Unit(Length::Hours)), ("ora", Unit(Length::Hours)), ("ore", Unit(Length::Hours)),
    ("day", Unit(Length::Days)), ("days", Unit(Length::Days)), ("tag", Unit(Length::Days)), ("tage", Unit(Length::Days)), ("tagen", Unit(Length::Days)),
    ("jour", Unit(Length::Days)), ("jours", Unit(Length::Days)), ("dia", Unit(Length::Days)), ("dias", Unit(Length::Days)), ("giorno", Unit(Length::Days)), ("giorni", Unit(Length::Days)),
    ("week", Unit(Length::Weeks)), ("weeks", Unit(Length::Weeks)), ("woche", Unit(Length::Weeks)), ("wochen", Unit(Length::Weeks)),
    ("semaine", Unit(Length::Weeks)), ("semaines", Unit(Length::Weeks)), ("semana", Unit(Length::Weeks)), ("semanas", Unit(Length::Weeks)),
    ("settimana", Unit(Length::Weeks)), ("settimane", Unit(Length::Weeks)),

    ("uhr", Meaning::OClock), ("oclock", Meaning::OClock), ("o'clock", Meaning::OClock),
    ("in", Meaning::In), ("dans", Meaning::In), ("dentro", Meaning::In), ("en", Meaning::In), ("tra", Meaning::In), ("fra", Meaning::In),
    ("at", Meaning::AtTime), ("um", Meaning::AtTime), ("gegen", Meaning::AtTime), ("around", Meaning::AtTime), ("about", Meaning::AtTime), ("a", Meaning::AtTime),
    ("vers", Meaning::AtTime), ("las", Meaning::AtTime), ("alle", Meaning::AtTime), ("verso", Meaning::AtTime), ("ca", Meaning::AtTime),
    ("on", Filler), ("the", Filler), ("next", Filler), ("this", Filler), ("coming", Filler), ("please", Filler), ("bitte", Filler), ("im", Filler), ("den", Filler),
    ("nachsten", Filler), ("nachster", Filler), ("nachste", Filler), ("naechsten", Filler), ("kommenden", Filler), ("diesen", Filler), ("der", Filler),
    ("le", Filler), ("la", Filler), ("les", Filler), ("ce", Filler), ("cet", Filler), ("cette", Filler), ("du", Filler), ("prochain", Filler), ("prochaine", Filler),
    ("el", Filler), ("los", Filler), ("de", Filler), ("del", Filler), ("al", Filler), ("por", Filler), ("este", Filler), ("esta", Filler), ("proximo", Filler), ("proxima", Filler),
    ("il", Filler), ("lo", Filler), ("di", Filler), ("della", Filler), ("dell'", Filler), ("questo", Filler), ("questa", Filler), ("prossimo", Filler), ("prossima", Filler),
    ("nel", Filler), ("nella", Filler),
];

/// Numbers as words, up to twelve.
#[rustfmt::skip]
pub(super) const NUMBERS: &[(&str, u16)] = &[
    ("one", 1), ("an", 1), ("ein", 1), ("eins", 1), ("eine", 1), ("einer", 1), ("einem", 1), ("un", 1), ("une", 1), ("una", 1), ("uno", 1), ("un'", 1),
    ("two", 2), ("zwei", 2), ("deux", 2), ("dos", 2), ("due", 2),
    ("three", 3), ("drei", 3), ("trois", 3), ("tres", 3), ("tre", 3),
    ("four", 4), ("vier", 4), ("quatre", 4), ("cuatro", 4), ("quattro", 4),
    ("five", 5), ("funf", 5), ("fuenf", 5), ("cinq", 5), ("cinco", 5), ("cinque", 5),
    ("six", 6), ("sechs", 6), ("seis", 6), ("sei", 6),
    ("seven", 7), ("sieben", 7), ("sept", 7), ("siete", 7), ("sette", 7),
    ("eight", 8), ("acht", 8), ("huit", 8), ("ocho", 8), ("otto", 8),
    ("nine", 9), ("neun", 9), ("neuf", 9), ("nueve", 9), ("nove", 9),
    ("ten", 10), ("zehn", 10), ("dix", 10), ("diez", 10), ("dieci", 10),
    ("eleven", 11), ("elf", 11), ("onze", 11), ("once", 11), ("undici", 11),
    ("twelve", 12), ("zwolf", 12), ("zwoelf", 12), ("douze", 12), ("doce", 12), ("dodici", 12),
];
