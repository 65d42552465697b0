//! What is said in Spanish.

use super::phrases::Phrases;

pub(super) static SPANISH: Phrases = Phrases {
    months: [
        "enero",
        "febrero",
        "marzo",
        "abril",
        "mayo",
        "junio",
        "julio",
        "agosto",
        "septiembre",
        "octubre",
        "noviembre",
        "diciembre",
    ],
    date: "{day} de {month}",

    greets: &["Sí, al habla.", "Sí, soy yo.", "¿Diga? Sí, ¿quién es?", "Buenos días, ¿de qué se trata?"],
    asks_for_a_moment: &[
        "Solo necesito dos minutos. ¿Es buen momento?",
        "¿Tiene un minuto para mí ahora?",
        "¿Puedo explicarle brevemente por qué llamo?",
    ],
    has_a_moment: &["Claro, adelante.", "Sí, tengo un minuto.", "Está bien, le escucho."],

    offers: &[
        "Nos gustaría ofrecerle una cita gratuita con uno de nuestros asesores. ¿Le reservo una?",
        "Nuestros asesores tienen citas libres la semana que viene. ¿Le apunto para una?",
        "Llamo para concertar con usted una consulta gratuita. ¿Le vendría bien?",
    ],
    agrees: &[
        "Sí, por favor. Lo mejor para mí sería [el martes a las diez].",
        "Con mucho gusto, apúnteme para [el jueves por la tarde].",
        "Me parece bien. Hagámoslo.",
        "Sí, me gustaría, [cualquier día después de las cinco].",
    ],
    agrees_in_part: &[
        "Una cita todavía no, pero puede enviarme la documentación.",
        "No voy a ir, pero podemos hablar un rato por teléfono [el viernes].",
        "Envíeme primero la oferta y después fijaré una fecha.",
    ],
    thinks_it_over: &[
        "Así no se lo puedo decir. Lo pensaré y ya le diré algo.",
        "Déjeme consultarlo con la almohada, le prometo que le contestaré.",
        "Quizás. [Primero tengo que hablarlo con mi mujer] y luego le llamo.",
        "Necesito unos días para pensarlo, [estamos en plena mudanza].",
    ],
    declines: &[
        "No, gracias. [Ya tenemos a alguien para eso].",
        "No, prefiero que no, [es demasiado caro para mí].",
        "Me temo que no. [Firmamos con otra empresa el mes pasado].",
        "No, no quiero hacer eso.",
    ],
    not_interested: &[
        "No me interesa.",
        "Gracias, pero no tengo ningún interés.",
        "No estoy por la labor, [nunca compro nada por teléfono].",
        "Eso no es para mí en absoluto, lo siento.",
    ],
    names_another_number: &[
        "De eso se encarga mi compañera. La puede localizar en el +34 910 000 143.",
        "Eso tendría que preguntárselo a mi marido, su número es el +34 600 000 178.",
        "Eso es cosa de nuestra oficina, están en el +34 910 000 112.",
    ],
    takes_the_number: &[
        "Gracias, he anotado el número.",
        "Eso me ayuda, preguntaré allí.",
        "Muy amable, ya lo he apuntado.",
    ],
    breaks_off: &[
        "Pues mire, la verdad es que estaba a punto de",
        "Espere, hay alguien en la",
        "Apenas le oigo, creo que la línea está",
    ],

    asks_whether_it_fits: &[
        "¿Puedo preguntarle si lo decide usted y cuándo querría empezar?",
        "Para saber si le conviene: ¿quién lo decide en su casa y para cuándo sería?",
        "¿Depende de usted la decisión, y ya tiene una fecha pensada?",
    ],
    qualifies: &[
        "Eso lo decido yo, y queremos empezar este mismo mes.",
        "La casa es mía y el dinero está reservado, así que cuanto antes, mejor.",
        "Depende de mí. Lo necesitamos sin falta antes del verano.",
    ],
    qualifies_in_part: &[
        "Lo decidimos entre los dos, y no será antes del año que viene.",
        "Me gustaría, pero el presupuesto todavía no está aprobado.",
        "Depende de mí, pero la verdad es que no corre prisa.",
    ],
    does_not_qualify: &[
        "[Aquí solo estoy de alquiler], no puedo decidir nada de eso.",
        "No puede ser, [la casa se va a vender].",
        "[Lo hicimos todo el año pasado], ya no queda nada por hacer.",
        "No podría, [todavía estudio y vivo con mis padres].",
    ],

    is_somebody_else: &[
        "Se equivoca de persona, aquí no hay nadie con ese nombre.",
        "No, no soy yo. Tengo este número desde hace solo un mes.",
        "Se ha equivocado de número, no sé quién es.",
        "Ya no vive aquí, yo soy el nuevo inquilino.",
    ],
    apologises: &[
        "Entonces tengo mal el número. Disculpe las molestias.",
        "Ay, perdone, no quería molestarle.",
        "Mis disculpas, lo corregiré aquí.",
    ],
    never_wants_calls: &[
        "Bórreme de su lista, por favor.",
        "No me vuelva a llamar nunca.",
        "Elimine mi número y deje de llamarme.",
        "No quiero volver a saber nada de ustedes. Quiten mi número.",
    ],
    promises_no_calls: &[
        "Por supuesto. No le volveremos a llamar.",
        "Queda anotado, no volverá a saber de nosotros.",
        "Desde luego, su número ya está fuera de la lista.",
    ],

    call_back_on_a_date: &[
        "Ahora no puedo hablar. Llámeme [el {date} a las dos y media de la tarde].",
        "Hoy no. Inténtelo otra vez [el {date} a las 14:30], por favor.",
        "Estoy de viaje hasta entonces: llámeme [el {date} a las catorce treinta].",
    ],
    call_back_tomorrow: &[
        "Ahora mismo no tengo tiempo. ¿Puede llamarme [mañana a las 14 horas]?",
        "Voy conduciendo. Vuelva a llamar [mañana a las dos de la tarde].",
        "Inténtelo [mañana a las 14:00], entonces tendré tiempo.",
    ],
    call_back_on_tuesday_morning: &[
        "Ahora no, por favor. Llámeme [el martes por la mañana].",
        "Estoy en una reunión. [El martes a lo largo de la mañana] sería mejor, llame entonces.",
        "Llámeme [el martes, en algún momento de la mañana], ¿de acuerdo?",
    ],
    call_back_in_half_an_hour: &[
        "Estamos comiendo. Llámeme [dentro de media hora].",
        "¿Puede volver a llamar [en treinta minutos]?",
        "Deme [media hora] y vuelva a llamar, por favor.",
    ],
    call_back_later: &[
        "Ahora mismo no tengo tiempo. ¿Puede llamarme más tarde?",
        "Es mal momento, llame en otra ocasión.",
        "Más tarde, por favor. Ahora me es imposible.",
    ],
    call_back_at_an_impossible_time: &[
        "Llámeme [ayer], si quiere.",
        "Inténtelo [el 30 de febrero].",
        "Tenía que haber llamado [el martes pasado a las nueve], llámeme entonces.",
    ],
    promises_to_call_back: &[
        "Entonces le volveré a llamar.",
        "Muy bien, ya hablaremos.",
        "Gracias, lo he anotado y me pondré en contacto.",
    ],

    keeps_on_hold: &[
        "Todas nuestras líneas están ocupadas. Manténgase a la espera, enseguida le atenderemos.",
        "Gracias por esperar. Es usted el número tres en la cola.",
        "Para el horario de apertura, pulse uno. Para cualquier otra consulta, pulse dos.",
        "No cuelgue, por favor. Esta llamada puede ser grabada con fines de formación.",
    ],
    takes_messages: &[
        "Ha llamado al buzón de voz. Deje su mensaje después de la señal.",
        "El teléfono al que llama no está disponible. Deje un mensaje después del tono.",
    ],
    calls_out: &["¿Hola? ¿Sigue usted ahí?", "Hola, ¿me oye?"],
    gives_up: &[
        "Parece que no hay nadie. Lo intentaré en otra ocasión.",
        "En este momento no localizo a nadie. Adiós.",
        "Entonces llamaré en otro momento. Adiós.",
    ],

    confirms: &[
        "Estupendo, queda anotado.",
        "Muy bien, se lo confirmaremos por escrito.",
        "Perfecto, pues queda acordado.",
    ],
    accepts: &["Lo entiendo, por supuesto.", "No pasa nada.", "Gracias por decírmelo con tanta claridad."],
    agent_says_goodbye: &[
        "Gracias por su tiempo, adiós.",
        "Que tenga un buen día. Adiós.",
        "Que le vaya muy bien, adiós.",
    ],
    person_says_goodbye: &["Muy bien, adiós.", "Vale, hasta luego.", "Gracias, que tenga un buen día."],
};
