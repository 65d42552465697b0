//! What is said in English.

use super::phrases::Phrases;

pub(super) static ENGLISH: Phrases = Phrases {
    months: [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
    date: "{month} {day}",

    greets: &[
        "Yes, speaking.",
        "Yes, that's me.",
        "Hello, yes, who is this?",
        "Good morning, what is it about?",
    ],
    asks_for_a_moment: &[
        "I only need two minutes of your time. Is this a good moment?",
        "Do you have a minute for me just now?",
        "May I explain briefly why I am calling?",
    ],
    has_a_moment: &["Sure, go ahead.", "I have a minute, yes.", "All right, I'm listening."],

    offers: &[
        "We would like to offer you an appointment with one of our advisers, free of charge. Shall I book one for you?",
        "Our advisers have some free appointments next week. May I put you down for one?",
        "I am calling to arrange a free consultation with you. Would that suit you?",
    ],
    agrees: &[
        "Yes, please. [Tuesday at ten] would be best for me.",
        "Gladly, put me down for [Thursday afternoon].",
        "That sounds good. Let's do it.",
        "Yes, I'd like that, [any day after five].",
    ],
    agrees_in_part: &[
        "Not an appointment yet, but you can send me the papers.",
        "I won't come in, but a short talk by phone [on Friday] would be all right.",
        "Send me the offer first; only then will I fix a date.",
    ],
    thinks_it_over: &[
        "I can't say just like that. I'll think about it and let you know.",
        "Let me sleep on it, I promise I'll get back to you.",
        "Perhaps. [I have to talk to my wife first], then I'll ring you.",
        "I need a few days to consider that, [we are just moving house].",
    ],
    declines: &[
        "No, thank you. [We already have somebody for that].",
        "No, I'd rather not, [it is too expensive for me].",
        "I'm afraid not. [We signed with another company last month].",
        "No, I don't want to do that.",
    ],
    not_interested: &[
        "I'm not interested.",
        "Thanks, but that's of no interest to me.",
        "No interest, [I never buy anything over the phone].",
        "That's not for me at all, sorry.",
    ],
    names_another_number: &[
        "My colleague looks after that. You can reach her on +1 202 555 0143.",
        "You'd have to ask my husband about it, his number is +1 202 555 0178.",
        "That's a matter for our office, they are on +1 202 555 0112.",
    ],
    takes_the_number: &[
        "Thank you, I have noted the number.",
        "That helps me, I will ask there.",
        "Very kind of you, I have written it down.",
    ],
    breaks_off: &[
        "Well, you see, actually I was just about to",
        "Hold on, there is somebody at the",
        "I can hardly hear you, I think the line is",
    ],

    asks_whether_it_fits: &[
        "May I ask whether you decide on this yourself, and when you would like to begin?",
        "So that I know whether it suits you: who decides on it in your home, and how soon would it be?",
        "Is it up to you to decide on it, and have you a date in mind?",
    ],
    qualifies: &[
        "I decide on that myself, and we'd like to begin this month.",
        "It's my own house and the money is set aside, so the sooner the better.",
        "That's up to me. We need it before the summer, without fail.",
    ],
    qualifies_in_part: &[
        "My partner and I decide together, and it won't be before next year.",
        "I'd like to, but the budget isn't settled yet.",
        "It's up to me, but there is really no hurry.",
    ],
    does_not_qualify: &[
        "[I only rent here], so I can't decide anything of the kind.",
        "That won't work, [the house is going to be sold].",
        "[We had all of it done last year], there's nothing left to do.",
        "I couldn't, [I'm still a student and live with my parents].",
    ],

    is_somebody_else: &[
        "You have the wrong person, there's nobody of that name here.",
        "No, that isn't me. I've had this number for a month only.",
        "Wrong number, I don't know who that is.",
        "He doesn't live here any more, I'm the new tenant.",
    ],
    apologises: &[
        "Then I have the wrong number. Please excuse the disturbance.",
        "Oh, I am sorry, I did not mean to disturb you.",
        "My apologies, I will correct that here.",
    ],
    never_wants_calls: &[
        "Take me off your list, please.",
        "Don't ever call me again.",
        "Please delete my number and stop calling me.",
        "I never want to hear from you again. Remove my number.",
    ],
    promises_no_calls: &[
        "Of course. We won't call you again.",
        "I have noted that, you won't hear from us any more.",
        "Certainly, your number is taken off the list now.",
    ],

    call_back_on_a_date: &[
        "I can't talk now. Call me [on {date} at half past two in the afternoon].",
        "Not today. Please try again [on {date} at 2:30 pm].",
        "I'm away until then: ring me [on {date} at 14:30], please.",
    ],
    call_back_tomorrow: &[
        "I am busy just now. Can you call me [tomorrow at 2 pm]?",
        "I'm driving. Call back [tomorrow at two in the afternoon].",
        "Try me again [tomorrow at 14:00], then I'll have time.",
    ],
    call_back_on_tuesday_morning: &[
        "Not now, please. Call me [on Tuesday morning].",
        "I'm in a meeting. [Tuesday in the morning] would be better, call me then.",
        "Ring me [some time on Tuesday morning], would you?",
    ],
    call_back_in_half_an_hour: &[
        "We're just eating. Call me [in half an hour].",
        "Can you ring again [in thirty minutes]?",
        "Give me [half an hour] and call again, please.",
    ],
    call_back_later: &[
        "I am busy just now. Can you call me later?",
        "It's a bad moment, call some other time.",
        "Later, please. I've no time at all now.",
    ],
    call_back_at_an_impossible_time: &[
        "Call me back [yesterday], if you like.",
        "Try again [on the 30th of February].",
        "You should have rung [last Tuesday at nine], call me then.",
    ],
    promises_to_call_back: &[
        "I will call you back then.",
        "Very well, we will speak again then.",
        "Thank you, I have noted that and will be in touch.",
    ],

    keeps_on_hold: &[
        "All our lines are busy. Please hold, your call will be answered shortly.",
        "Thank you for waiting. You are number three in the queue.",
        "For opening hours, press one. For all other questions, press two.",
        "Please stay on the line. This call may be recorded for training purposes.",
    ],
    takes_messages: &[
        "You have reached the voicemail. Please leave a message after the tone.",
        "The person you are calling is not available. Please leave a message after the beep.",
    ],
    calls_out: &["Hello? Are you still there?", "Hello, can you hear me?"],
    gives_up: &[
        "Nobody seems to be there. I will try again another time.",
        "I can't reach anybody at the moment. Goodbye.",
        "Then I will call at another time. Goodbye.",
    ],

    confirms: &[
        "Wonderful, I have noted that.",
        "Very good, we will confirm it in writing.",
        "Perfect, that is arranged then.",
    ],
    accepts: &[
        "I understand, of course.",
        "That is quite all right.",
        "Thank you for telling me so plainly.",
    ],
    agent_says_goodbye: &[
        "Thank you for your time, goodbye.",
        "I wish you a pleasant day. Goodbye.",
        "All the best to you, goodbye.",
    ],
    person_says_goodbye: &["All right, goodbye.", "Okay, bye.", "Thanks, have a nice day."],
};
