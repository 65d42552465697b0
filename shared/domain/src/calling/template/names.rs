//! What a template names: filters, tests, functions, methods and values, each held against what there is.

use std::collections::{BTreeMap, BTreeSet};

use minijinja::machinery::ast::{BinOpKind, Call, CallArg, Expr, Filter, Stmt, Test};
use minijinja::machinery::{Span, parse};
use minijinja::value::ValueKind;

use super::{Source, TemplateError, explain};
use crate::calling::values::{LEAD, LEAD_FIELDS};

mod listed;
mod presence;

pub(super) use listed::FILTERS;
use listed::{FUNCTIONS, LIST_METHODS, LOOP_ATTRIBUTES, LOOP_METHODS, MAP_METHODS, TESTS, TEXT_METHODS};

/// Fewest letters of a name that may be a slip of another: short words differ by one letter often.
const MIN_SLIP_LETTERS: usize = 5;
/// Most slips of the hand between a name and the one that was meant.
const MAX_SLIPS: usize = 2;

/// What was found in a template.
#[derive(Debug, Default)]
pub(super) struct Told<'s> {
    /// The texts that it is written with.
    pub(super) texts: BTreeSet<String>,
    /// The values that it names, each with whether it does so where nothing stands in for one that is not there.
    pub(super) used: BTreeMap<String, bool>,
    /// The names that it sets by itself, from the outermost scope to the innermost.
    scopes: Vec<BTreeSet<&'s str>>,
}

/// What is known of an expression before there are values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    List,
    Map,
    /// What a loop knows of itself.
    Loop,
    Unknown,
}

/// Holds all that a template names against what there is; `known` are the names that have a value.
///
/// # Errors
/// The first that is not there.
pub(super) fn check<'s>(source: &'s Source<'_>, known: &[&str]) -> Result<Told<'s>, TemplateError> {
    let parsed = parse(source.read(), "", Default::default()).map_err(|error| explain(source, &error))?;
    let told = Told { scopes: vec![BTreeSet::new()], ..Told::default() };
    let mut reader = Reader { source, known, told, asked: None, guarded: Vec::new() };
    reader.statement(&parsed)?;
    Ok(reader.told)
}

struct Reader<'s, 'k> {
    source: &'s Source<'s>,
    known: &'k [&'k str],
    told: Told<'s>,
    /// The names whose presence is being asked about, if that is what an expression is for.
    asked: Option<Vec<String>>,
    /// Those that were asked about before what is read now.
    guarded: Vec<String>,
}

type Read<T = ()> = Result<T, TemplateError>;

impl<'s> Reader<'s, '_> {
    fn statements(&mut self, statements: &[Stmt<'s>]) -> Read {
        statements.iter().try_for_each(|statement| self.statement(statement))
    }

    fn statement(&mut self, statement: &Stmt<'s>) -> Read {
        match statement {
            Stmt::Template(template) => self.statements(&template.children),
            Stmt::EmitRaw(_) => Ok(()),
            Stmt::EmitExpr(emit) => self.expression(&emit.expr).map(drop),
            Stmt::ForLoop(each) => {
                self.expression(&each.iter)?;
                self.scoped(|reader| {
                    reader.assign(&each.target)?;
                    reader.told.scopes.last_mut().map(|scope| scope.insert("loop"));
                    reader.optional(each.filter_expr.as_ref())?;
                    reader.statements(&each.body)
                })?;
                self.scoped(|reader| reader.statements(&each.else_body))
            }
            Stmt::IfCond(condition) => {
                let asked = self.ask([&condition.expr])?;
                self.behind(asked, |reader| {
                    reader.statements(&condition.true_body)?;
                    reader.statements(&condition.false_body)
                })
            }
            Stmt::WithBlock(with) => self.scoped(|reader| {
                for (target, value) in &with.assignments {
                    reader.expression(value)?;
                    reader.assign(target)?;
                }
                reader.statements(&with.body)
            }),
            Stmt::Set(set) => {
                self.expression(&set.expr)?;
                self.assign(&set.target)
            }
            Stmt::SetBlock(set) => {
                self.scoped(|reader| reader.statements(&set.body))?;
                self.optional(set.filter.as_ref())?;
                self.assign(&set.target)
            }
            Stmt::AutoEscape(escape) => {
                self.expression(&escape.enabled)?;
                self.statements(&escape.body)
            }
            Stmt::FilterBlock(block) => {
                self.scoped(|reader| reader.statements(&block.body))?;
                self.expression(&block.filter).map(drop)
            }
            Stmt::Do(run) => self.call(&run.call, run.call.span()).map(drop),
        }
    }

    fn scoped(&mut self, read: impl FnOnce(&mut Self) -> Read) -> Read {
        self.told.scopes.push(BTreeSet::new());
        let result = read(self);
        self.told.scopes.pop();
        result
    }

    /// What is set: names, or an attribute of something that is there.
    fn assign(&mut self, target: &Expr<'s>) -> Read {
        match target {
            Expr::Var(name) => {
                self.told.scopes.last_mut().map(|scope| scope.insert(name.id));
                Ok(())
            }
            Expr::List(list) => list.items.iter().try_for_each(|item| self.assign(item)),
            Expr::Tuple(tuple) => tuple.items.iter().try_for_each(|item| self.assign(item)),
            other => self.expression(other).map(drop),
        }
    }

    fn optional(&mut self, expression: Option<&Expr<'s>>) -> Read {
        expression.map_or(Ok(()), |expression| self.expression(expression).map(drop))
    }

    fn expressions<'e>(&mut self, expressions: impl IntoIterator<Item = &'e Expr<'s>>) -> Read
    where
        's: 'e,
    {
        expressions.into_iter().try_for_each(|expression| self.expression(expression).map(drop))
    }

    fn expression(&mut self, expression: &Expr<'s>) -> Read<Kind> {
        match expression {
            Expr::Var(name) => return self.variable(name.id, name.span()),
            Expr::Const(constant) => return Ok(self.constant(&constant.value)),
            Expr::Slice(slice) => {
                let bounds = [&slice.start, &slice.stop, &slice.step];
                self.expressions(bounds.into_iter().filter_map(Option::as_ref))?;
                return self.expression(&slice.expr);
            }
            Expr::UnaryOp(operation) => self.expressions([&operation.expr])?,
            Expr::BinOp(operation) if matches!(operation.op, BinOpKind::ScOr | BinOpKind::ScAnd) => {
                let asked = self.ask([&operation.left])?;
                self.behind(asked, |reader| reader.expressions([&operation.right]))?;
            }
            Expr::BinOp(operation) => self.expressions([&operation.left, &operation.right])?,
            Expr::Compare(compared) => {
                self.expressions([&compared.expr])?;
                self.expressions(compared.ops.iter().map(|operation| &operation.expr))?;
            }
            Expr::IfExpr(choice) => {
                let asked = self.ask([&choice.test_expr])?;
                self.behind(asked, |reader| {
                    reader.expressions([&choice.true_expr])?;
                    reader.optional(choice.false_expr.as_ref())
                })?;
            }
            Expr::Filter(filter) => self.filter(filter, filter.span())?,
            Expr::Test(test) => self.test(test, test.span())?,
            Expr::GetAttr(attribute) => {
                return self.attribute(&attribute.expr, attribute.name, attribute.span());
            }
            Expr::GetItem(item) => {
                self.expressions([&item.subscript_expr])?;
                match item.subscript_expr.as_const() {
                    Some(key) if key.kind() == ValueKind::String => {
                        return self.attribute(&item.expr, key.as_str().unwrap_or_default(), item.span());
                    }
                    _ => self.expressions([&item.expr])?,
                }
            }
            Expr::Call(call) => return self.call(call, call.span()),
            Expr::List(list) => return self.expressions(&list.items).map(|()| Kind::List),
            Expr::Tuple(tuple) => return self.expressions(&tuple.items).map(|()| Kind::List),
            Expr::Map(map) => {
                self.expressions(map.keys.iter().chain(&map.values))?;
                return Ok(Kind::Map);
            }
        }
        Ok(Kind::Unknown)
    }

    fn constant(&mut self, value: &minijinja::Value) -> Kind {
        if let Some(text) = value.as_str() {
            self.told.texts.insert(text.to_owned());
        }
        match value.kind() {
            ValueKind::String => Kind::Text,
            ValueKind::Seq => Kind::List,
            ValueKind::Map => {
                let keys = value.try_iter().into_iter().flatten();
                self.told.texts.extend(keys.filter_map(|key| key.as_str().map(str::to_owned)));
                Kind::Map
            }
            _ => Kind::Unknown,
        }
    }

    /// A plain name: the leads may have a value for it, so all that can be said is what looks like a slip.
    fn variable(&mut self, name: &'s str, span: Span) -> Read<Kind> {
        if self.is_set_here(name) {
            return Ok(if name == "loop" { Kind::Loop } else { Kind::Unknown });
        }
        if FUNCTIONS.contains(&name) && !self.known.contains(&name) {
            return Ok(Kind::Unknown);
        }
        if name == LEAD {
            let reason = "`lead` is the lead and no text; write `lead.name`, or another of its values";
            return Err(self.error(span.start_offset, reason.to_owned()));
        }
        self.note(name.to_owned());
        if self.known.contains(&name) {
            return Ok(Kind::Text);
        }
        match self.known.iter().find(|known| is_slip(name, known)) {
            None => Ok(Kind::Text),
            Some(meant) => {
                let reason = format!(
                    "there is no `{name}`; `{meant}` is meant, it seems. If the leads have a value of this name, \
                     give it one in `variables`, too"
                );
                Err(self.error(span.start_offset, reason))
            }
        }
    }

    fn is_set_here(&self, name: &str) -> bool {
        self.told.scopes.iter().any(|scope| scope.contains(name))
    }

    /// An attribute of something. All values are texts, which have none, but for the lead.
    fn attribute(&mut self, of: &Expr<'s>, name: &str, span: Span) -> Read<Kind> {
        if matches!(of, Expr::Var(value) if value.id == LEAD && !self.is_set_here(LEAD)) {
            return self.of_the_lead(name, span);
        }
        match self.expression(of)? {
            Kind::Text => {}
            Kind::Loop if !LOOP_ATTRIBUTES.contains(&name) => {
                let end = span.end_offset - u32::try_from(name.len()).unwrap_or_default();
                return Err(self.unknown("attribute of a loop", name, LOOP_ATTRIBUTES, end));
            }
            _ => return Ok(Kind::Unknown),
        }
        let reason = match of {
            Expr::Var(value) if self.known.contains(&value.id) => {
                format!("`{}` is a text and has no `{name}`", value.id)
            }
            Expr::Var(value) => {
                format!("there is no `{}` with a `{name}`: values have plain names", value.id)
            }
            _ => format!("a text has no `{name}`"),
        };
        let meant = if self.known.contains(&name) { Some(name) } else { nearest(name, self.known) };
        let hint = meant.map(|meant| format!("; write `{meant}`")).unwrap_or_default();
        Err(self.error(span.start_offset, reason + &hint))
    }

    /// Whatever the lead has: a field, or a variable of its file.
    fn of_the_lead(&mut self, name: &str, span: Span) -> Read<Kind> {
        self.note(format!("{LEAD}.{name}"));
        let meant = LEAD_FIELDS.iter().find(|field| **field != name && is_slip(name, field));
        match meant.filter(|_| !LEAD_FIELDS.contains(&name) && !self.known.contains(&name)) {
            None => Ok(Kind::Text),
            Some(meant) => {
                let reason = format!("a lead has no `{name}`; `{LEAD}.{meant}` is meant, it seems");
                Err(self.error(span.start_offset, reason))
            }
        }
    }

    fn call(&mut self, call: &Call<'s>, span: Span) -> Read<Kind> {
        self.arguments(&call.args)?;
        match &call.expr {
            Expr::Var(function) => {
                if self.is_set_here(function.id) || FUNCTIONS.contains(&function.id) {
                    return Ok(Kind::Unknown);
                }
                Err(self.unknown("function", function.id, FUNCTIONS, span.start_offset))
            }
            Expr::GetAttr(method) => {
                let kind = self.expression(&method.expr)?;
                let lists: &[&[&str]] = match kind {
                    Kind::Text => &[TEXT_METHODS],
                    Kind::List => &[LIST_METHODS],
                    Kind::Map => &[MAP_METHODS],
                    Kind::Loop => &[LOOP_METHODS],
                    Kind::Unknown => &[TEXT_METHODS, LIST_METHODS, MAP_METHODS],
                };
                if lists.iter().any(|methods| methods.contains(&method.name)) {
                    return Ok(Kind::Unknown);
                }
                let offset = method.span().end_offset - u32::try_from(method.name.len()).unwrap_or_default();
                Err(self.unknown("method", method.name, &lists.concat(), offset))
            }
            other => self.expression(other),
        }
    }

    fn filter(&mut self, filter: &Filter<'s>, span: Span) -> Read {
        match filter.name {
            "default" | "d" => drop(self.ask(filter.expr.as_ref())?),
            _ => self.optional(filter.expr.as_ref())?,
        }
        self.arguments(&filter.args)?;
        if !FILTERS.contains(&filter.name) {
            return Err(self.unknown("filter", filter.name, FILTERS, span.start_offset));
        }
        // These take the name of another filter, or of a test.
        let (place, what, names) = match filter.name {
            "map" => (0, "filter", FILTERS),
            "select" | "reject" => (0, "test", TESTS),
            "selectattr" | "rejectattr" => (1, "test", TESTS),
            _ => return Ok(()),
        };
        match filter.args.get(place) {
            Some(CallArg::Pos(Expr::Const(named))) => match named.value.as_str() {
                Some(name) if !names.contains(&name) => {
                    Err(self.unknown(what, name, names, named.span().start_offset))
                }
                _ => Ok(()),
            },
            _ => Ok(()),
        }
    }

    fn test(&mut self, test: &Test<'s>, span: Span) -> Read {
        match test.name {
            "defined" | "undefined" | "none" => drop(self.ask([&test.expr])?),
            _ => self.expressions([&test.expr])?,
        }
        self.arguments(&test.args)?;
        if TESTS.contains(&test.name) {
            return Ok(());
        }
        Err(self.unknown("test", test.name, TESTS, span.start_offset))
    }

    fn arguments(&mut self, arguments: &[CallArg<'s>]) -> Read {
        self.expressions(arguments.iter().map(|argument| match argument {
            CallArg::Pos(value)
            | CallArg::Kwarg(_, value)
            | CallArg::PosSplat(value)
            | CallArg::KwargSplat(value) => value,
        }))
    }

    fn unknown(&self, what: &str, name: &str, names: &[&str], offset: u32) -> TemplateError {
        let hint = match nearest(name, names) {
            Some(meant) => format!("; `{meant}` is the nearest"),
            None if names.len() <= FEW => format!("; there is {}", names.join(", ")),
            None => String::new(),
        };
        self.error(offset, format!("there is no {what} `{name}`{hint}"))
    }

    fn error(&self, offset: u32, reason: String) -> TemplateError {
        TemplateError { place: self.source.place(offset as usize), reason }
    }
}

/// So many names may be listed where none is near.
const FEW: usize = 4;

/// The name that was meant, if one is near enough.
fn nearest<'n>(name: &str, names: &[&'n str]) -> Option<&'n str> {
    let slips = |other: &str| strsim::osa_distance(name, other);
    let near = names.iter().copied().min_by_key(|other| slips(other))?;
    (slips(near) <= MAX_SLIPS && slips(near) < name.chars().count()).then_some(near)
}

/// Whether one slip of the hand makes this name of another; not what may well be a name of its own, such as
/// `emails`, or `name2` beside `name`.
fn is_slip(name: &str, known: &str) -> bool {
    let is_swap = || {
        let letters = |text: &str| {
            let mut letters: Vec<char> = text.chars().collect();
            letters.sort_unstable();
            letters
        };
        letters(name) == letters(known)
    };
    let is_long = name.chars().count().min(known.chars().count()) >= MIN_SLIP_LETTERS;
    strsim::osa_distance(name, known) == 1 && !name.starts_with(known) && (is_long || is_swap())
}
