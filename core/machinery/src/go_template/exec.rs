//! The executor, after `text/template/exec`. An absent value (`<no value>`) is `None`; a budget of
//! steps, depth and output keeps every template finite.

use super::Dialect;
use super::functions;
use super::tree::{Branch, Kind, Node, Pipe, Term, Tree};
use crate::{Value, limits};
use std::collections::BTreeMap;
use std::sync::Arc;

type Run<T> = Result<T, String>;
pub(super) type Defined = BTreeMap<String, Arc<Tree>>;
pub(super) type Held = Option<Value>;

const STEPS: usize = 2_000_000;
/// Templates may call each other this deep; Go stops at 100,000, our stack is smaller.
const DEPTH: usize = 64;
/// Branches within branches, counted through all templates that call each other.
const NESTING: usize = 300;

/// Executes the template `name`.
pub(super) fn run(
    defined: &Defined,
    dialect: Dialect,
    name: &str,
    value: &Value,
    allow_missing: bool,
) -> Run<String> {
    let Some(tree) = defined.get(name) else {
        return Err(format!("template: {name}: \"{name}\" is an incomplete or empty template"));
    };
    let mut budget = Budget { steps: 0, output: 0, lists: 0 };
    let mut state = State {
        defined,
        dialect,
        allow_missing,
        name,
        tree,
        depth: 0,
        out: String::new(),
        variables: Vec::new(),
        budget: &mut budget,
    };
    state.variables.push(("$".into(), Some(value.clone())));
    state.list(&tree.nodes, &Some(value.clone()))?;
    Ok(state.out)
}

struct Budget {
    steps: usize,
    output: usize,
    /// Lists of nodes being executed, one within the other, over all templates.
    lists: usize,
}

pub(super) struct State<'a> {
    defined: &'a Defined,
    pub dialect: Dialect,
    pub allow_missing: bool,
    name: &'a str,
    tree: &'a Tree,
    depth: usize,
    out: String,
    variables: Vec<(String, Held)>,
    budget: &'a mut Budget,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Flow {
    On,
    Break,
    Continue,
}

impl State<'_> {
    /// An error at a term: its place in the text, the template and the term itself.
    fn error(&self, at: usize, what: &dyn std::fmt::Display, message: impl std::fmt::Display) -> String {
        let before = self.tree.text.get(..at).unwrap_or("");
        let line = 1 + before.matches('\n').count();
        let column = before.rfind('\n').map_or(at, |newline| at - newline - 1);
        let (file, name) = (&self.tree.file, crate::quote::go(self.name));
        format!("template: {file}:{line}:{column}: executing {name} at <{what}>: {message}")
    }
    fn at(&self, term: &Term, message: impl std::fmt::Display) -> String {
        self.error(term.at, term, message)
    }
    fn spend(&mut self) -> Run<()> {
        self.budget.steps += 1;
        if self.budget.steps > STEPS {
            Err(format!("template: {}: too many steps", self.name))
        } else {
            Ok(())
        }
    }
    fn write(&mut self, text: &str) -> Run<()> {
        self.budget.output += text.len();
        if self.budget.output > limits::COMMAND_OUTPUT_BYTES {
            return Err(format!("template: {}: too much output", self.name));
        }
        self.out.push_str(text);
        Ok(())
    }
    fn list(&mut self, nodes: &[Node], dot: &Held) -> Run<Flow> {
        self.budget.lists += 1;
        if self.budget.lists > NESTING {
            return Err(format!("template: {}: too deeply nested", self.name));
        }
        let flow = self.nodes(nodes, dot);
        self.budget.lists -= 1;
        flow
    }
    fn nodes(&mut self, nodes: &[Node], dot: &Held) -> Run<Flow> {
        for node in nodes {
            self.spend()?;
            match node {
                Node::Text(text) => self.write(text)?,
                Node::Action(pipe) => {
                    let value = self.pipe(pipe, dot)?;
                    if pipe.declares.is_empty() {
                        self.write(&functions::printed(&value))?;
                    }
                }
                Node::If(branch) | Node::With(branch) => {
                    let known = self.variables.len();
                    let value = self.pipe(&branch.pipe, dot)?;
                    let inner = if matches!(node, Node::With(_)) { &value } else { dot };
                    let flow = match functions::truth(&value) {
                        true => self.list(&branch.body, inner)?,
                        false => self.list(&branch.otherwise, dot)?,
                    };
                    self.variables.truncate(known);
                    if flow != Flow::On {
                        return Ok(flow);
                    }
                }
                Node::Range(branch) => {
                    let known = self.variables.len();
                    let flow = self.range(branch, dot)?;
                    self.variables.truncate(known);
                    if flow != Flow::On {
                        return Ok(flow);
                    }
                }
                Node::Template { at, name, pipe } => {
                    let value = match pipe {
                        Some(pipe) => self.pipe(pipe, dot)?,
                        None => None,
                    };
                    let text = self.call_template(name, value).map_err(|e| match e {
                        Ok(inner) => inner,
                        Err(message) => {
                            let shown = match pipe {
                                Some(pipe) => format!("{{{{template {} {pipe}}}}}", crate::quote::go(name)),
                                None => format!("{{{{template {}}}}}", crate::quote::go(name)),
                            };
                            self.error(*at, &shown, message)
                        }
                    })?;
                    self.write(&text)?;
                }
                Node::Break => return Ok(Flow::Break),
                Node::Continue => return Ok(Flow::Continue),
            }
        }
        Ok(Flow::On)
    }
    /// Executes another template: `Err(Ok)` is an error within it, `Err(Err)` one of the call.
    fn call_template(&mut self, name: &str, value: Held) -> Result<String, Result<String, String>> {
        let Some(tree) = self.defined.get(name) else {
            return Err(Err(format!("template {} not defined", crate::quote::go(name))));
        };
        if self.depth >= DEPTH {
            return Err(Err(format!("exceeded maximum template depth ({DEPTH})")));
        }
        let mut inner = State {
            defined: self.defined,
            dialect: self.dialect,
            allow_missing: self.allow_missing,
            name,
            tree,
            depth: self.depth + 1,
            out: String::new(),
            variables: vec![("$".into(), value.clone())],
            budget: self.budget,
        };
        inner.list(&tree.nodes, &value).map_err(Ok)?;
        Ok(inner.out)
    }
    fn range(&mut self, branch: &Branch, dot: &Held) -> Run<Flow> {
        let value = self.pipe_value(&branch.pipe, dot)?;
        let items: Vec<(Value, Value)> = match &value {
            Some(Value::List(items)) => {
                items.iter().enumerate().map(|(at, v)| (Value::from(at), v.clone())).collect()
            }
            Some(Value::Map(entries)) => {
                entries.iter().map(|(k, v)| (Value::from(k.text()), v.clone())).collect()
            }
            Some(Value::Int(n)) => {
                let count = usize::try_from(*n).unwrap_or(0).min(STEPS);
                (0..count).map(|at| (Value::from(at), Value::from(at))).collect()
            }
            None | Some(Value::Null) => Vec::new(),
            Some(other) => {
                let message =
                    format!("range can't iterate over {}", functions::printed(&Some(other.clone())));
                return Err(self.error(branch.pipe.at, &branch.pipe, message));
            }
        };
        if items.is_empty() {
            return self.list(&branch.otherwise, dot);
        }
        let known = self.variables.len();
        for (key, item) in items {
            self.spend()?;
            let item = Some(item);
            let bound: Vec<(String, Held)> = match branch.pipe.declares.as_slice() {
                [one] => vec![(one.clone(), item.clone())],
                [first, second, ..] => vec![(first.clone(), Some(key)), (second.clone(), item.clone())],
                [] => Vec::new(),
            };
            for (name, value) in bound {
                if branch.pipe.assigns {
                    self.assign(&name, value)
                } else {
                    self.variables.push((name, value))
                }
            }
            let flow = self.list(&branch.body, &item)?;
            self.variables.truncate(known);
            if flow == Flow::Break {
                break;
            }
        }
        Ok(Flow::On)
    }
    fn assign(&mut self, name: &str, value: Held) {
        if let Some(slot) = self.variables.iter_mut().rev().find(|(known, _)| known == name) {
            slot.1 = value;
        }
    }
    fn pipe(&mut self, pipe: &Pipe, dot: &Held) -> Run<Held> {
        let value = self.pipe_value(pipe, dot)?;
        for name in &pipe.declares {
            if pipe.assigns {
                self.assign(name, value.clone());
            } else {
                self.variables.push((name.clone(), value.clone()));
            }
        }
        Ok(value)
    }
    fn pipe_value(&mut self, pipe: &Pipe, dot: &Held) -> Run<Held> {
        self.spend()?;
        let mut last: Option<Held> = None;
        for command in &pipe.commands {
            last = Some(self.command(command, dot, last)?);
        }
        // A null is as good as nothing once it leaves a pipeline.
        Ok(last.flatten().filter(|value| !value.is_null()))
    }
    fn command(&mut self, terms: &[Term], dot: &Held, last: Option<Held>) -> Run<Held> {
        let Some((first, rest)) = terms.split_first() else { return Ok(None) };
        let has_arguments = !rest.is_empty() || last.is_some();
        match &first.kind {
            Kind::Function(name) => return self.function(terms, name, dot, last),
            Kind::Nil => return Err(self.at(first, "nil is not a command")),
            Kind::Field(names) | Kind::Chain(_, names) if has_arguments => {
                let name = names.last().map_or("", String::as_str);
                return Err(self.at(first, format!("{name} is not a method but has arguments")));
            }
            _ if has_arguments => {
                return Err(self.at(first, format!("can't give argument to non-function {first}")));
            }
            _ => {}
        }
        self.term(first, dot)
    }
    fn term(&mut self, term: &Term, dot: &Held) -> Run<Held> {
        match &term.kind {
            Kind::Dot => Ok(dot.clone()),
            Kind::Nil => Ok(None),
            Kind::Constant(value, _) => Ok(Some(value.clone())),
            Kind::Field(names) => self.fields(term, dot.clone(), names),
            Kind::Variable(name, names) => {
                let value = self.variables.iter().rev().find(|(known, _)| known == name);
                let value = value.and_then(|(_, value)| value.clone());
                self.fields(term, value, names)
            }
            Kind::Function(name) => self.function(std::slice::from_ref(term), name, dot, None),
            Kind::Chain(inner, names) => {
                if inner.kind == Kind::Nil {
                    return Err(self.at(term, "indirection through explicit nil"));
                }
                let value = self.term(inner, dot)?;
                self.fields(term, value, names)
            }
            Kind::Pipe(pipe) => self.pipe(pipe, dot),
        }
    }
    fn fields(&self, term: &Term, value: Held, names: &[String]) -> Run<Held> {
        names.iter().try_fold(value, |value, name| match value {
            None if self.allow_missing => Ok(None),
            None => Err(self.at(term, format!("nil data; no entry for key {}", crate::quote::go(name)))),
            Some(Value::Null) => Err(self.at(term, format!("nil pointer evaluating interface {{}}.{name}"))),
            Some(map @ Value::Map(_)) => match map.find(name) {
                Some(found) => Ok(Some(found.clone())),
                None if self.allow_missing => Ok(None),
                None => Err(self.at(term, format!("map has no entry for key {}", crate::quote::go(name)))),
            },
            Some(_) => Err(self.at(term, format!("can't evaluate field {name} in type interface {{}}"))),
        })
    }
    fn function(&mut self, command: &[Term], name: &str, dot: &Held, last: Option<Held>) -> Run<Held> {
        let Some((term, rest)) = command.split_first() else { return Ok(None) };
        self.spend()?;
        let count = rest.len() + usize::from(last.is_some());
        if let Some((min, max)) = super::dialect::arity(self.dialect, name) {
            if count < min && max.is_none() {
                return Err(self
                    .at(term, format!("wrong number of args for {name}: want at least {min} got {count}")));
            }
            if count < min || max.is_some_and(|max| count > max) {
                return Err(self.at(term, format!("wrong number of args for {name}: want {min} got {count}")));
            }
        }
        // `and` and `or` stop at the argument that decides.
        if name == "and" || name == "or" {
            let mut value = None;
            for argument in rest {
                value = self.argument(argument, dot)?;
                if functions::truth(&value) == (name == "or") {
                    return Ok(value);
                }
            }
            return Ok(last.unwrap_or(value));
        }
        let mut arguments = Vec::with_capacity(count);
        for argument in rest {
            arguments.push(self.argument(argument, dot)?);
        }
        arguments.extend(last);
        // What goes wrong within a call is told of the whole command.
        let whole: Vec<String> = command.iter().map(ToString::to_string).collect();
        let whole = whole.join(" ");
        if matches!(name, "include" | "tpl") {
            return self
                .include(name, &arguments)
                .map_err(|e| self.error(term.at, &whole, format!("error calling {name}: {e}")));
        }
        super::dialect::call(self.dialect, name, &arguments)
            .map_err(|e| self.error(term.at, &whole, format!("error calling {name}: {e}")))
    }
    fn argument(&mut self, term: &Term, dot: &Held) -> Run<Held> {
        let value = self.term(term, dot)?;
        Ok(value.filter(|value| !value.is_null()))
    }
    /// Helm's `include "name" .` and `tpl "text" .`: a template's text as a value.
    fn include(&mut self, name: &str, arguments: &[Held]) -> Run<Held> {
        let text =
            arguments.first().and_then(Option::as_ref).map(|v| v.text().to_owned()).unwrap_or_default();
        let dot = arguments.get(1).cloned().flatten();
        if name == "include" {
            let output = self.call_template(&text, dot).map_err(|e| e.unwrap_or_else(|message| message))?;
            return Ok(Some(output.into()));
        }
        let mut defined = self.defined.clone();
        let file = self.tree.file.clone();
        if self.depth >= DEPTH {
            return Err(format!("exceeded maximum template depth ({DEPTH})"));
        }
        super::parse::file(self.dialect, &file, &text, &mut defined)?;
        let Some(tree) = defined.get(&file).cloned() else { return Ok(None) };
        let mut inner = State {
            defined: &defined,
            dialect: self.dialect,
            allow_missing: self.allow_missing,
            name: &file,
            tree: &tree,
            depth: self.depth + 1,
            out: String::new(),
            variables: vec![("$".into(), dot.clone())],
            budget: self.budget,
        };
        inner.list(&tree.nodes, &dot)?;
        Ok(Some(inner.out.into()))
    }
}
