//! Which header means what.

use proptest::prelude::*;

use super::*;

fn headers(text: &str) -> Vec<String> {
    text.split(',').map(ToOwned::to_owned).collect()
}

fn meanings(text: &str) -> Vec<String> {
    let map = ColumnMap::recognise(&headers(text)).expect("a good header");
    map.columns().map(|(_, column)| column.to_string()).collect()
}

fn refusal(text: &str) -> HeaderError {
    ColumnMap::recognise(&headers(text)).expect_err("a bad header")
}

fn mapping(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(header, field)| ((*header).to_owned(), (*field).to_owned())).collect()
}

#[test]
fn every_usual_header_is_recognised() {
    for (field, words) in [
        (
            Column::Phone,
            "phone,phone_number,mobile,cell,Phone Number,PHONE-NUMBER,telephone,mobilePhone,phone1,phone_2,phone_6",
        ),
        (Column::Name, "name,full_name,contact_name,Full Name,CONTACT-NAME"),
        (Column::FirstName, "first_name,First Name,given_name"),
        (Column::LastName, "last_name,surname"),
        (Column::Email, "email,email_address,E-Mail,E-Mail Address"),
        (Column::Company, "company,organization,organisation"),
        (Column::Timezone, "timezone,time_zone,tz,Time Zone"),
        (Column::Tags, "tags,Tag"),
        (Column::Variable("customer_name".into()), "customer_name,Customer Name,customerName"),
        (Column::Variable("phone_model".into()), "Phone model"),
    ] {
        for word in headers(words) {
            let other = if field == Column::Phone { "notes" } else { "phone" };
            let map = ColumnMap::recognise(&[other.to_owned(), word.clone()]).expect("a good header");
            assert_eq!(map.columns().nth(1), Some((word.as_str(), &field)));
        }
    }
}

#[test]
fn what_is_not_recognised_is_a_variable() {
    assert_eq!(
        meanings("Order ID,phone,,Größe,電話,first_name"),
        ["order_id", "phone", "column_3", "grosse", "phone_2", "first_name"]
    );
    let map = ColumnMap::recognise(&headers("phone,Phone model,Order")).expect("a good header");
    let notice = Notice::MentionsNumber { header: "Phone model".into(), variable: "phone_model".into() };
    assert_eq!(map.notices(), [notice]);
}

#[test]
fn the_numbers_of_the_usual_programs_are_known_in_the_order_of_the_sheet() {
    for (sheet, columns) in [
        ("First Name,Phone Number,Mobile Phone Number,Email", "first_name,phone,phone_2,email"),
        (
            "First Name,Last Name,Business Phone,Home Phone,Mobile Phone,Other Phone,Business Fax,E-mail Address",
            "first_name,last_name,phone,phone_2,phone_3,phone_4,ignore,email",
        ),
        (
            "Business Phone,Business Phone 2,Assistant's Phone,Company Main Phone",
            "phone,phone_2,ignore,phone_3",
        ),
        ("Name,Phone 1 - Type,Phone 1 - Value,Phone 2 - Value", "name,phone_label,phone,phone_2"),
        ("work_phone_1,work_phone_2,personal_phone_1", "phone,phone_2,phone_3"),
        ("Person - Name,Person - Phone - Work,Person - Phone - Mobile", "name,phone,phone_2"),
        ("Account Name,Phone,Mobile,Home Phone,Asst. Phone", "company,phone,phone_2,phone_3,ignore"),
        ("MSISDN", "phone"),
        ("Vorname,Nachname,Telefon,Handynummer,Telefax", "first_name,last_name,phone,phone_2,ignore"),
        ("Telefon (geschäftlich),Telefon privat,Rufnummer", "phone,phone_2,phone_3"),
        ("Numéro de téléphone,Portable", "phone,phone_2"),
        ("Teléfono móvil,Teléfono fijo", "phone,phone_2"),
        ("氏名,電話番号", "column_1,phone"),
        ("phone_3,phone_2", "phone_3,phone"),
        ("Partner,Mobile OS,phone", "partner,mobile_os,phone"),
    ] {
        assert_eq!(meanings(sheet).join(","), columns, "{sheet}");
    }
}

#[test]
fn sheets_in_eight_languages_are_understood() {
    for (sheet, columns) in [
        (
            "Full Name,Work Phone,Other Phone,E-mail,Company,Time Zone,Tags,Country",
            "name,phone,phone_2,email,company,timezone,tags,country",
        ),
        (
            "Vorname;Nachname;Telefon geschäftlich;Mobiltelefon;Telefon (privat);E-Mail-Adresse;Firma;Zeitzone;Schlagwörter;Land",
            "first_name,last_name,phone,phone_2,phone_3,email,company,timezone,tags,country",
        ),
        (
            "Prénom;Nom;Téléphone portable;Téléphone fixe;Autre téléphone;Adresse e-mail;Société;Fuseau horaire;Étiquettes;Pays",
            "first_name,last_name,phone,phone_2,phone_3,email,company,timezone,tags,country",
        ),
        (
            "Nombre;Apellidos;Teléfono móvil;Teléfono de casa;Otro teléfono;Correo electrónico;Empresa;Zona horaria;Etiquetas;País",
            "first_name,last_name,phone,phone_2,phone_3,email,company,timezone,tags,country",
        ),
        (
            "Nome;Sobrenome;Celular;Telefone comercial;Outro telefone;E-mail;Empresa;Fuso horário;Marcadores;País",
            "first_name,last_name,phone,phone_2,phone_3,email,company,timezone,tags,country",
        ),
        (
            "Nome;Cognome;Cellulare;Telefono ufficio;Altro telefono;Indirizzo e-mail;Azienda;Fuso orario;Etichette;Paese",
            "first_name,last_name,phone,phone_2,phone_3,email,company,timezone,tags,country",
        ),
        (
            "Voornaam;Achternaam;Mobiel nummer;Telefoon werk;Overige telefoon;E-mailadres;Bedrijf;Tijdzone;Labels;Land",
            "first_name,last_name,phone,phone_2,phone_3,email,company,timezone,tags,country",
        ),
        (
            "Adı;Soyadı;Cep Telefonu;İş Telefonu;Diğer Telefon;E-posta;Şirket;Saat dilimi;Etiketler;Ülke",
            "first_name,last_name,phone,phone_2,phone_3,email,company,timezone,tags,country",
        ),
        (
            "Telefon;Quelle der Einwilligung;Einwilligung am;Kanal der Zustimmung",
            "phone,consent_source,consent_at,consent_channel",
        ),
        (
            "phone;source du consentement;date du consentement;preuve du consentement",
            "phone,consent_source,consent_at,consent_proof",
        ),
        ("phone;origen del consentimiento;fecha del consentimiento", "phone,consent_source,consent_at"),
        ("phone;origem do consentimento;data do consentimento", "phone,consent_source,consent_at"),
        (
            "phone;fonte del consenso;data del consenso;canale del consenso",
            "phone,consent_source,consent_at,consent_channel",
        ),
        ("phone;bron van toestemming;toestemmingsdatum", "phone,consent_source,consent_at"),
        ("phone;onay kaynağı;onay tarihi", "phone,consent_source,consent_at"),
    ] {
        assert_eq!(meanings(&sheet.replace(';', ",")).join(","), columns, "{sheet}");
    }
}

#[test]
fn the_exports_of_the_usual_programs_are_understood() {
    for (sheet, columns) in [
        // HubSpot
        (
            "Record ID,First Name,Last Name,Email,Phone Number,Mobile Phone Number,Associated Company,Country/Region,Time Zone",
            "record_id,first_name,last_name,email,phone,phone_2,company,country,timezone",
        ),
        // Salesforce
        (
            "Salutation,First Name,Last Name,Title,Account Name,Mailing Country,Phone,Mobile,Home Phone,Other Phone,Asst. Phone,Fax,Email",
            "salutation,first_name,last_name,title,company,country,phone,phone_2,phone_3,phone_4,ignore,ignore,email",
        ),
        // Pipedrive
        (
            "Person - Name,Person - Organization,Person - Email - Work,Person - Phone - Work,Person - Phone - Home,Person - Phone - Mobile,Person - Phone - Other",
            "name,company,email,phone,phone_2,phone_3,phone_4",
        ),
        // Google
        (
            "First Name,Last Name,Labels,E-mail 1 - Label,E-mail 1 - Value,Phone 1 - Label,Phone 1 - Value,Phone 2 - Label,Phone 2 - Value,Organization Name",
            "first_name,last_name,tags,e_mail_1_label,email,phone_label,phone,phone_2_label,phone_2,company",
        ),
        // Outlook
        (
            "First Name,Last Name,Company,Business Country/Region,Business Phone,Home Phone,Mobile Phone,Primary Phone,Categories,E-mail Address",
            "first_name,last_name,company,country,phone,phone_2,phone_3,phone_4,tags,email",
        ),
        // Zoho
        (
            "Contact Name,First Name,Last Name,Account Name,Email,Phone,Other Phone,Mobile,Home Phone,Asst Phone,Mailing Country,Tag",
            "name,first_name,last_name,company,email,phone,phone_2,phone_3,phone_4,ignore,country,tags",
        ),
        // Mailchimp, whose consent is one to mails
        (
            "Email Address,First Name,Last Name,Phone Number,OPTIN_TIME,OPTIN_IP,TIMEZONE,CC,EUID,TAGS",
            "email,first_name,last_name,phone,optin_time,optin_ip,timezone,country,euid,tags",
        ),
    ] {
        assert_eq!(meanings(sheet).join(","), columns, "{sheet}");
        let map = ColumnMap::recognise(&headers(sheet)).expect("a good header");
        let asked =
            map.notices().iter().filter(|notice| matches!(notice, Notice::MentionsNumber { .. })).count();
        assert_eq!(asked, 0, "{sheet}");
    }
}

#[test]
fn it_is_said_how_sure_a_meaning_is() {
    let pairs = [("Apparat", "phone_3")];
    let sheet = headers("Phone,Work Phone,Apparat,Phone model,Order,Notes,notes,E-Mail");
    let map = ColumnMap::mapped(&sheet, &mapping(&pairs)).expect("a good mapping");
    let known: Vec<Certainty> = map.known().map(Known::certainty).collect();
    use Certainty::{Certain, Guess, Likely, Variable};
    assert_eq!(known, [Certain, Likely, Certain, Guess, Variable, Variable, Variable, Certain]);
}

#[test]
fn the_same_header_twice_costs_nothing() {
    let map = ColumnMap::recognise(&headers("Phone,Notes,Phone,Notes,")).expect("a good header");
    let columns: Vec<String> = map.columns().map(|(_, column)| column.to_string()).collect();
    assert_eq!(columns, ["phone", "notes", "phone_2", "notes_2", "column_5"]);
    assert_eq!(map.notices(), [Notice::Repeated { header: "Notes".into(), read_as: "notes_2".into() }]);
    assert_eq!(meanings("phone,phone_2,mobile_2"), ["phone", "phone_2", "phone_3"]);
    assert_eq!(meanings("phone,Full Name,name,name_2"), ["phone", "name", "name_3", "name_2"]);
    assert_eq!(meanings("phone,order id,Order-ID"), ["phone", "order_id", "order_id_2"]);
}

#[test]
fn numbers_beyond_the_last_place_are_left_out_with_a_notice() {
    let map = ColumnMap::recognise(&headers("phone,cell,gsm,tel,phone_5,mobile")).expect("a good header");
    assert_eq!(map.columns().last(), Some(("mobile", &Column::Ignored)));
    assert_eq!(map.notices(), [Notice::NoPlace { header: "mobile".into() }]);
}

#[test]
fn a_header_says_what_digits_without_plus_are() {
    let digits = |text: &str| {
        let map = ColumnMap::recognise(&headers(text)).expect("a good header");
        map.with_bare_digits(&[BareDigits::National])
            .columns_with_digits()
            .next()
            .map(|(_, _, digits)| digits)
    };
    assert_eq!(digits("phone international"), Some(BareDigits::International));
    assert_eq!(digits("phone"), Some(BareDigits::National));
}

#[test]
fn numbers_without_a_place_get_the_free_ones_in_the_order_of_the_sheet() {
    assert_eq!(meanings("mobile,name,phone"), ["phone", "name", "phone_2"]);
    assert_eq!(meanings("phone,cell,phone_2,other_phone"), ["phone", "phone_3", "phone_2", "phone_4"]);
    assert_eq!(meanings("secondary_phone,secondary_phone_2,phone"), ["phone_2", "phone_3", "phone"]);
}

#[test]
fn a_report_of_rejected_rows_can_be_dropped_again() {
    assert_eq!(
        meanings("phone,row,row,column,value,reason"),
        ["phone", "row", "ignore", "ignore", "ignore", "ignore"]
    );
    assert_eq!(meanings("phone,row,value"), ["phone", "row", "value"]);
}

#[test]
fn a_bad_header_is_refused_by_name_and_says_what_would_be_right() {
    let no_phone = refusal("name,Apparat").to_string();
    for part in ["`phone_number`", "`name`, `Apparat`"] {
        assert!(no_phone.contains(part), "{no_phone}");
    }
    assert_eq!(ColumnMap::recognise(&[]), Err(HeaderError::NoPhone { seen: Vec::new() }));
    let wide: Vec<String> = (0..=MAX_COLUMNS).map(|n| format!("c{n}")).collect();
    assert_eq!(ColumnMap::recognise(&wide), Err(HeaderError::TooManyColumns { count: MAX_COLUMNS + 1 }));
}

#[test]
fn a_message_does_not_repeat_a_whole_sheet() {
    let junk: Vec<String> = (0..100).map(|n| format!("{n}{}", "é".repeat(5_000))).collect();
    let text = ColumnMap::recognise(&junk).expect_err("no phone").to_string();
    assert!(text.ends_with("and 80 more"), "{text}");
    assert!(text.len() < 3_000, "{}", text.len());
}

#[test]
fn a_mapping_says_what_a_column_is() {
    let seen = headers("Telefon,Handy,Name,Bestellung,Notiz");
    let fields =
        [("telefon", "phone"), ("Handy", "phone_3"), ("Bestellung", "order_id"), ("Notiz", "ignore")];
    let map = ColumnMap::mapped(&seen, &mapping(&fields)).expect("a good mapping");
    let columns: Vec<String> = map.columns().map(|(_, column)| column.to_string()).collect();
    assert_eq!(columns, ["phone", "phone_3", "name", "order_id", "ignore"]);
    assert_eq!(map.headers(), seen);
}

#[test]
fn a_mapping_overrules_what_a_header_says() {
    let map =
        ColumnMap::mapped(&headers("phone,mobile"), &mapping(&[("phone", "desk"), ("mobile", "phone")]))
            .expect("a good mapping");
    let columns: Vec<String> = map.columns().map(|(_, column)| column.to_string()).collect();
    assert_eq!(columns, ["desk", "phone"]);
}

#[test]
fn a_mapping_tells_similar_columns_apart() {
    let pairs = [("Order-ID", "order"), ("ORDER ID", "purchase"), ("-", "note")];
    let map =
        ColumnMap::mapped(&headers("phone,Order-ID,ORDER ID,-,_"), &mapping(&pairs)).expect("a good mapping");
    let columns: Vec<String> = map.columns().map(|(_, column)| column.to_string()).collect();
    assert_eq!(columns, ["phone", "order", "purchase", "note", "column_5"]);
}

#[test]
fn a_bad_mapping_is_refused_by_name() {
    let refusal = |pairs: &[(&str, &str)]| {
        ColumnMap::mapped(&headers("Telefon,name"), &mapping(pairs)).expect_err("a bad mapping")
    };
    assert!(matches!(refusal(&[("Telephon", "phone")]), HeaderError::UnknownHeader { .. }));
    assert!(matches!(refusal(&[("Telefon", "my phone!")]), HeaderError::UnknownField { .. }));
    assert!(matches!(refusal(&[("Telefon", "")]), HeaderError::UnknownField { .. }));
    assert!(matches!(refusal(&[("Telefon", "phone"), ("name", "phone")]), HeaderError::Duplicate { .. }));
    assert!(matches!(refusal(&[("Telefon", "ignore")]), HeaderError::NoPhone { .. }));
}

proptest! {
    #[test]
    fn any_header_is_read_or_refused(seen in prop::collection::vec("\\PC{0,12}|phone|mobile|phone_[0-9]|phone_[0-9]?_?(label|name)|mobile type", 0..12)) {
        if let Ok(map) = ColumnMap::recognise(&seen) {
            let columns: Vec<&Column> = map.columns().map(|(_, column)| column).collect();
            prop_assert_eq!(columns.len(), seen.len());
            prop_assert!(columns.contains(&&Column::Phone));
            let read: Vec<_> = columns.into_iter().filter(|column| **column != Column::Ignored).collect();
            let different: BTreeSet<_> = read.iter().collect();
            prop_assert_eq!(different.len(), read.len());
        }
    }

    #[test]
    fn a_preview_can_be_sent_back_as_the_mapping(seen in prop::collection::vec("[a-zA-Z _-]{1,8}|phone|mobile|(phone|mobile)[ _-]{0,2}[0-6]?[ _-]{0,2}(label|type|name|)[ _]?2?", 1..8)) {
        let different: BTreeSet<_> = seen.iter().map(|header| key(header)).collect();
        if let Ok(map) = ColumnMap::recognise(&seen) && different.len() == seen.len() {
            let fields = map.columns().map(|(header, column)| (header.to_owned(), column.to_string())).collect();
            prop_assert_eq!(ColumnMap::mapped(&seen, &fields).map(|map| map.columns), Ok(map.columns));
        }
    }
}
