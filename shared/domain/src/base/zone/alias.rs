//! Old and second names of time zones.

use chrono_tz::Tz;

/// The name that the tz database prefers for the zone.
///
/// Source: the renames of its file `backward` (2025b). The links between countries that the file
/// also has (Europe/Oslo to Europe/Berlin) are not followed: a place keeps its country.
pub(super) const fn canonical(tz: Tz) -> Tz {
    match tz {
        Tz::Africa__Asmera => Tz::Africa__Asmara,
        Tz::Africa__Timbuktu => Tz::Africa__Bamako,
        Tz::Egypt => Tz::Africa__Cairo,
        Tz::Libya => Tz::Africa__Tripoli,
        Tz::America__Atka | Tz::US__Aleutian => Tz::America__Adak,
        Tz::US__Alaska => Tz::America__Anchorage,
        Tz::America__Buenos_Aires => Tz::America__Argentina__Buenos_Aires,
        Tz::America__Argentina__ComodRivadavia | Tz::America__Catamarca => Tz::America__Argentina__Catamarca,
        Tz::America__Cordoba | Tz::America__Rosario => Tz::America__Argentina__Cordoba,
        Tz::America__Jujuy => Tz::America__Argentina__Jujuy,
        Tz::America__Mendoza => Tz::America__Argentina__Mendoza,
        Tz::US__Central => Tz::America__Chicago,
        Tz::America__Shiprock | Tz::Navajo | Tz::US__Mountain => Tz::America__Denver,
        Tz::US__Michigan => Tz::America__Detroit,
        Tz::America__Yellowknife | Tz::Canada__Mountain => Tz::America__Edmonton,
        Tz::Canada__Atlantic => Tz::America__Halifax,
        Tz::Cuba => Tz::America__Havana,
        Tz::America__Fort_Wayne | Tz::America__Indianapolis | Tz::US__EastIndiana => {
            Tz::America__Indiana__Indianapolis
        }
        Tz::America__Knox_IN | Tz::US__IndianaStarke => Tz::America__Indiana__Knox,
        Tz::America__Pangnirtung => Tz::America__Iqaluit,
        Tz::Jamaica => Tz::America__Jamaica,
        Tz::America__Louisville => Tz::America__Kentucky__Louisville,
        Tz::US__Pacific => Tz::America__Los_Angeles,
        Tz::Brazil__West => Tz::America__Manaus,
        Tz::Mexico__BajaSur => Tz::America__Mazatlan,
        Tz::Mexico__General => Tz::America__Mexico_City,
        Tz::US__Eastern => Tz::America__New_York,
        Tz::Brazil__DeNoronha => Tz::America__Noronha,
        Tz::America__Godthab => Tz::America__Nuuk,
        Tz::America__Coral_Harbour => Tz::America__Atikokan,
        Tz::US__Arizona => Tz::America__Phoenix,
        Tz::Canada__Saskatchewan => Tz::America__Regina,
        Tz::America__Porto_Acre | Tz::Brazil__Acre => Tz::America__Rio_Branco,
        Tz::Chile__Continental => Tz::America__Santiago,
        Tz::Brazil__East => Tz::America__Sao_Paulo,
        Tz::Canada__Newfoundland => Tz::America__St_Johns,
        Tz::America__Virgin => Tz::America__St_Thomas,
        Tz::America__Ensenada | Tz::America__Santa_Isabel | Tz::Mexico__BajaNorte => Tz::America__Tijuana,
        Tz::America__Montreal | Tz::America__Nipigon | Tz::America__Thunder_Bay | Tz::Canada__Eastern => {
            Tz::America__Toronto
        }
        Tz::Canada__Pacific => Tz::America__Vancouver,
        Tz::Canada__Yukon => Tz::America__Whitehorse,
        Tz::America__Rainy_River | Tz::Canada__Central => Tz::America__Winnipeg,
        Tz::Asia__Ashkhabad => Tz::Asia__Ashgabat,
        Tz::Asia__Dacca => Tz::Asia__Dhaka,
        Tz::Asia__Saigon => Tz::Asia__Ho_Chi_Minh,
        Tz::Hongkong => Tz::Asia__Hong_Kong,
        Tz::Asia__Tel_Aviv | Tz::Israel => Tz::Asia__Jerusalem,
        Tz::Asia__Katmandu => Tz::Asia__Kathmandu,
        Tz::Asia__Calcutta => Tz::Asia__Kolkata,
        Tz::Asia__Macao => Tz::Asia__Macau,
        Tz::Asia__Ujung_Pandang => Tz::Asia__Makassar,
        Tz::Europe__Nicosia => Tz::Asia__Nicosia,
        Tz::ROK => Tz::Asia__Seoul,
        Tz::Asia__Chongqing | Tz::Asia__Chungking | Tz::Asia__Harbin | Tz::PRC => Tz::Asia__Shanghai,
        Tz::Singapore => Tz::Asia__Singapore,
        Tz::ROC => Tz::Asia__Taipei,
        Tz::Iran => Tz::Asia__Tehran,
        Tz::Asia__Thimbu => Tz::Asia__Thimphu,
        Tz::Japan => Tz::Asia__Tokyo,
        Tz::Asia__Choibalsan | Tz::Asia__Ulan_Bator => Tz::Asia__Ulaanbaatar,
        Tz::Asia__Kashgar => Tz::Asia__Urumqi,
        Tz::Asia__Rangoon => Tz::Asia__Yangon,
        Tz::Atlantic__Faeroe => Tz::Atlantic__Faroe,
        Tz::Iceland => Tz::Atlantic__Reykjavik,
        Tz::Australia__South => Tz::Australia__Adelaide,
        Tz::Australia__Queensland => Tz::Australia__Brisbane,
        Tz::Australia__Yancowinna => Tz::Australia__Broken_Hill,
        Tz::Australia__North => Tz::Australia__Darwin,
        Tz::Australia__Currie | Tz::Australia__Tasmania => Tz::Australia__Hobart,
        Tz::Australia__LHI => Tz::Australia__Lord_Howe,
        Tz::Australia__Victoria => Tz::Australia__Melbourne,
        Tz::Australia__West => Tz::Australia__Perth,
        Tz::Australia__ACT | Tz::Australia__Canberra | Tz::Australia__NSW => Tz::Australia__Sydney,
        Tz::Europe__Tiraspol => Tz::Europe__Chisinau,
        Tz::Eire => Tz::Europe__Dublin,
        Tz::Asia__Istanbul | Tz::Turkey => Tz::Europe__Istanbul,
        Tz::Europe__Kiev | Tz::Europe__Uzhgorod | Tz::Europe__Zaporozhye => Tz::Europe__Kyiv,
        Tz::Portugal => Tz::Europe__Lisbon,
        Tz::Europe__Belfast | Tz::GB | Tz::GBEire => Tz::Europe__London,
        Tz::WSU => Tz::Europe__Moscow,
        Tz::Atlantic__Jan_Mayen => Tz::Europe__Oslo,
        Tz::Poland => Tz::Europe__Warsaw,
        Tz::Etc__GMT
        | Tz::Etc__GMTPlus0
        | Tz::Etc__GMTMinus0
        | Tz::Etc__GMT0
        | Tz::Etc__Greenwich
        | Tz::GMTPlus0
        | Tz::GMTMinus0
        | Tz::GMT0
        | Tz::Greenwich => Tz::GMT,
        Tz::Antarctica__South_Pole | Tz::NZ => Tz::Pacific__Auckland,
        Tz::NZCHAT => Tz::Pacific__Chatham,
        Tz::Pacific__Truk | Tz::Pacific__Yap => Tz::Pacific__Chuuk,
        Tz::Chile__EasterIsland => Tz::Pacific__Easter,
        Tz::Pacific__Johnston | Tz::US__Hawaii => Tz::Pacific__Honolulu,
        Tz::Pacific__Enderbury => Tz::Pacific__Kanton,
        Tz::Kwajalein => Tz::Pacific__Kwajalein,
        Tz::Pacific__Samoa | Tz::US__Samoa => Tz::Pacific__Pago_Pago,
        Tz::Pacific__Ponape => Tz::Pacific__Pohnpei,
        Tz::Etc__UCT
        | Tz::Etc__UTC
        | Tz::Etc__Universal
        | Tz::Etc__Zulu
        | Tz::UCT
        | Tz::Universal
        | Tz::Zulu => Tz::UTC,
        own => own,
    }
}
