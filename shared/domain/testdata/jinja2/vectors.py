"""What Jinja2 renders, for the templates that Carillon understands as Jinja2 does.

    pip install jinja2==3.1.6 && python vectors.py

writes `vectors.json` beside it. Each of `agree` has to render the same here; `differ` has what Jinja2
does where Carillon means to do something else, by class, and why.
"""

import itertools
import json
import pathlib

from jinja2 import ChainableUndefined, Environment, TemplateError

ENVIRONMENT = Environment(undefined=ChainableUndefined)

VALUES = [
    {"name": "ann SMITH", "order": "A-17", "amount": "12.50", "count": "3", "city": "Köln",
     "items": "tea, milk,bread", "lead.name": "Ann Smith", "lead.company": "Acme & Sons", "vip": "true"},
    {"name": "李 雷", "amount": "7", "count": "0", "items": "one", "note": " two  blanks ", "lead.name": "李 雷"},
]

# Filters of texts, over values that are there, that are not, and that the template itself has.
SUBJECTS = ["name", "city", "missing", "lead.company", "lead.missing", "'some text, and more'", "order ~ '/' ~ city"]
TEXT_FILTERS = [
    "upper", "lower", "capitalize", "title", "trim", "length", "first", "last", "reverse", "string",
    "replace('a', 'o')", "replace(' ', '')", "truncate(8)", "truncate(8, true)", "truncate(9, true, '..')",
    "truncate(6, false, '…', 0)", "wordwrap(6)", "indent(2)", "list | join('-')", "striptags",
    "default('x') | upper", "default('')",
]
METHODS = [
    "upper()", "lower()", "title()", "capitalize()", "strip()", "split()[0]", "split(' ')[0]", "split(',') | length",
    "split(',') | map('trim') | join('+')", "replace('n', 'm')", "startswith('a')", "endswith('H')", "find('S')",
    "count('n')", "isdigit()", "isupper()", "lstrip()", "rstrip()",
]
OTHERS = [
    # texts, comments, white space
    "", "plain text\n", "a {# a comment {{ name }} #} b", "a\n{#- gone -#}\nb", "{{ name -}}\n  x", "x  {{- name }}",
    "{% raw %}{{ name }} {% if %}{% endraw %}", "{%- if true %}\n yes\n{%- endif %}", "{{ '{{' }}", "{{ \"it's\" }}",
    "{{ 'a\\tb' }}", "{{ name }}{{ city }}", "{{name}}", "{{ name|upper }}", "{{ (name) }}", "100 %", "{ }", "}}",
    '{"json": {"a": [1, 2]}}',
    # values of the lead
    "{{ lead.name }}", "{{ lead['name'] }}", "{{ lead.name.split(' ')[-1] }}", "{{ lead.company | e }}",
    "{% if lead.company %}{{ lead.company }}{% else %}none{% endif %}",
    # conditions
    "{% if order %}yes{% else %}no{% endif %}", "{% if missing %}yes{% else %}no{% endif %}",
    "{% if not missing %}no{% endif %}", "{% if order and city %}both{% endif %}", "{% if missing or city %}one{% endif %}",
    "{% if order is defined %}d{% endif %}{% if missing is undefined %}u{% endif %}",
    "{% if count == '3' %}three{% elif count == '0' %}zero{% else %}other{% endif %}",
    "{% if count | int > 2 %}many{% else %}few{% endif %}", "{% if 'A' in order %}in{% endif %}",
    "{% if 'z' not in name %}out{% endif %}", "{{ 'yes' if vip == 'true' else 'no' }}", "{{ 'x' if missing }}",
    "{% if city is string %}s{% endif %}", "{% if count | int is even %}even{% else %}odd{% endif %}",
    "{% if count | int is divisibleby 3 %}three{% endif %}", "{% if name is lower %}l{% elif name is upper %}u{% else %}m{% endif %}",
    "{% if amount | float is number %}n{% endif %}", "{% if none is none %}n{% endif %}", "{% if [] %}a{% else %}b{% endif %}",
    "{{ order or city or 'nothing' }}", "{{ missing or 'nothing' }}", "{{ missing and 'x' }}",
    "{% if (order and missing) or not missing %}x{% endif %}", "{% if 1 < 2 and 2 <= 2 and 3 != 4 %}x{% endif %}",
    "{% if 'abc' < 'abd' %}x{% endif %}", "{% if count in ['0', '3'] %}x{% endif %}", "{% if count in ('1', '3') %}x{% endif %}",
    # defaults
    "{{ missing | default('x') }}", "{{ missing | d('x') }}", "{{ missing | default('x', true) }}",
    "{{ order | default('none') }}", "{{ missing | default(city) }}",
    "{{ missing | default }}!",
    # numbers
    "{{ count | int + 1 }}", "{{ count | int * 2 }}", "{{ amount | float }}", "{{ amount | float * 2 }}",
    "{{ amount | float | round }}", "{{ amount | float | round(1) }}", "{{ 7 // 2 }} {{ 7 % 3 }} {{ 2 ** 5 }}", "{{ 7 / 2 }}",
    "{{ 1 + 2 * 3 }}", "{{ (1 + 2) * 3 }}", "{{ -3 | abs }}", "{{ 3.0 }}", "{{ 1.5 + 1.5 }}", "{{ 10 / 5 }}", "{{ '7' | int }}",
    "{{ 'x' | int(5) }}", "{{ 'x' | float(1.5) }}", "{{ 2.5 | round }} {{ 3.5 | round }}", "{{ 42.55 | round(1, 'floor') }}",
    "{{ [3, 1, 2] | sum }}", "{{ [3, 1, 2] | max }}{{ [3, 1, 2] | min }}", "{{ true }} {{ false }} {{ none }}", "{{ 1 == 1.0 }}",
    "{{ '%s: %d' | format(city, 3) }}", "{{ '%.2f' | format(2.5) }}", "{{ '{} and {}'.format('a', 'b') }}", "{{ 17 | string ~ '!' }}",
    "{{ 'ab' * 2 }}",
    # texts as lists
    "{{ name[0] }}", "{{ name[0:3] }}", "{{ name[-2:] }}", "{{ name[:1] | upper }}{{ name[1:] }}", "{{ order[2:] | int }}",
    "{{ name | list | length }}", "{{ name | first }}{{ name | last }}", "{{ 'abc'[::-1] }}", "{{ 'abc'[5:] }}",
    # lists and maps
    "{{ ['b', 'a'] | sort | join }}", "{{ ['b', 'A', 'c'] | sort | join }}", "{{ ['b', 'a'] | sort(reverse=true) | join }}",
    "{{ [1, 2, 3] | join(', ') }}", "{{ ['a', 'b', 'a'] | unique | join }}", "{{ range(3) | list }}", "{{ range(1, 6, 2) | join }}",
    "{{ range(5) | select('odd') | list }}", "{{ range(5) | reject('odd') | list }}", "{{ [1, 2, 3] | map('string') | join('+') }}",
    "{{ ['a', ''] | select | list }}", "{{ [1, 2] + [3] }}", "{{ [[1, 2], [3]] | map('length') | list }}",
    "{{ {'a': 1, 'b': 2}['b'] }}", "{{ {'a': 1}.a }}", "{{ {'a': 1}.get('b', 5) }}", "{{ {'b': 1, 'a': 2} | dictsort }}",
    "{% for key, value in {'a': 1, 'b': 2}.items() %}{{ key }}={{ value }};{% endfor %}",
    "{% for key in {'a': 1, 'b': 2} %}{{ key }}{% endfor %}", "{{ {'a': 1} | length }}", "{{ [1, 2, 3, 4, 5] | batch(2) | list | length }}",
    "{{ [1, 2, 3] | first }}{{ [1, 2, 3] | last }}{{ [] | first }}", "{{ [1, 2, 3] | reverse | list }}", "{{ dict(a=1).a }}",
    "{{ [{'n': 1}, {'n': 2}] | map(attribute='n') | join }}", "{{ [{'n': 1}, {'n': 2}] | selectattr('n', 'eq', 2) | list | length }}",
    "{{ [{'n': 2}, {'n': 1}] | sum(attribute='n') }}", "{{ 'a' in ['a', 'b'] }}",
    # loops
    "{% for item in items.split(',') %}{{ loop.index }}. {{ item | trim }}\n{% endfor %}",
    "{% for item in items.split(',') %}{{ item | trim }}{% if not loop.last %}, {% endif %}{% endfor %}",
    "{% for item in [] %}x{% else %}nothing{% endfor %}", "{% for item in missing %}x{% else %}nothing{% endfor %}",
    "{% for n in range(4) if n is odd %}{{ n }}{% endfor %}", "{% for c in 'abc' %}{{ loop.index0 }}{{ c }}{% endfor %}",
    "{% for a in [1, 2] %}{% for b in [3, 4] %}{{ a * b }} {% endfor %}{% endfor %}",
    "{% for a, b in [[1, 2], [3, 4]] %}{{ a + b }} {% endfor %}", "{% for x in [1, 2, 3] %}{{ loop.cycle('a', 'b') }}{% endfor %}",
    "{% for x in [1, 2] %}{{ loop.first }}{{ loop.last }}{{ loop.length }}{{ loop.revindex }}{% endfor %}",
    "{% for x in [1, 2] %}{{ x }}{% endfor %}{{ x }}", "{% for x in [1, 1, 2] %}{{ 'c' if loop.changed(x) else '.' }}{% endfor %}",
    # names of its own
    "{% set first = name.split()[0] %}{{ first | title }}", "{% set a, b = 1, 2 %}{{ a }}{{ b }}",
    "{% set text %}Hello {{ name }}{% endset %}{{ text | upper }}", "{% with x = 1, y = 2 %}{{ x + y }}{% endwith %}",
    "{% set n = namespace(i=0) %}{% for x in [1, 2] %}{% set n.i = n.i + x %}{% endfor %}{{ n.i }}",
    "{% set x = 1 %}{% for i in [1] %}{% set x = 2 %}{% endfor %}{{ x }}", "{% filter upper %}{{ name }} x{% endfilter %}",
    "{% if true %}{% set y = 3 %}{% endif %}{{ y }}", "{% set name = 'other' %}{{ name }}",
]

# What Jinja2 does otherwise, and why Carillon means to.
DIFFERENCES = {
    "an empty text is absent for `default`, as a cell of a file is never more than empty":
        ["{{ '' | default('x') }}", "{{ missing | upper | default('x') }}"],
    "no number is invented of a value that is not there":
        ["[{{ missing | int }}]", "[{{ missing | float }}]", "[{{ '' | int }}]"],
    "a text that is no number is a fault of the lead's, and no 0 is said":
        ["{{ name | int }}", "{{ name | float }}"],
    "`{name}` is a value, where it is exactly a name":
        ["Hi {name}", "{lead.name}"],
    "two braces of the data never stand side by side: providers fill in what they hold":
        ["{{ braces }}"],
    "a loop knows its place and not its neighbours":
        ["{% for x in [1, 2] %}{{ loop.nextitem }}{% endfor %}"],
    "tags that reach beyond the template are refused":
        ["{% macro m() %}x{% endmacro %}{{ m() }}", "{% block b %}x{% endblock %}"],
}
DIFFERING_VALUES = {**VALUES[0], "braces": "{{ system__time }}"}


def scope(values):
    """The values as a template sees them: those of the lead are attributes of it."""
    named = {name: value for name, value in values.items() if "." not in name}
    named["lead"] = {name.removeprefix("lead."): value for name, value in values.items() if "." in name}
    return named


def rendered(template, values):
    try:
        return ENVIRONMENT.from_string(template).render(scope(values))
    except (TemplateError, TypeError, ValueError, ZeroDivisionError, OverflowError) as error:
        return {"error": type(error).__name__}


def main():
    filters = [f"{{{{ {subject if '~' not in subject else f'({subject})'} | {applied} }}}}"
               for subject, applied in itertools.product(SUBJECTS, TEXT_FILTERS)]
    methods = [f"{{{{ {subject}.{method} }}}}" for subject, method in itertools.product(["name", "items", "missing"], METHODS)]
    templates = filters + methods + OTHERS
    agree = [{"template": template, "values": place, "rendered": rendered(template, values)}
             for template in templates for place, values in enumerate(VALUES)]
    # What fails in Jinja2, or shows what Python calls an object, is nothing to agree with.
    agree = [vector for vector in agree
             if isinstance(vector["rendered"], str) and "object at" not in vector["rendered"]]
    differ = [{"class": kind, "template": template, "jinja2": rendered(template, DIFFERING_VALUES)}
              for kind, templates in DIFFERENCES.items() for template in templates]
    told = {"values": VALUES, "differing_values": DIFFERING_VALUES, "agree": agree, "differ": differ}
    path = pathlib.Path(__file__).with_name("vectors.json")
    lines = json.dumps(told, ensure_ascii=False, indent=1)
    path.write_text(lines + "\n", encoding="utf-8")
    print(f"{len({vector['template'] for vector in agree})} templates, {len(agree)} renderings, {len(differ)} differences")


if __name__ == "__main__":
    main()
