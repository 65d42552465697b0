//! What is said in Italian.

use super::phrases::Phrases;

pub(super) static ITALIAN: Phrases = Phrases {
    months: [
        "gennaio",
        "febbraio",
        "marzo",
        "aprile",
        "maggio",
        "giugno",
        "luglio",
        "agosto",
        "settembre",
        "ottobre",
        "novembre",
        "dicembre",
    ],
    date: "{day} {month}",

    greets: &["Sì, sono io.", "Sì, in persona.", "Pronto, sì, chi parla?", "Buongiorno, di che si tratta?"],
    asks_for_a_moment: &[
        "Mi bastano due minuti. È un buon momento?",
        "Ha un minuto per me adesso?",
        "Posso spiegarle in breve perché chiamo?",
    ],
    has_a_moment: &["Certo, dica pure.", "Un minuto ce l'ho, sì.", "Va bene, l'ascolto."],

    offers: &[
        "Vorremmo offrirle un appuntamento gratuito con uno dei nostri consulenti. Gliene prenoto uno?",
        "I nostri consulenti hanno ancora appuntamenti liberi la settimana prossima. Posso segnarla per uno?",
        "Chiamo per fissare con lei una consulenza gratuita. Le andrebbe bene?",
    ],
    agrees: &[
        "Sì, grazie. Per me l'ideale sarebbe [martedì alle dieci].",
        "Volentieri, mi segni per [giovedì pomeriggio].",
        "Mi sembra una buona idea. Facciamolo.",
        "Sì, mi farebbe piacere, [qualsiasi giorno dopo le cinque].",
    ],
    agrees_in_part: &[
        "Un appuntamento ancora no, ma può mandarmi la documentazione.",
        "Non verrò di persona, ma possiamo sentirci un attimo al telefono [venerdì].",
        "Mi mandi prima l'offerta, poi fisserò una data.",
    ],
    thinks_it_over: &[
        "Così su due piedi non so dirle. Ci penso e le faccio sapere.",
        "Ci dormo sopra e mi faccio vivo io, promesso.",
        "Forse. [Prima devo parlarne con mia moglie], poi la chiamo.",
        "Mi servono alcuni giorni per pensarci, [stiamo traslocando].",
    ],
    declines: &[
        "No, grazie. [Abbiamo già qualcuno che se ne occupa].",
        "No, preferisco di no, [per me è troppo caro].",
        "Purtroppo no. [Abbiamo firmato con un'altra ditta il mese scorso].",
        "No, questo non lo voglio fare.",
    ],
    not_interested: &[
        "Non mi interessa.",
        "Grazie, ma non ho alcun interesse.",
        "Nessun interesse, [non compro mai niente al telefono].",
        "Non fa proprio per me, mi dispiace.",
    ],
    names_another_number: &[
        "Se ne occupa la mia collega. La trova al +39 06 5550 0143.",
        "Dovrebbe chiedere a mio marito, il suo numero è +39 347 555 0178.",
        "È una cosa che riguarda il nostro ufficio, risponde al +39 02 5550 0112.",
    ],
    takes_the_number: &[
        "Grazie, ho annotato il numero.",
        "Mi è di aiuto, chiederò lì.",
        "Molto gentile, l'ho scritto.",
    ],
    breaks_off: &[
        "Ecco, vede, veramente stavo proprio per",
        "Aspetti, c'è qualcuno alla",
        "La sento appena, credo che la linea sia",
    ],

    asks_whether_it_fits: &[
        "Posso chiederle se decide lei, e quando vorrebbe cominciare?",
        "Per capire se fa al caso suo: chi decide da voi, e per quando sarebbe?",
        "La decisione spetta a lei, e ha già in mente una data?",
    ],
    qualifies: &[
        "Decido io, e vorremmo cominciare già questo mese.",
        "La casa è mia e i soldi ci sono, quindi prima è, meglio è.",
        "Dipende da me. Ci serve assolutamente prima dell'estate.",
    ],
    qualifies_in_part: &[
        "Decidiamo in due, e non sarà prima dell'anno prossimo.",
        "Mi piacerebbe, ma il budget non è ancora deciso.",
        "Dipende da me, ma non c'è davvero nessuna fretta.",
    ],
    does_not_qualify: &[
        "[Qui sono solo in affitto], non posso decidere niente del genere.",
        "Non è possibile, [la casa verrà venduta].",
        "[Abbiamo fatto tutto l'anno scorso], non c'è più niente da fare.",
        "Non potrei, [studio ancora e vivo con i miei genitori].",
    ],

    is_somebody_else: &[
        "Ha sbagliato persona, qui non c'è nessuno con quel nome.",
        "No, non sono io. Ho questo numero solo da un mese.",
        "Ha sbagliato numero, non so chi sia.",
        "Non abita più qui, io sono il nuovo inquilino.",
    ],
    apologises: &[
        "Allora ho il numero sbagliato. Scusi il disturbo.",
        "Oh, mi scusi, non volevo disturbarla.",
        "Le chiedo scusa, lo correggo da noi.",
    ],
    never_wants_calls: &[
        "Mi tolga dalla vostra lista, per favore.",
        "Non mi chiami mai più.",
        "Cancelli il mio numero e smetta di chiamarmi.",
        "Non voglio più sentirvi, mai. Eliminate il mio numero.",
    ],
    promises_no_calls: &[
        "Naturalmente. Non la chiameremo più.",
        "Ne ho preso nota, non ci sentirà più.",
        "Certamente, il suo numero è stato tolto dalla lista.",
    ],

    call_back_on_a_date: &[
        "Adesso non posso parlare. Mi chiami [il giorno {date} alle due e mezza del pomeriggio].",
        "Oggi no. Riprovi [il giorno {date} alle 14:30], per favore.",
        "Sono in viaggio fino ad allora: mi richiami [il giorno {date} alle quattordici e trenta].",
    ],
    call_back_tomorrow: &[
        "In questo momento ho da fare. Può chiamarmi [domani alle ore 14]?",
        "Sto guidando. Richiami [domani alle due del pomeriggio].",
        "Riprovi [domani alle 14:00], allora avrò tempo.",
    ],
    call_back_on_tuesday_morning: &[
        "Adesso no, per favore. Mi chiami [martedì mattina].",
        "Sono in riunione. [Martedì nel corso della mattinata] sarebbe meglio, chiami allora.",
        "Mi richiami [martedì, a un'ora qualsiasi della mattina], va bene?",
    ],
    call_back_in_half_an_hour: &[
        "Stiamo mangiando. Mi chiami [tra mezz'ora].",
        "Può richiamare [tra trenta minuti]?",
        "Mi dia [mezz'ora] e richiami, per favore.",
    ],
    call_back_later: &[
        "In questo momento ho da fare. Può chiamarmi più tardi?",
        "È un brutto momento, chiami un'altra volta.",
        "Più tardi, per favore. Ora non ho proprio tempo.",
    ],
    call_back_at_an_impossible_time: &[
        "Mi richiami [ieri], se vuole.",
        "Riprovi [il 30 febbraio].",
        "Doveva chiamare [martedì scorso alle nove], mi chiami allora.",
    ],
    promises_to_call_back: &[
        "Allora la richiamerò.",
        "Molto bene, ci risentiamo.",
        "Grazie, ho preso nota e mi farò vivo.",
    ],

    keeps_on_hold: &[
        "Tutte le linee sono occupate. Resti in attesa, risponderemo al più presto.",
        "Grazie per l'attesa. Lei è il numero tre in coda.",
        "Per gli orari di apertura, prema uno. Per ogni altra domanda, prema due.",
        "Non riagganci, per favore. La chiamata può essere registrata per motivi di formazione.",
    ],
    takes_messages: &[
        "Risponde la segreteria telefonica. Lasci un messaggio dopo il segnale acustico.",
        "L'utente chiamato non è raggiungibile. Lasci un messaggio dopo il bip.",
    ],
    calls_out: &["Pronto? È ancora lì?", "Pronto, mi sente?"],
    gives_up: &[
        "Sembra che non ci sia nessuno. Riproverò un'altra volta.",
        "Al momento non riesco a raggiungere nessuno. Arrivederci.",
        "Allora chiamerò in un altro momento. Arrivederci.",
    ],

    confirms: &[
        "Benissimo, ne ho preso nota.",
        "Molto bene, glielo confermeremo per iscritto.",
        "Perfetto, allora siamo d'accordo.",
    ],
    accepts: &[
        "Capisco, naturalmente.",
        "Non c'è nessun problema.",
        "Grazie per avermelo detto con franchezza.",
    ],
    agent_says_goodbye: &[
        "Grazie per il suo tempo, arrivederci.",
        "Le auguro una buona giornata. Arrivederci.",
        "Tante belle cose, arrivederci.",
    ],
    person_says_goodbye: &["Va bene, arrivederci.", "D'accordo, a risentirci.", "Grazie, buona giornata."],
};
