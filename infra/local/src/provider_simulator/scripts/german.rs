//! What is said in German.

use super::phrases::Phrases;

pub(super) static GERMAN: Phrases = Phrases {
    months: [
        "Januar",
        "Februar",
        "März",
        "April",
        "Mai",
        "Juni",
        "Juli",
        "August",
        "September",
        "Oktober",
        "November",
        "Dezember",
    ],
    date: "{day}. {month}",

    greets: &[
        "Ja, am Apparat.",
        "Ja, das bin ich.",
        "Hallo, ja, wer ist denn da?",
        "Guten Tag, worum geht es?",
    ],
    asks_for_a_moment: &[
        "Ich brauche nur zwei Minuten. Passt es Ihnen gerade?",
        "Haben Sie kurz einen Moment für mich?",
        "Darf ich kurz erklären, warum ich anrufe?",
    ],
    has_a_moment: &["Ja, legen Sie los.", "Einen Moment habe ich, ja.", "Na gut, ich höre."],

    offers: &[
        "Wir möchten Ihnen einen kostenlosen Termin bei einem unserer Berater anbieten. Soll ich einen für Sie eintragen?",
        "Unsere Berater haben nächste Woche noch Termine frei. Darf ich Sie für einen vormerken?",
        "Ich rufe an, um ein kostenloses Beratungsgespräch mit Ihnen zu vereinbaren. Wäre das etwas für Sie?",
    ],
    agrees: &[
        "Ja, gerne. Am besten passt mir [Dienstag um zehn].",
        "Sehr gern, tragen Sie mich für [Donnerstagnachmittag] ein.",
        "Das klingt gut. Machen wir das.",
        "Ja, das möchte ich, [an jedem Tag nach fünf].",
    ],
    agrees_in_part: &[
        "Einen Termin noch nicht, aber die Unterlagen können Sie mir schicken.",
        "Vorbeikommen werde ich nicht, aber kurz telefonieren können wir [am Freitag].",
        "Schicken Sie mir erst das Angebot, dann mache ich einen Termin aus.",
    ],
    thinks_it_over: &[
        "Das kann ich so nicht sagen. Ich überlege es mir und gebe Ihnen Bescheid.",
        "Ich schlafe eine Nacht darüber und melde mich, versprochen.",
        "Vielleicht. [Ich muss erst mit meiner Frau reden], dann rufe ich Sie an.",
        "Da brauche ich ein paar Tage Bedenkzeit, [wir ziehen gerade um].",
    ],
    declines: &[
        "Nein, danke. [Dafür haben wir schon jemanden].",
        "Nein, lieber nicht, [das ist mir zu teuer].",
        "Leider nein. [Wir haben letzten Monat woanders unterschrieben].",
        "Nein, das möchte ich nicht.",
    ],
    not_interested: &[
        "Kein Interesse.",
        "Danke, aber das interessiert mich nicht.",
        "Ich habe kein Interesse, [am Telefon kaufe ich grundsätzlich nichts].",
        "Das ist überhaupt nichts für mich, tut mir leid.",
    ],
    names_another_number: &[
        "Darum kümmert sich meine Kollegin. Die erreichen Sie unter +49 30 23125 014.",
        "Da müssen Sie meinen Mann fragen, seine Nummer ist +49 30 23125 178.",
        "Das macht bei uns das Büro, das hat die +49 30 23125 112.",
    ],
    takes_the_number: &[
        "Danke, die Nummer habe ich notiert.",
        "Das hilft mir weiter, ich frage dort nach.",
        "Sehr freundlich, ich habe es aufgeschrieben.",
    ],
    breaks_off: &[
        "Also, wissen Sie, eigentlich wollte ich gerade",
        "Moment, es steht jemand an der",
        "Ich verstehe Sie kaum, ich glaube, die Verbindung ist",
    ],

    asks_whether_it_fits: &[
        "Darf ich fragen, ob Sie das selbst entscheiden und wann Sie anfangen möchten?",
        "Damit ich weiß, ob es zu Ihnen passt: Wer entscheidet bei Ihnen darüber, und wie bald wäre es?",
        "Liegt die Entscheidung bei Ihnen, und haben Sie schon einen Zeitpunkt im Auge?",
    ],
    qualifies: &[
        "Das entscheide ich selbst, und wir möchten noch diesen Monat anfangen.",
        "Das Haus gehört mir und das Geld liegt bereit, also je eher, desto besser.",
        "Das liegt bei mir. Wir brauchen es unbedingt vor dem Sommer.",
    ],
    qualifies_in_part: &[
        "Das entscheide ich mit meiner Frau zusammen, und vor nächstem Jahr wird es nichts.",
        "Ich würde gern, aber das Geld ist noch nicht bewilligt.",
        "Das liegt bei mir, aber eilig ist es wirklich nicht.",
    ],
    does_not_qualify: &[
        "[Ich wohne hier nur zur Miete], so etwas kann ich gar nicht entscheiden.",
        "Das geht nicht, [das Haus wird verkauft].",
        "[Wir haben das alles letztes Jahr machen lassen], da ist nichts mehr zu tun.",
        "Das kann ich nicht, [ich studiere noch und wohne bei meinen Eltern].",
    ],

    is_somebody_else: &[
        "Da sind Sie falsch, hier heißt niemand so.",
        "Nein, das bin ich nicht. Ich habe diese Nummer erst seit einem Monat.",
        "Falsch verbunden, ich weiß nicht, wer das ist.",
        "Der wohnt nicht mehr hier, ich bin der neue Mieter.",
    ],
    apologises: &[
        "Dann habe ich die falsche Nummer. Bitte entschuldigen Sie die Störung.",
        "Oh, Verzeihung, ich wollte Sie nicht stören.",
        "Entschuldigen Sie, ich berichtige das bei uns.",
    ],
    never_wants_calls: &[
        "Streichen Sie mich bitte von Ihrer Liste.",
        "Rufen Sie mich nie wieder an.",
        "Löschen Sie meine Nummer und hören Sie auf, mich anzurufen.",
        "Ich will nie wieder etwas von Ihnen hören. Nehmen Sie meine Nummer heraus.",
    ],
    promises_no_calls: &[
        "Selbstverständlich. Wir rufen Sie nicht mehr an.",
        "Das habe ich vermerkt, Sie hören nichts mehr von uns.",
        "Gewiss, Ihre Nummer ist jetzt gestrichen.",
    ],

    call_back_on_a_date: &[
        "Jetzt kann ich nicht reden. Rufen Sie mich [am {date} um halb drei nachmittags] an.",
        "Heute nicht. Versuchen Sie es bitte [am {date} um 14:30 Uhr] noch einmal.",
        "Ich bin bis dahin verreist: Melden Sie sich bitte [am {date}, nachmittags um halb drei].",
    ],
    call_back_tomorrow: &[
        "Ich habe gerade keine Zeit. Können Sie mich [morgen um 14 Uhr] anrufen?",
        "Ich sitze im Auto. Rufen Sie [morgen um zwei Uhr nachmittags] zurück.",
        "Versuchen Sie es [morgen um 14:00 Uhr], da habe ich Zeit.",
    ],
    call_back_on_tuesday_morning: &[
        "Jetzt bitte nicht. Rufen Sie mich [am Dienstagvormittag] an.",
        "Ich bin in einer Besprechung. [Dienstag im Laufe des Vormittags] wäre besser, rufen Sie dann an.",
        "Melden Sie sich doch [irgendwann am Dienstagvormittag].",
    ],
    call_back_in_half_an_hour: &[
        "Wir essen gerade. Rufen Sie mich [in einer halben Stunde] an.",
        "Können Sie es [in dreißig Minuten] noch einmal versuchen?",
        "Geben Sie mir [eine halbe Stunde] und rufen Sie dann wieder an.",
    ],
    call_back_later: &[
        "Ich habe gerade keine Zeit. Können Sie später anrufen?",
        "Es ist gerade schlecht, rufen Sie ein andermal an.",
        "Später bitte. Jetzt geht es gar nicht.",
    ],
    call_back_at_an_impossible_time: &[
        "Rufen Sie von mir aus [gestern] zurück.",
        "Versuchen Sie es [am 30. Februar] noch einmal.",
        "Sie hätten [letzten Dienstag um neun] anrufen sollen, rufen Sie mich da an.",
    ],
    promises_to_call_back: &[
        "Dann rufe ich Sie wieder an.",
        "Gut, wir sprechen uns dann.",
        "Danke, das habe ich vermerkt und melde mich.",
    ],

    keeps_on_hold: &[
        "Alle Leitungen sind belegt. Bitte bleiben Sie am Apparat, Ihr Anruf wird in Kürze entgegengenommen.",
        "Danke, dass Sie warten. Sie sind Nummer drei in der Warteschlange.",
        "Für Öffnungszeiten drücken Sie die Eins. Für alle anderen Fragen drücken Sie die Zwei.",
        "Bitte legen Sie nicht auf. Dieses Gespräch kann zu Schulungszwecken aufgezeichnet werden.",
    ],
    takes_messages: &[
        "Hier ist die Mailbox. Bitte hinterlassen Sie eine Nachricht nach dem Ton.",
        "Der gewünschte Teilnehmer ist nicht erreichbar. Bitte sprechen Sie nach dem Signalton.",
    ],
    calls_out: &["Hallo? Sind Sie noch da?", "Hallo, können Sie mich hören?"],
    gives_up: &[
        "Es scheint niemand da zu sein. Ich versuche es ein andermal.",
        "Ich erreiche im Moment niemanden. Auf Wiederhören.",
        "Dann rufe ich zu einer anderen Zeit an. Auf Wiederhören.",
    ],

    confirms: &[
        "Wunderbar, das habe ich notiert.",
        "Sehr gut, wir bestätigen es Ihnen schriftlich.",
        "Perfekt, dann ist das abgemacht.",
    ],
    accepts: &[
        "Das verstehe ich natürlich.",
        "Das ist völlig in Ordnung.",
        "Danke, dass Sie es so offen sagen.",
    ],
    agent_says_goodbye: &[
        "Vielen Dank für Ihre Zeit, auf Wiederhören.",
        "Ich wünsche Ihnen einen schönen Tag. Auf Wiederhören.",
        "Alles Gute für Sie, auf Wiederhören.",
    ],
    person_says_goodbye: &["Gut, auf Wiederhören.", "In Ordnung, tschüss.", "Danke, schönen Tag noch."],
};
