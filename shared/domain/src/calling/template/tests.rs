mod jinja2;

use proptest::prelude::*;

use super::*;
use crate::calling::values::Conversation;
use crate::fixtures;
use crate::records::lead::LeadNumber;

fn values() -> Values {
    let mut lead = fixtures::lead(1);
    lead.profile.name = Some("ann SMITH".into());
    lead.profile.variables.insert("order".into(), "A-1".into());
    lead.profile.variables.insert("offer".into(), String::new());
    let mut campaign = fixtures::campaign();
    campaign.spec.variables.insert("order".into(), "from the campaign".into());
    campaign.spec.variables.insert("offer".into(), "a discount".into());
    Values::of(&Conversation {
        lead: &lead,
        number: &lead.numbers[0].number,
        campaign: &campaign.spec,
        assistant: &fixtures::assistant(),
        workspace_name: "Acme",
        instructions: None,
    })
}

fn render(template: &str, values: &Values) -> Result<String, TemplateError> {
    let source = Source::of(template);
    Ok(Template::parse(&source)?.render(&Scope::of(values))?.spoken())
}

/// Values that have nothing but these.
fn given<'a>(values: impl IntoIterator<Item = (&'a str, &'a str)>) -> Values {
    let mut given = Values::default();
    given.lay_examples(values);
    given
}

fn rendered(template: &str) -> String {
    check(template, ["order", "offer"]).unwrap_or_else(|error| panic!("{template}: {error}"));
    render(template, &values()).unwrap_or_else(|error| panic!("{template}: {error}"))
}

#[test]
fn the_lead_comes_before_the_campaign_and_empty_means_absent() {
    let text = rendered("{{ name | title_case }}: {{ order }}, {{ offer }}, {{ our_company }}");
    assert_eq!(text, "Ann Smith: A-1, a discount, Acme");
}

#[test]
fn what_is_known_of_the_dialled_number_comes_before_the_lead() {
    let mut lead = fixtures::lead(1);
    lead.profile.name = Some("Ann".into());
    lead.profile.variables = [("order".into(), "A-1".into()), ("greeting".into(), "Hi".into())].into();
    let mut office = LeadNumber::new(fixtures::number(2));
    (office.label, office.name) = (Some("office".into()), Some("Bo".into()));
    office.variables = [("order".into(), "A-2".into()), ("greeting".into(), "Hello".into())].into();
    office.overwrites = [("greeting".into(), "Good morning".into())].into();
    lead.numbers.push(office);
    let said = |number| {
        let values = Values::of(&Conversation {
            lead: &lead,
            number: &fixtures::number(number),
            campaign: &fixtures::campaign().spec,
            assistant: &fixtures::assistant(),
            workspace_name: "Acme",
            instructions: None,
        });
        render("{{ greeting }} {{ name }}, {{ order }} ({{ label | default('no label') }})", &values)
    };
    assert_eq!(said(1).as_deref(), Ok("Hi Ann, A-1 (no label)"));
    assert_eq!(said(2).as_deref(), Ok("Good morning Bo, A-2 (office)"));
}

#[test]
fn the_lead_itself_is_never_ambiguous() {
    let text = rendered("{lead.name}, {{ lead.order | lower }}, [{{ lead['company'] }}] of {company}");
    assert_eq!(text, "ann SMITH, a-1, [] of Acme");
}

/// The right values are Jinja2 3.1's.
#[test]
fn what_jinja2_renders_is_rendered() {
    for (template, expected) in [
        ("{{ nothing | default('something') }}{{ nothing }}", "something"),
        ("{{ name.split(' ')[0] | title }}", "Ann"),
        ("{{ name.upper() }}", "ANN SMITH"),
        ("{{ {'a': 1}.items() | list | length }}", "1"),
        ("{{ nothing | length }}", "0"),
        ("[{{ nothing | upper }}{{ nothing | trim }}{{ nothing | first }}{{ nothing | join(', ') }}]", "[]"),
        ("{{ nothing | replace('a', 'b') }}{{ nothing.split(',')[0] | upper }}", ""),
        ("{{ 'a long sentence' | truncate(9, true, '..') }}", "a long .."),
        ("{{ 'one two' | wordwrap(3) }}", "one\ntwo"),
        ("{% for part in name.split() %}{{ loop.index }}{{ part.lower() }}{% endfor %}", "1ann2smith"),
        ("{% set first = name.split()[0] %}{{ first.capitalize() }}", "Ann"),
        ("{{ ['b', 'a'] | map('upper') | sort | join }}", "AB"),
        ("{{ range(3) | select('odd') | list | length }}", "1"),
        ("{% if order is startingwith('A') %}yes{% endif %}", "yes"),
        ("{{ name[0:3] }}{{ order[-1] }}", "ann1"),
        ("{{ {'A-1': 7}[order] + 1 }}", "8"),
    ] {
        assert_eq!(rendered(template), expected, "{template}");
    }
}

#[test]
fn what_is_not_there_is_refused_with_its_place_and_the_nearest() {
    for (template, expected) in [
        ("Hello\n{{ name", "line 2"),
        ("Hi {{ name | bogus }}", "line 1, column 14: there is no filter `bogus`"),
        ("Hi\n  {{ name | uper }}", "line 2, column 13: there is no filter `uper`; `upper` is the nearest"),
        ("{{ name | tojson }}", "there is no filter `tojson`"),
        ("{{ name is emptyy }}", "line 1, column 12: there is no test `emptyy`"),
        ("{{ name.uppercase() }}", "line 1, column 9: there is no method `uppercase`"),
        ("{{ name.spilt(' ') }}", "there is no method `spilt`; `split` is the nearest"),
        ("{{ now() }}", "line 1, column 4: there is no function `now`"),
        ("{{ name() }}", "there is no function `name`"),
        ("{{ debug() }}", "there is no function `debug`"),
        (
            "{% for a in [1] %}{{ loop.indx }}{% endfor %}",
            "there is no attribute of a loop `indx`; `index` is the nearest",
        ),
        (
            "{{ contact.company }}",
            "line 1, column 4: there is no `contact` with a `company`: values have plain names; write `company`",
        ),
        ("{{ contact['company'] }}", "there is no `contact` with a `company`"),
        ("Hi\n{{ lead.compnay }}", "line 2, column 4: a lead has no `compnay`; `lead.company` is meant"),
        ("{{ lead }}", "line 1, column 4: `lead` is the lead and no text; write `lead.name`"),
        ("{% for value in lead %}{% endfor %}", "`lead` is the lead and no text"),
        ("{{ lead.name.first }}", "a text has no `first`"),
        ("Hi {nmae}, {{ name | uper }}", "line 1, column 5: there is no `nmae`; `name` is meant"),
        ("Hi {name}, {{ name | uper }}", "line 1, column 22: there is no filter `uper`"),
        ("{{ phone_number | phone_format('short') }}", "write `international` or `national`"),
        ("{{ missing.sub | default('x') }}", "there is no `missing` with a `sub`"),
        ("{{ name.first }}", "`name` is a text and has no `first`"),
        ("{{ compnay }}", "there is no `compnay`; `company` is meant"),
        ("{% if nmae %}x{% endif %}", "line 1, column 7: there is no `nmae`; `name` is meant"),
        ("{{ [name] | map('uper') | list }}", "line 1, column 17: there is no filter `uper`"),
        ("{{ [1] | select('od') | list }}", "there is no test `od`"),
        ("{{ name | replace('a') }}", "missing argument"),
        ("{% macro x() %}{% endmacro %}", "unknown statement macro"),
        ("{% include 'x' %}", "unknown statement include"),
        ("{% for a in range(9999) %}{% for b in range(9999) %}x{% endfor %}{% endfor %}", "too many steps"),
        ("{% for a in range(9999) %}twelve bytes{% endfor %}", "more than 100000 bytes"),
    ] {
        let error = check(template, []).expect_err(template);
        assert!(error.to_string().contains(expected), "{template}: {error}");
        assert!(error.place.line > 0);
    }
}

#[test]
fn a_name_that_the_leads_may_have_is_left_to_them() {
    for template in
        ["{{ order_id }}", "{{ names }}", "{{ game }}", "{{ name2 }}", "{{ emails }}", "{{ plan.upper() }}"]
    {
        assert_eq!(check(template, []), Ok(()), "{template}");
    }
    assert_eq!(check("{{ compnay }}", ["compnay"]), Ok(()), "it was said that there is one");
    assert_eq!(check("{{ amount | int + 1 }} {{ tier | float }}", []), Ok(()), "numbers may come");
    assert_eq!(check("{{ {'gold': 1, 'tin': 2}[tier] + 1 }}", []), Ok(()), "one of its own texts may come");
}

#[test]
fn a_column_counts_characters() {
    let error = check("Grüße, {{ name | bogus }}", []).expect_err("no filter");
    assert_eq!(error.place, Place { line: 1, column: Some(18) });
}

#[test]
fn what_one_lead_s_values_break_is_named() {
    let values = given([("amount", "n/a")]);
    let error = render("Hi {name},\nyou owe {{ amount | int }}", &values).expect_err("no number");
    assert_eq!(error.place.line, 2);
    assert!(error.place.column.is_some(), "{error}");
    assert_eq!(render("Hi,\nyou owe {{ amount | int }}", &given([])).as_deref(), Ok("Hi,\nyou owe "));
}

#[test]
fn what_a_value_contains_is_text() {
    for (template, value, expected) in [
        ("Hi {{ x }}", "{{ system__caller_id }}", "Hi { { system__caller_id } }"),
        ("Hi {{ x }}", "{% raw %}", "Hi {% raw %}"),
        ("Hi {{ x }}", "{name}", "Hi {name}"),
        ("{{ x }}{{ x }}", "{", "{ {"),
        ("{{ '{' }}{{ x }}", "{secret__a}}", "{ {secret__a} }"),
        ("{{ x | length }}", "{{}}", "4"),
        ("{{ x[1:] }}{{ x[:1] }}", "{{", "{ {"),
        ("{% raw %}{{system__time_utc}}{% endraw %} {{ x }}", "a", "{{system__time_utc}} a"),
    ] {
        let values = given([("x", value)]);
        assert_eq!(render(template, &values).as_deref(), Ok(expected), "{template}");
    }
}

proptest! {
    #[test]
    fn no_value_is_ever_filled_in(one in "[{}%a_ ]{0,12}", other in ".{0,12}") {
        let values = given([("one", one.as_str()), ("other", other.as_str())]);
        let template = "{{ one }}{{ other }}{{ one | upper }}{{ other.split('a')[0] }}{{ (one ~ other)[1:] | reverse }}{{ one | truncate(5) }}";
        let text = render(template, &values).expect("texts of any kind");
        prop_assert!(!text.contains("{{") && !text.contains("}}"), "{text}");
    }

    #[test]
    fn whatever_is_saved_as_a_template_is_checked_without_a_panic(template in "[{}%|.()'\\[\\] a-z0-9\\n]{0,60}") {
        let _ = check(&template, ["name"]);
    }
}
