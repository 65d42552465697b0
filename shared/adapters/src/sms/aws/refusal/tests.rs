//! What every reason that the service's model lists comes to.

use super::*;

/// The reasons of each exception, as the service's model lists them (botocore 1.44.5).
#[rustfmt::skip]
const LISTED: [(&str, &[&str]); 4] = [
    ("AccessDeniedException", &[
        "INSUFFICIENT_ACCOUNT_REPUTATION", "ACCOUNT_DISABLED",
    ]),
    ("ConflictException", &[
        "CREATE_REGISTRATION_VERSION_NOT_ALLOWED", "DELETION_PROTECTION_ENABLED",
        "DESTINATION_PHONE_NUMBER_NOT_VERIFIED", "DESTINATION_PHONE_NUMBER_OPTED_OUT",
        "DISASSOCIATE_REGISTRATION_NOT_ALLOWED", "DISCARD_REGISTRATION_VERSION_NOT_ALLOWED",
        "EDIT_REGISTRATION_FIELD_VALUES_NOT_ALLOWED", "EVENT_DESTINATION_MISMATCH", "KEYWORD_MISMATCH",
        "LAST_PHONE_NUMBER", "NUMBER_CAPABILITIES_MISMATCH", "MESSAGE_TYPE_MISMATCH",
        "NO_ORIGINATION_IDENTITIES_FOUND", "OPT_OUT_LIST_MISMATCH", "PHONE_NUMBER_ASSOCIATED_TO_POOL",
        "PHONE_NUMBER_ASSOCIATED_TO_REGISTRATION", "PHONE_NUMBER_NOT_ASSOCIATED_TO_POOL",
        "PHONE_NUMBER_NOT_IN_REGISTRATION_REGION", "REGISTRATION_ALREADY_SUBMITTED", "REGISTRATION_NOT_COMPLETE",
        "RESOURCE_ALREADY_ASSOCIATED", "SENDER_ID_ASSOCIATED_TO_POOL", "RCS_AGENT_ASSOCIATED_TO_POOL",
        "POOL_ASSOCIATED_TO_NOTIFY_CONFIGURATION", "RESOURCE_ALREADY_EXISTS", "RESOURCE_DELETION_NOT_ALLOWED",
        "RESOURCE_MODIFICATION_NOT_ALLOWED", "RESOURCE_NOT_ACTIVE", "RESOURCE_NOT_EMPTY",
        "SELF_MANAGED_OPT_OUTS_MISMATCH", "SUBMIT_REGISTRATION_VERSION_NOT_ALLOWED", "TWO_WAY_CONFIG_MISMATCH",
        "VERIFICATION_CODE_EXPIRED", "VERIFICATION_ALREADY_COMPLETE", "PROTECT_CONFIGURATION_IS_ACCOUNT_DEFAULT",
        "PROTECT_CONFIGURATION_ASSOCIATED_WITH_CONFIGURATION_SET",
        "PROTECT_CONFIGURATION_NOT_ASSOCIATED_WITH_CONFIGURATION_SET",
        "DESTINATION_COUNTRY_BLOCKED_BY_PROTECT_CONFIGURATION",
        "DESTINATION_PHONE_NUMBER_BLOCKED_BY_PROTECT_NUMBER_OVERRIDE",
        "RCS_AGENT_ALREADY_ASSOCIATED_TO_REGISTRATION_TYPE", "NOTIFY_CONFIGURATION_NOT_ACTIVE",
    ]),
    ("ServiceQuotaExceededException", &[
        "ASSOCIATIONS_PER_REGISTRATION", "CONFIGURATION_SETS_PER_ACCOUNT", "DAILY_DESTINATION_CALL_LIMIT",
        "DAILY_NOTIFY_TIER_MESSAGE_LIMIT", "EVENT_DESTINATIONS_PER_CONFIGURATION_SET", "KEYWORDS_PER_PHONE_NUMBER",
        "KEYWORDS_PER_POOL", "MONTHLY_SPEND_LIMIT_REACHED_FOR_MEDIA", "MONTHLY_SPEND_LIMIT_REACHED_FOR_NOTIFY",
        "MONTHLY_SPEND_LIMIT_REACHED_FOR_RCS", "MONTHLY_SPEND_LIMIT_REACHED_FOR_TEXT",
        "MONTHLY_SPEND_LIMIT_REACHED_FOR_VOICE", "NOTIFY_CONFIGURATIONS_PER_ACCOUNT", "OPT_OUT_LISTS_PER_ACCOUNT",
        "ORIGINATION_IDENTITIES_PER_POOL", "PHONE_NUMBERS_PER_ACCOUNT", "PHONE_NUMBERS_PER_REGISTRATION",
        "POOLS_PER_ACCOUNT", "RCS_AGENTS_PER_ACCOUNT", "REGISTRATION_ATTACHMENTS_CREATED_PER_DAY",
        "REGISTRATION_ATTACHMENTS_PER_ACCOUNT", "REGISTRATION_VERSIONS_CREATED_PER_DAY", "REGISTRATIONS_PER_ACCOUNT",
        "SENDER_IDS_PER_ACCOUNT", "TAGS_PER_RESOURCE", "VERIFIED_DESTINATION_NUMBERS_PER_ACCOUNT",
        "VERIFICATION_ATTEMPTS_PER_DAY", "PROTECT_CONFIGURATIONS_PER_ACCOUNT",
    ]),
    ("ValidationException", &[
        "CANNOT_ADD_OPTED_OUT_NUMBER", "CANNOT_PARSE", "CHANNEL_NOT_ENABLED", "COUNTRY_CODE_MISMATCH",
        "COUNTRY_NOT_ENABLED", "DESTINATION_COUNTRY_BLOCKED", "FIELD_VALIDATION_FAILED",
        "ATTACHMENT_TYPE_NOT_SUPPORTED", "INTERNATIONAL_SENDING_NOT_SUPPORTED", "INVALID_ARN",
        "INVALID_FILTER_VALUES", "INVALID_IDENTITY_FOR_DESTINATION_COUNTRY", "INVALID_NEXT_TOKEN",
        "INVALID_PARAMETER", "INVALID_REQUEST", "INVALID_REGISTRATION_ASSOCIATION", "MAXIMUM_SIZE_EXCEEDED",
        "MEDIA_TYPE_NOT_SUPPORTED", "MISSING_PARAMETER", "PARAMETERS_CANNOT_BE_USED_TOGETHER",
        "PHONE_NUMBER_CANNOT_BE_OPTED_IN", "PHONE_NUMBER_CANNOT_BE_RELEASED", "PRICE_OVER_THRESHOLD",
        "RESOURCE_NOT_ACCESSIBLE", "REQUESTED_SPEND_LIMIT_HIGHER_THAN_SERVICE_LIMIT", "SENDER_ID_NOT_REGISTERED",
        "SENDER_ID_NOT_SUPPORTED", "SENDER_ID_REQUIRES_REGISTRATION", "TWO_WAY_TOPIC_NOT_PRESENT",
        "TWO_WAY_NOT_ENABLED", "TWO_WAY_NOT_SUPPORTED_IN_COUNTRY", "TWO_WAY_NOT_SUPPORTED_IN_REGION",
        "TWO_WAY_CHANNEL_NOT_PRESENT", "UNKNOWN_REGISTRATION_FIELD", "UNKNOWN_REGISTRATION_SECTION",
        "UNKNOWN_REGISTRATION_TYPE", "UNKNOWN_REGISTRATION_VERSION", "UNKNOWN_OPERATION",
        "REGISTRATION_FIELD_CANNOT_BE_DELETED", "VERIFICATION_CODE_MISMATCH", "VOICE_CAPABILITY_NOT_AVAILABLE",
        "UNSPECIFIED_PARAMETER_NOT_SUPPORTED", "OTHER",
    ]),
];

fn complaint<'a>(exception: &'a str, reason: Option<&'a str>) -> Complaint<'a> {
    Complaint { status: 400, exception: Some(exception), reason, field: None, message: "" }
}

fn outcome(complaint: &Complaint<'_>) -> MessageOutcome {
    match judge(complaint) {
        Placement::Refused { outcome, .. } => outcome.outcome,
        other => panic!("{complaint:?}: {other:?}"),
    }
}

#[test]
fn every_listed_reason_is_a_refusal_by_the_table_or_by_its_exception() {
    let mut met = 0;
    for (exception, reasons) in LISTED {
        let usual = outcome(&complaint(exception, None));
        for reason in reasons {
            let expected = find(&REASONS, reason);
            met += usize::from(expected.is_some());
            let found = outcome(&complaint(exception, Some(reason)));
            assert_eq!(found, expected.unwrap_or(usual), "{exception} {reason}");
        }
    }
    assert_eq!(met, REASONS.len(), "no reason of the table that is not listed, and none twice");
}

#[test]
fn a_refusal_says_whether_person_text_or_account_is_in_the_way() {
    for (exception, reason, meant) in [
        ("ConflictException", Some("DESTINATION_PHONE_NUMBER_OPTED_OUT"), M::Filtered),
        ("ConflictException", Some("DESTINATION_PHONE_NUMBER_NOT_VERIFIED"), M::SenderRefused),
        ("ConflictException", Some("NO_ORIGINATION_IDENTITIES_FOUND"), M::SenderRefused),
        ("ServiceQuotaExceededException", Some("MONTHLY_SPEND_LIMIT_REACHED_FOR_TEXT"), M::SenderRefused),
        ("AccessDeniedException", Some("ACCOUNT_DISABLED"), M::SenderRefused),
        ("AccessDeniedException", None, M::SenderRefused),
        ("ResourceNotFoundException", None, M::SenderRefused),
        ("UnrecognizedClientException", None, M::SenderRefused),
        ("ValidationException", Some("MAXIMUM_SIZE_EXCEEDED"), M::TextRejected),
        ("ValidationException", Some("DESTINATION_COUNTRY_BLOCKED"), M::Filtered),
        ("ValidationException", Some("INVALID_IDENTITY_FOR_DESTINATION_COUNTRY"), M::NotTextable),
        ("ValidationException", Some("A_NEW_ONE"), M::TextRejected),
    ] {
        assert_eq!(outcome(&complaint(exception, reason)), meant, "{exception} {reason:?}");
    }
    let field = |field| Complaint {
        field: Some(field),
        ..complaint("ValidationException", Some("FIELD_VALIDATION_FAILED"))
    };
    for (name, meant) in [
        ("DestinationPhoneNumber", M::NotTextable),
        ("MessageBody", M::TextRejected),
        ("OriginationIdentity", M::SenderRefused),
    ] {
        assert_eq!(outcome(&field(name)), meant, "{name}");
    }
}

#[test]
fn who_has_opted_out_is_not_called_either() {
    let opted_out = Complaint {
        message: "Destination phone number is opted out",
        ..complaint("ConflictException", Some(OPTED_OUT))
    };
    let Placement::Refused { outcome, reason } = judge(&opted_out) else { panic!("it is refused") };
    assert_eq!(outcome.request, Some(PersonRequest::DoNotCall));
    assert_eq!(reason, "DESTINATION_PHONE_NUMBER_OPTED_OUT: Destination phone number is opted out");
}

#[test]
fn a_fault_of_theirs_leaves_it_open_and_a_rate_is_waited_for() {
    let with = |exception, status| Complaint { status, exception, ..complaint("", None) };
    assert_eq!(judge(&with(Some("ThrottlingException"), 400)), Placement::Congested);
    assert_eq!(judge(&with(None, 429)), Placement::Congested);
    for open in
        [with(Some("InternalServerException"), 500), with(None, 503), with(None, 200), with(Some("X"), 500)]
    {
        assert!(matches!(judge(&open), Placement::Unknown { .. }), "{open:?}");
    }
}
