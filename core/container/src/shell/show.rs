//! Functions as bash prints them (`declare -f`, `type`): read again from their text, words kept as written,
//! everything between them laid out as bash does.

use super::Dialect;
use super::ast::{Redirect, RedirectKind};
use super::lexer::{Fault, Lexer, Parsed};
use super::parser::{newlines, reserved};
use super::redirect;

const STEP: usize = 4;

/// `name () ` and the function's body, from the text of the body.
#[must_use]
pub fn function(name: &str, text: &str) -> String {
    let mut printer =
        Printer { lexer: Lexer::new(text, Dialect::Bash), out: String::new(), depth: STEP, here: Vec::new() };
    printer.lexer.extglob = true;
    let whole = printer.body();
    if whole.is_err() {
        return format!("{name} () \n{text}\n");
    }
    format!("{name} () \n{}\n", printer.out)
}

struct Printer<'a> {
    lexer: Lexer<'a>,
    out: String,
    depth: usize,
    /// Here-documents whose bodies follow the present command: delimiter and body.
    here: Vec<(String, String)>,
}

impl Printer<'_> {
    fn line(&mut self, text: &str) {
        self.out.push('\n');
        self.out.push_str(&" ".repeat(self.depth));
        self.out.push_str(text);
    }
    /// A group as it stands, anything else within one.
    fn body(&mut self) -> Parsed<()> {
        newlines(&mut self.lexer);
        self.out.push_str("{ \n    ");
        if reserved(&self.lexer) == Some("{") {
            self.lexer.bump();
            self.list(&["}"])?;
            newlines(&mut self.lexer);
            self.lexer.take("}");
            self.out.push_str("\n}");
            return self.redirects();
        }
        self.command()?;
        self.out.push_str("\n}");
        Ok(())
    }
    fn list(&mut self, ends: &[&str]) -> Parsed<()> {
        let mut first = true;
        loop {
            newlines(&mut self.lexer);
            let done = match self.lexer.peek() {
                None | Some(')') => true,
                Some(';') => self.lexer.looking_at(";;") || self.lexer.looking_at(";&"),
                _ => reserved(&self.lexer).is_some_and(|r| ends.contains(&r)),
            };
            if done {
                return Ok(());
            }
            if !std::mem::take(&mut first) {
                if !self.out.ends_with(" &") && !self.out.ends_with('\n') {
                    self.out.push(';');
                }
                if self.out.ends_with(" &") {
                    self.out.push(' ');
                } else if self.out.ends_with('\n') {
                    self.out.push_str(&" ".repeat(self.depth));
                } else {
                    self.line("");
                }
            }
            self.chain()?;
            self.lexer.blanks();
            if self.lexer.looking_at("&") && !self.lexer.looking_at("&&") {
                self.lexer.bump();
                self.out.push_str(" &");
            } else if self.lexer.looking_at(";")
                && !self.lexer.looking_at(";;")
                && !self.lexer.looking_at(";&")
            {
                self.lexer.bump();
            }
            for (delimiter, body) in std::mem::take(&mut self.here) {
                self.out.push_str(&format!("\n{body}{delimiter}\n"));
            }
        }
    }
    fn chain(&mut self) -> Parsed<()> {
        loop {
            self.pipeline()?;
            self.lexer.blanks();
            let Some(join) = ["&&", "||"].into_iter().find(|j| self.lexer.take(j)) else { return Ok(()) };
            self.out.push_str(&format!(" {join} "));
            newlines(&mut self.lexer);
        }
    }
    fn pipeline(&mut self) -> Parsed<()> {
        loop {
            self.lexer.blanks();
            if reserved(&self.lexer) == Some("!") {
                self.lexer.bump();
                self.out.push_str("! ");
            } else if self.lexer.looking_at("time ") {
                self.lexer.take("time");
                self.out.push_str("time ");
            } else {
                break;
            }
        }
        loop {
            self.command()?;
            self.lexer.blanks();
            let join = if self.lexer.take("|&") {
                " |& "
            } else if self.lexer.looking_at("|") && !self.lexer.looking_at("||") {
                self.lexer.bump();
                " | "
            } else {
                return Ok(());
            };
            self.out.push_str(join);
            newlines(&mut self.lexer);
        }
    }
    fn command(&mut self) -> Parsed<()> {
        self.lexer.blanks();
        self.lexer.enter()?;
        match reserved(&self.lexer) {
            Some("{") => {
                self.lexer.bump();
                self.out.push_str("{ ");
                self.block(&["}"])?;
                self.expect("}")?;
            }
            Some("if") => self.if_clause()?,
            Some(word @ ("while" | "until")) => {
                self.lexer.take(word);
                self.out.push_str(&format!("{word} "));
                self.list(&["do"])?;
                self.lexer.take("do");
                self.out.push_str("; do");
                self.block(&["done"])?;
                self.end("done")?;
            }
            Some("for") => self.for_clause()?,
            Some("case") => self.case_clause()?,
            Some("[[") => {
                let start = self.lexer.at;
                self.lexer.take("[[");
                super::condition::parse(&mut self.lexer)?;
                let text = self.lexer.src.get(start..self.lexer.at).unwrap_or("");
                let words: Vec<&str> = text.split_whitespace().collect();
                self.out.push_str(&words.join(" "));
            }
            _ if self.lexer.looking_at("((") => {
                let start = self.lexer.at;
                self.lexer.take("((");
                self.lexer.arith_text()?;
                let text = self.lexer.src.get(start..self.lexer.at).unwrap_or("").to_string();
                self.out.push_str(&text);
            }
            _ if self.lexer.looking_at("(") => {
                self.lexer.bump();
                self.out.push_str("( ");
                self.list(&[])?;
                self.lexer.take(")");
                self.out.push_str(" )");
            }
            _ => {
                self.simple()?;
                self.lexer.leave();
                return Ok(());
            }
        }
        self.redirects()?;
        self.lexer.leave();
        Ok(())
    }
    fn expect(&mut self, word: &'static str) -> Parsed<()> {
        newlines(&mut self.lexer);
        if !self.lexer.take(word) {
            return Err(Fault::Message { text: word.into(), line: self.lexer.line });
        }
        self.line(word);
        Ok(())
    }
    /// A list on lines of its own, one step further in.
    fn block(&mut self, ends: &[&str]) -> Parsed<()> {
        self.depth += STEP;
        self.line("");
        self.list(ends)?;
        self.depth -= STEP;
        Ok(())
    }
    /// The closing word after a body.
    fn end(&mut self, word: &'static str) -> Parsed<()> {
        if !self.out.ends_with(" &") && !self.out.ends_with('\n') {
            self.out.push(';');
        }
        self.expect(word)
    }
    fn if_clause(&mut self) -> Parsed<()> {
        self.out.push_str("if ");
        newlines(&mut self.lexer);
        _ = self.lexer.take("if") || self.lexer.take("elif");
        self.list(&["then"])?;
        self.lexer.take("then");
        self.out.push_str("; then");
        self.block(&["elif", "else", "fi"])?;
        newlines(&mut self.lexer);
        match reserved(&self.lexer) {
            Some("elif") => {
                self.out.push(';');
                self.line("else");
                self.depth += STEP;
                self.line("");
                self.if_clause()?;
                self.depth -= STEP;
                self.out.push(';');
                self.line("fi");
                return Ok(());
            }
            Some("else") => {
                self.lexer.take("else");
                self.out.push(';');
                self.line("else");
                self.block(&["fi"])?;
            }
            _ => {}
        }
        // Every `elif` is a clause of its own and is closed by the one `fi`.
        newlines(&mut self.lexer);
        self.lexer.take("fi");
        self.out.push(';');
        self.line("fi");
        Ok(())
    }
    fn for_clause(&mut self) -> Parsed<()> {
        let start = self.lexer.at;
        self.lexer.take("for");
        self.lexer.blanks();
        if self.lexer.take("((") {
            self.lexer.arith_text()?;
            let text = self.lexer.src.get(start..self.lexer.at).unwrap_or("").to_string();
            self.out.push_str(&text);
            self.lexer.blanks();
            self.lexer.take(";");
        } else {
            let name = self.word()?;
            newlines(&mut self.lexer);
            let mut words = vec!["\"$@\"".to_string()];
            if reserved(&self.lexer) == Some("in") {
                self.lexer.take("in");
                words.clear();
                loop {
                    self.lexer.blanks();
                    let word = self.word()?;
                    if word.is_empty() {
                        break;
                    }
                    words.push(word);
                }
            }
            self.lexer.take(";");
            self.out.push_str(&format!("for {name} in {};", words.join(" ")));
        }
        newlines(&mut self.lexer);
        _ = self.lexer.take("do") || self.lexer.take("{");
        self.line("do");
        self.block(&["done", "}"])?;
        newlines(&mut self.lexer);
        if self.lexer.looking_at("}") {
            self.lexer.bump();
            self.out.push(';');
            self.line("done");
            return Ok(());
        }
        self.end("done")
    }
    fn case_clause(&mut self) -> Parsed<()> {
        self.lexer.take("case");
        self.lexer.blanks();
        let word = self.word()?;
        newlines(&mut self.lexer);
        self.lexer.take("in");
        self.out.push_str(&format!("case {word} in "));
        self.depth += STEP;
        loop {
            newlines(&mut self.lexer);
            if reserved(&self.lexer) == Some("esac") || self.lexer.peek().is_none() {
                break;
            }
            self.lexer.take("(");
            let mut patterns = Vec::new();
            loop {
                self.lexer.blanks();
                patterns.push(self.word()?);
                self.lexer.blanks();
                if !self.lexer.take("|") {
                    break;
                }
            }
            self.lexer.take(")");
            self.line(&format!("{})", patterns.join(" | ")));
            self.block(&["esac"])?;
            let end = [";;&", ";;", ";&"].into_iter().find(|e| self.lexer.take(e)).unwrap_or(";;");
            self.line(end);
        }
        self.depth -= STEP;
        self.expect("esac")
    }
    /// The next word as written; "" if there is none.
    fn word(&mut self) -> Parsed<String> {
        let start = self.lexer.at;
        self.lexer.word()?;
        Ok(self.lexer.src.get(start..self.lexer.at).unwrap_or("").to_string())
    }
    fn simple(&mut self) -> Parsed<()> {
        let (mut words, mut redirects) = (Vec::new(), Vec::new());
        loop {
            self.lexer.blanks();
            if let Some(redirect) = redirect::parse(&mut self.lexer)? {
                redirects.push(redirect);
                continue;
            }
            let start = self.lexer.at;
            if redirect::assignment(&mut self.lexer)?.is_none() && self.lexer.word()?.is_none() {
                break;
            }
            words.push(self.lexer.src.get(start..self.lexer.at).unwrap_or("").to_string());
            let after = self.lexer.rest().trim_start_matches([' ', '\t']);
            if words.len() == 1 && after.starts_with("()") {
                self.lexer.blanks();
                self.lexer.take("()");
                newlines(&mut self.lexer);
                self.out.push_str(&format!("function {} () ", words.concat()));
                self.line("");
                return self.command();
            }
        }
        if words.is_empty() && redirects.is_empty() {
            return Err(Fault::Message { text: "command expected".into(), line: self.lexer.line });
        }
        self.out.push_str(&words.join(" "));
        let first = words.is_empty();
        self.show_redirects(redirects, first);
        Ok(())
    }
    fn redirects(&mut self) -> Parsed<()> {
        let mut all = Vec::new();
        loop {
            self.lexer.blanks();
            match redirect::parse(&mut self.lexer)? {
                Some(redirect) => all.push(redirect),
                None => break,
            }
        }
        self.show_redirects(all, false);
        Ok(())
    }
    fn show_redirects(&mut self, redirects: Vec<Redirect>, mut first: bool) {
        for redirect in redirects {
            if !std::mem::take(&mut first) {
                self.out.push(' ');
            }
            let number = redirect.var.as_ref().map_or_else(
                || redirect.fd.map_or(String::new(), |fd| fd.to_string()),
                |name| format!("{{{name}}}"),
            );
            let text = &redirect.text;
            let shown = match redirect.kind {
                RedirectKind::Read => {
                    format!("{} < {text}", number.trim_start_matches('0')).trim_start().to_string()
                }
                RedirectKind::Write => format!("{}> {text}", if number == "1" { "" } else { &number }),
                RedirectKind::Append => format!("{}>> {text}", if number == "1" { "" } else { &number }),
                RedirectKind::Clobber => format!("{number}>| {text}"),
                RedirectKind::ReadWrite => {
                    format!("{}<> {text}", if number.is_empty() { "0" } else { &number })
                }
                RedirectKind::Duplicate if number == "0" => format!("0<&{text}"),
                RedirectKind::Duplicate => {
                    format!("{}>&{text}", if number.is_empty() { "1" } else { &number })
                }
                RedirectKind::Both { append: false } => format!("&> {text}"),
                RedirectKind::Both { append: true } => format!("&>> {text}"),
                RedirectKind::HereString => format!("<<< {text}"),
                RedirectKind::Here => {
                    let delimiter: String =
                        text.chars().filter(|c| !matches!(c, '\'' | '"' | '\\')).collect();
                    self.here.push((delimiter, redirect.body.to_string()));
                    format!("<<{text}")
                }
            };
            self.out.push_str(&shown);
        }
    }
}
