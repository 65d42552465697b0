//! What fields but numbers are called, in eight languages and by the usual programs.

use super::Column;
use crate::importing::consent::ConsentPart;
use crate::importing::names::variable_name;

/// Names without capitals, accents and what stands between words.
type Names = &'static [&'static str];

const NAME: Names = &[
    "name",
    "fullname",
    "contactname",
    "displayname",
    "personname",
    "kundenname", // English
    "vollername",
    "vollstandigername",
    "ansprechpartner",
    "kontaktname", // German
    "nomcomplet",
    "nometprenom",
    "prenometnom",
    "nomprenom",
    "prenomnom",
    "nomducontact", // French
    "nombrecompleto",
    "nombreyapellidos",
    "nombreyapellido",
    "apellidosynombre", // Spanish
    "nomecompleto",
    "nomedocontato",
    "nomedocontacto", // Portuguese
    "nominativo",
    "nomecognome",
    "nomeecognome",
    "cognomeenome",
    "cognomenome", // Italian
    "naam",
    "volledigenaam",
    "contactnaam",
    "contactpersoon", // Dutch
    "adsoyad",
    "adivesoyadi",
    "adisoyadi",
    "isimsoyisim",
    "tamad",
    "adsoyisim", // Turkish
];
const FIRST_NAME: Names = &[
    "firstname",
    "givenname",
    "forename",
    "personfirstname",
    "vorname",
    "prenom",
    "nombre",
    "nombredepila",
    "primernombre",
    "nome",
    "primeironome",
    "nomeproprio",
    "voornaam",
    "roepnaam",
    "ad",
    "adi",
    "isim",
];
const LAST_NAME: Names = &[
    "lastname",
    "familyname",
    "surname",
    "personlastname",
    "nachname",
    "familienname",
    "zuname",
    "nom",
    "nomdefamille",
    "apellido",
    "apellidos",
    "sobrenome",
    "apelido",
    "ultimonome",
    "cognome",
    "achternaam",
    "familienaam",
    "soyad",
    "soyadi",
    "soyisim",
];
const EMAIL: Names = &[
    "email",
    "emailaddress",
    "email1value",
    "personemail",
    "personemailwork",
    "workemail",
    "primaryemail",
    "mail",
    "emailadresse",
    "mailadresse",
    "adresseemail",
    "adressemail",
    "courriel",
    "correo",
    "correoelectronico",
    "direcciondecorreo",
    "direcciondecorreoelectronico",
    "direccionemail",
    "enderecodeemail",
    "correioeletronico",
    "indirizzoemail",
    "postaelettronica",
    "emailadres",
    "eposta",
    "epostaadresi",
    "emailadresi",
];
const COMPANY: Names = &[
    "company",
    "companyname",
    "organization",
    "organisation",
    "organizationname",
    "organization1name",
    "personorganization",
    "associatedcompany",
    "accountname",
    "firma",
    "firmenname",
    "unternehmen",
    "unternehmensname",
    "entreprise",
    "societe",
    "nomdelentreprise",
    "nomdelasociete",
    "raisonsociale",
    "empresa",
    "nombredelaempresa",
    "compania",
    "nomedaempresa",
    "azienda",
    "nomeazienda",
    "societa",
    "ragionesociale",
    "bedrijf",
    "bedrijfsnaam",
    "organisatie",
    "sirket",
    "sirketadi",
    "firmaadi",
    "kurum",
];
const TIMEZONE: Names = &[
    "timezone",
    "tz",
    "zeitzone",
    "fuseauhoraire",
    "zonahoraria",
    "husohorario",
    "fusohorario",
    "fusoorario",
    "tijdzone",
    "saatdilimi",
    "zamandilimi",
];
const TAGS: Names = &[
    "tags",
    "tag",
    "labels",
    "categories",
    "kategorien",
    "schlagworte",
    "schlagworter",
    "etiketten",
    "etiquettes",
    "etiquette",
    "motscles",
    "etiquetas",
    "etiqueta",
    "marcadores",
    "etichette",
    "etichetta",
    "etiketler",
    "etiket",
];
const COUNTRY: Names = &[
    "country",
    "countryname",
    "countrycode",
    "isocountrycode",
    "countryregion",
    "mailingcountry",
    "billingcountry",
    "businesscountry",
    "homecountry",
    "businesscountryregion",
    "homecountryregion",
    "othercountryregion",
    "address1country",
    "personpostaladdresscountry",
    "land",
    "landercode",
    "landcode",
    "pays",
    "codepays",
    "pais",
    "codigodepais",
    "codigodopais",
    "paese",
    "codicepaese",
    "nazione",
    "landnaam",
    "landencode",
    "ulke",
    "ulkekodu",
];

/// The field that a header names, if it is none of numbers.
pub(super) fn field(header: &str) -> Option<Column> {
    let name = plain(header)?;
    let fields: [(Names, Column); 8] = [
        (NAME, Column::Name),
        (FIRST_NAME, Column::FirstName),
        (LAST_NAME, Column::LastName),
        (EMAIL, Column::Email),
        (COMPANY, Column::Company),
        (TIMEZONE, Column::Timezone),
        (TAGS, Column::Tags),
        (COUNTRY, Column::Country),
    ];
    let found = fields.into_iter().find(|(names, _)| names.contains(&name.as_str()));
    found.map(|(_, column)| column).or_else(|| ConsentPart::called(&name).map(Column::Consent))
}

/// The letters of a header, without capitals, accents and what stands between words.
fn plain(header: &str) -> Option<String> {
    variable_name(header).map(|name| name.replace('_', ""))
}
