//! What is said in French.

use super::phrases::Phrases;

pub(super) static FRENCH: Phrases = Phrases {
    months: [
        "janvier",
        "février",
        "mars",
        "avril",
        "mai",
        "juin",
        "juillet",
        "août",
        "septembre",
        "octobre",
        "novembre",
        "décembre",
    ],
    date: "{day} {month}",

    greets: &[
        "Oui, c'est moi-même.",
        "Oui, c'est bien moi.",
        "Allô, oui, qui est à l'appareil ?",
        "Bonjour, c'est à quel sujet ?",
    ],
    asks_for_a_moment: &[
        "Je n'ai besoin que de deux minutes. Est-ce le bon moment ?",
        "Auriez-vous une minute à m'accorder ?",
        "Puis-je vous expliquer en deux mots pourquoi j'appelle ?",
    ],
    has_a_moment: &["Oui, allez-y.", "J'ai une minute, oui.", "D'accord, je vous écoute."],

    offers: &[
        "Nous aimerions vous proposer un rendez-vous gratuit avec un de nos conseillers. Voulez-vous que j'en réserve un ?",
        "Nos conseillers ont encore des rendez-vous libres la semaine prochaine. Puis-je vous en réserver un ?",
        "J'appelle pour convenir avec vous d'un entretien gratuit. Cela vous conviendrait-il ?",
    ],
    agrees: &[
        "Oui, volontiers. Le mieux pour moi serait [mardi à dix heures].",
        "Avec plaisir, inscrivez-moi pour [jeudi après-midi].",
        "Cela me paraît très bien. Faisons comme cela.",
        "Oui, cela m'intéresse, [n'importe quel jour après dix-sept heures].",
    ],
    agrees_in_part: &[
        "Pas encore de rendez-vous, mais vous pouvez m'envoyer la documentation.",
        "Je ne viendrai pas, mais on peut se parler au téléphone [vendredi].",
        "Envoyez-moi d'abord l'offre, je fixerai une date ensuite.",
    ],
    thinks_it_over: &[
        "Je ne peux pas vous dire comme cela. Je vais y réfléchir et je vous tiendrai au courant.",
        "La nuit porte conseil, je vous promets de vous recontacter.",
        "Peut-être. [Je dois d'abord en parler à ma femme], puis je vous appellerai.",
        "Il me faut quelques jours de réflexion, [nous sommes en plein déménagement].",
    ],
    declines: &[
        "Non merci. [Nous avons déjà quelqu'un pour cela].",
        "Non, je préfère pas, [c'est trop cher pour moi].",
        "Malheureusement non. [Nous avons signé ailleurs le mois dernier].",
        "Non, je ne veux pas faire cela.",
    ],
    not_interested: &[
        "Cela ne m'intéresse pas.",
        "Merci, mais je n'y vois aucun intérêt.",
        "Pas d'intérêt, [je n'achète jamais rien par téléphone].",
        "Ce n'est vraiment pas pour moi, je regrette.",
    ],
    names_another_number: &[
        "C'est ma collègue qui s'en occupe. Vous pouvez la joindre au +33 1 99 00 12 14.",
        "Il faudrait demander à mon mari, son numéro est le +33 6 39 98 17 80.",
        "Cela regarde notre bureau, il est au +33 1 99 00 31 12.",
    ],
    takes_the_number: &[
        "Merci, j'ai noté le numéro.",
        "Cela m'aide beaucoup, je vais demander là-bas.",
        "C'est très aimable, je l'ai inscrit.",
    ],
    breaks_off: &[
        "Eh bien, vous savez, en fait j'allais justement",
        "Attendez, il y a quelqu'un à la",
        "Je vous entends à peine, je crois que la ligne est",
    ],

    asks_whether_it_fits: &[
        "Puis-je vous demander si c'est vous qui décidez, et quand vous voudriez commencer ?",
        "Pour savoir si cela vous convient : qui décide chez vous, et ce serait pour quand ?",
        "La décision vous revient-elle, et avez-vous déjà une date en tête ?",
    ],
    qualifies: &[
        "C'est moi qui décide, et nous voudrions commencer ce mois-ci.",
        "La maison est à moi et l'argent est là, alors le plus tôt sera le mieux.",
        "Cela dépend de moi. Il nous le faut absolument avant l'été.",
    ],
    qualifies_in_part: &[
        "Nous décidons à deux, et ce ne sera pas avant l'année prochaine.",
        "J'aimerais bien, mais le budget n'est pas encore fixé.",
        "Cela dépend de moi, mais il n'y a vraiment rien qui presse.",
    ],
    does_not_qualify: &[
        "[Je ne suis que locataire ici], je ne peux rien décider de ce genre.",
        "Ce n'est pas possible, [la maison va être vendue].",
        "[Nous avons tout fait faire l'année dernière], il ne reste rien à faire.",
        "Je ne peux pas, [je suis encore aux études et je vis chez mes parents].",
    ],

    is_somebody_else: &[
        "Vous vous trompez de personne, personne ne s'appelle ainsi ici.",
        "Non, ce n'est pas moi. J'ai ce numéro depuis un mois seulement.",
        "C'est un faux numéro, je ne sais pas qui c'est.",
        "Il n'habite plus ici, je suis le nouveau locataire.",
    ],
    apologises: &[
        "Alors j'ai un mauvais numéro. Veuillez excuser le dérangement.",
        "Oh, pardon, je ne voulais pas vous déranger.",
        "Toutes mes excuses, je vais corriger cela chez nous.",
    ],
    never_wants_calls: &[
        "Retirez-moi de votre liste, s'il vous plaît.",
        "Ne m'appelez plus jamais.",
        "Effacez mon numéro et arrêtez de m'appeler.",
        "Je ne veux plus jamais entendre parler de vous. Supprimez mon numéro.",
    ],
    promises_no_calls: &[
        "Bien entendu. Nous ne vous appellerons plus.",
        "C'est noté, vous n'entendrez plus parler de nous.",
        "Certainement, votre numéro est retiré de la liste.",
    ],

    call_back_on_a_date: &[
        "Je ne peux pas parler maintenant. Appelez-moi [le {date} à deux heures et demie de l'après-midi].",
        "Pas aujourd'hui. Réessayez [le {date} à 14 h 30], s'il vous plaît.",
        "Je suis en voyage jusque-là : rappelez-moi [le {date} à quatorze heures trente].",
    ],
    call_back_tomorrow: &[
        "Je suis en plein travail. Pouvez-vous m'appeler [demain à 14 heures] ?",
        "Je suis au volant. Rappelez [demain à deux heures de l'après-midi].",
        "Réessayez [demain à 14 h], j'aurai le temps.",
    ],
    call_back_on_tuesday_morning: &[
        "Pas maintenant, s'il vous plaît. Appelez-moi [mardi matin].",
        "Je suis en réunion. [Mardi dans la matinée], ce serait mieux, appelez à ce moment-là.",
        "Rappelez-moi donc [mardi, n'importe quand dans la matinée].",
    ],
    call_back_in_half_an_hour: &[
        "Nous sommes à table. Appelez-moi [dans une demi-heure].",
        "Pouvez-vous rappeler [dans trente minutes] ?",
        "Laissez-moi [une demi-heure] et rappelez, s'il vous plaît.",
    ],
    call_back_later: &[
        "Je suis en plein travail. Pouvez-vous m'appeler plus tard ?",
        "Le moment est mal choisi, appelez une autre fois.",
        "Plus tard, s'il vous plaît. Là, je n'ai pas du tout le temps.",
    ],
    call_back_at_an_impossible_time: &[
        "Rappelez-moi [hier], si vous voulez.",
        "Réessayez [le 30 février].",
        "Il fallait appeler [mardi dernier à neuf heures], rappelez-moi à ce moment-là.",
    ],
    promises_to_call_back: &[
        "Je vous rappellerai à ce moment-là.",
        "Très bien, nous nous reparlerons.",
        "Merci, c'est noté, je reprendrai contact.",
    ],

    keeps_on_hold: &[
        "Toutes nos lignes sont occupées. Veuillez patienter, nous allons prendre votre appel.",
        "Merci de patienter. Vous êtes en troisième position dans la file d'attente.",
        "Pour les horaires d'ouverture, tapez un. Pour toute autre question, tapez deux.",
        "Ne quittez pas. Cet appel peut être enregistré à des fins de formation.",
    ],
    takes_messages: &[
        "Vous êtes bien sur la messagerie vocale. Veuillez laisser un message après le signal sonore.",
        "Votre correspondant n'est pas disponible. Veuillez laisser un message après le bip.",
    ],
    calls_out: &["Allô ? Vous êtes toujours là ?", "Allô, vous m'entendez ?"],
    gives_up: &[
        "Il semble qu'il n'y ait personne. Je réessaierai une autre fois.",
        "Je n'arrive à joindre personne pour le moment. Au revoir.",
        "Alors j'appellerai à un autre moment. Au revoir.",
    ],

    confirms: &[
        "Parfait, c'est noté.",
        "Très bien, nous vous le confirmerons par écrit.",
        "Formidable, voilà qui est convenu.",
    ],
    accepts: &[
        "Je comprends, bien sûr.",
        "Il n'y a aucun problème.",
        "Merci de me le dire aussi franchement.",
    ],
    agent_says_goodbye: &[
        "Merci pour votre temps, au revoir.",
        "Je vous souhaite une bonne journée. Au revoir.",
        "Bonne continuation, au revoir.",
    ],
    person_says_goodbye: &["Bon, au revoir.", "D'accord, salut.", "Merci, bonne journée."],
};
