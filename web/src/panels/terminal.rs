//! The terminal: a transcript that screen readers follow, and one native input field, so that Korean
//! input, selection and mobile keyboards work as everywhere. Line editing as readline has it, as far as
//! browsers leave the keys alone (Ctrl-W closes tabs: Alt-Backspace deletes a word).
use crate::field;
use crate::jamo;
use crate::panels::entry::EntryView;
use crate::panels::maximise::MaximiseButton;
use crate::panels::prompt::{self, Completions, Search};
use crate::shared::Shared;
use crate::state::{Action, Pane};
use crate::transcript::Terminal as Model;
use crate::ui::Ui;
use crate::world::Completion;
use wasm_bindgen::JsCast;
use web_sys::{ClipboardEvent, Element, HtmlElement, HtmlInputElement};
use yew::prelude::*;

#[derive(Properties, PartialEq)]
pub struct Props {
    pub ui: Ui,
    pub terminals: Shared<Vec<Model>>,
    pub shown: usize,
    /// A command to put at the prompt, and how many there have been.
    pub fill: (u64, String),
    pub complete: Callback<(u32, String, usize), Completion>,
    pub front: bool,
    pub maximised: bool,
}

pub enum Msg {
    Key(KeyboardEvent),
    Typed,
    Paste(ClipboardEvent),
    Choose(usize),
    Take(String),
    Focus,
}

/// See the module's head.
#[derive(Default)]
pub struct Terminal {
    input: NodeRef,
    body: NodeRef,
    pane: NodeRef,
    /// How far back in the history, from 1; what was being typed before going there.
    back: usize,
    draft: String,
    killed: String,
    completions: Option<Completions>,
    search: Option<Search>,
    meant: Option<String>,
    /// Entries up to this number were cleared away.
    cleared: u64,
    /// The newest output is in view, and should stay so.
    follows: bool,
}

impl Component for Terminal {
    type Message = Msg;
    type Properties = Props;

    fn create(_: &Context<Terminal>) -> Terminal {
        Terminal { follows: true, ..Terminal::default() }
    }

    fn changed(&mut self, ctx: &Context<Terminal>, old: &Props) -> bool {
        let props = ctx.props();
        if props.fill.0 != old.fill.0 {
            self.put(&props.fill.1, props.fill.1.len());
            self.focus();
            self.follows = true;
        }
        if props.shown != old.shown {
            self.put("", 0);
            self.focus();
        }
        if let Some(body) = self.body.cast::<Element>() {
            self.follows |= body.scroll_height() - body.scroll_top() - body.client_height() < 40;
        }
        true
    }

    fn rendered(&mut self, _: &Context<Terminal>, first: bool) {
        if let (true, Some(body)) = (self.follows, self.body.cast::<Element>()) {
            body.set_scroll_top(body.scroll_height());
            self.follows = false;
        }
        // A keyboard that slides in by itself would hide what a phone's visitor came to see.
        let fine = web_sys::window().and_then(|w| w.match_media("(pointer: fine)").ok().flatten());
        if first && fine.is_some_and(|m| m.matches()) {
            self.focus();
        }
    }

    fn update(&mut self, ctx: &Context<Terminal>, msg: Msg) -> bool {
        match msg {
            Msg::Key(event) => self.key(ctx, &event),
            Msg::Typed => self.typed(ctx),
            Msg::Paste(event) => self.paste(ctx, &event),
            Msg::Choose(at) => {
                self.accept(at);
                self.focus();
                true
            }
            Msg::Take(text) => {
                self.put(&text, text.len());
                self.meant = None;
                self.focus();
                true
            }
            Msg::Focus => {
                let selecting = web_sys::window()
                    .and_then(|w| w.get_selection().ok().flatten())
                    .is_some_and(|s| !s.is_collapsed());
                if !selecting {
                    self.focus();
                }
                false
            }
        }
    }

    fn view(&self, ctx: &Context<Terminal>) -> Html {
        let props = ctx.props();
        let (ui, t) = (&props.ui, props.ui.text());
        let Some(model) = props.terminals.get(props.shown) else { return html! {} };
        let link = ctx.link();
        let shown = model.past().iter().filter(|e| e.number > self.cleared);
        let maximised = props.maximised.then_some(Pane::Terminal);
        html! {
            <section ref={&self.pane} id="terminal" tabindex="-1" aria-label={t.terminal}
                class={classes!("pane", "terminal", props.front.then_some("is-front"), props.maximised.then_some("is-max"))}>
                <div class="pane-head">
                    <div class="tabs" role="tablist" aria-label={t.terminal}>
                        { for props.terminals.iter().enumerate().map(|(at, terminal)| html! {
                            <button class="tab" role="tab" aria-selected={(at == props.shown).to_string()}
                                onclick={ui.on(Action::ShowTerminal(at))}>
                                { if at == 0 { t.terminal.to_owned() } else { format!("{} {}", t.terminal, at + 1) } }
                                if terminal.busy { <span class="count">{ t.running }</span> }
                            </button>
                        }) }
                    </div>
                    <button class="button quiet icon-only" title={t.new_terminal} aria-label={t.new_terminal}
                        onclick={ui.on(Action::OpenTerminal)}>{ "+" }</button>
                    <span class="grow" />
                    if model.busy {
                        <button class="button" id="interrupt" onclick={ui.on(Action::Interrupt { tty: model.tty })}>{ t.stop_command }</button>
                    }
                    <button class="button quiet" id="files-button" onclick={ui.on(Action::Files(Some("/home/learner".to_owned())))}>{ t.files }</button>
                    <MaximiseButton ui={ui.clone()} pane={Pane::Terminal} {maximised} />
                </div>
                <div ref={&self.body} class="pane-body term" onclick={link.callback(|_| Msg::Focus)}>
                    <div id="transcript" class="transcript" role="log" aria-live="polite" aria-label={t.output_label}>
                        { for shown.map(|entry| html! { <EntryView key={entry.number} entry={entry.clone()} cut={t.cut} /> }) }
                    </div>
                    { self.input_row(ctx, model) }
                    { prompt::helpers(t, self.search.as_ref(), self.meant.as_ref(), self.completions.as_ref(), &link.callback(Msg::Take), &link.callback(Msg::Choose)) }
                </div>
            </section>
        }
    }
}

impl Terminal {
    fn input_row(&self, ctx: &Context<Terminal>, model: &Model) -> Html {
        let t = ctx.props().ui.text();
        let link = ctx.link();
        let prompt = match &self.search {
            Some(search) => {
                format!("({}) {}", t.search, if search.query.is_empty() { "" } else { &search.query })
            }
            None => model.prompt.clone(),
        };
        html! {
            <label class="input-row">
                <span class="prompt" aria-hidden="true">{ prompt }{ if self.search.is_some() { ": " } else { "" } }</span>
                <input id="prompt" ref={&self.input} type="text" autocomplete="off" autocapitalize="none" autocorrect="off"
                    spellcheck="false" enterkeyhint="go" aria-label={t.prompt_label}
                    onkeydown={link.callback(Msg::Key)} oninput={link.callback(|_| Msg::Typed)}
                    onpaste={link.callback(|e: Event| Msg::Paste(e.unchecked_into()))} />
            </label>
        }
    }

    fn field(&self) -> Option<HtmlInputElement> {
        self.input.cast()
    }

    fn focus(&self) {
        if let Some(field) = self.field() {
            let _ = field.focus();
        }
    }

    fn put(&mut self, text: &str, at: usize) {
        if let Some(field) = self.field() {
            field::set_line(&field, text, at);
        }
    }

    fn tty(ctx: &Context<Terminal>) -> (u32, bool) {
        let props = ctx.props();
        props.terminals.get(props.shown).map_or((0, false), |m| (m.tty, m.busy))
    }

    /// Whether what runs reads single keys.
    fn is_raw(ctx: &Context<Terminal>) -> bool {
        let props = ctx.props();
        props.terminals.get(props.shown).is_some_and(|m| m.raw)
    }

    /// A key for a program that reads keys (less, vi). Tab stays the page's, so that one can leave.
    fn raw_key(&mut self, ctx: &Context<Terminal>, event: &KeyboardEvent) -> bool {
        let key = event.key();
        let mut chars = key.chars();
        let single = chars.next().filter(|_| chars.next().is_none());
        let text = match (key.as_str(), single) {
            ("Enter", _) => "\r".to_owned(),
            ("Backspace", _) => "\u{7f}".to_owned(),
            ("Escape", _) => "\u{1b}".to_owned(),
            ("ArrowUp", _) => "\u{1b}[A".to_owned(),
            ("ArrowDown", _) => "\u{1b}[B".to_owned(),
            ("ArrowRight", _) => "\u{1b}[C".to_owned(),
            ("ArrowLeft", _) => "\u{1b}[D".to_owned(),
            ("Home", _) => "\u{1b}[H".to_owned(),
            ("End", _) => "\u{1b}[F".to_owned(),
            ("Delete", _) => "\u{1b}[3~".to_owned(),
            ("PageUp", _) => "\u{1b}[5~".to_owned(),
            ("PageDown", _) => "\u{1b}[6~".to_owned(),
            (_, Some(c)) if event.ctrl_key() && c.is_ascii_alphabetic() => {
                char::from(c.to_ascii_lowercase() as u8 - 96).to_string()
            }
            (_, Some(c)) if !event.ctrl_key() && !event.alt_key() && !event.meta_key() => c.to_string(),
            _ => return false,
        };
        event.prevent_default();
        event.stop_propagation();
        self.follows = true;
        let (tty, _) = Terminal::tty(ctx);
        ctx.props().ui.send(Action::Keys { tty, text });
        false
    }

    fn send_line(&mut self, ctx: &Context<Terminal>, text: String) {
        self.back = 0;
        self.completions = None;
        self.meant = None;
        self.search = None;
        self.follows = true;
        let (tty, _) = Terminal::tty(ctx);
        ctx.props().ui.send(Action::Line { tty, text });
    }

    fn typed(&mut self, ctx: &Context<Terminal>) -> bool {
        let Some(field) = self.field() else { return false };
        if Terminal::is_raw(ctx) {
            // What an input method or a touch keyboard wrote.
            let text = field.value();
            field.set_value("");
            let (tty, _) = Terminal::tty(ctx);
            if !text.is_empty() {
                ctx.props().ui.send(Action::Keys { tty, text });
            }
            return false;
        }
        let had = self.completions.take().is_some();
        if let Some(search) = &mut self.search {
            search.query = field.value();
            search.find(&history(ctx), 0);
            return true;
        }
        let meant = jamo::meant(&field.value());
        let changed = meant != self.meant;
        self.meant = meant;
        had || changed
    }

    fn paste(&mut self, ctx: &Context<Terminal>, event: &ClipboardEvent) -> bool {
        let Some(text) = event.clipboard_data().and_then(|d| d.get_data("text").ok()) else { return false };
        if !text.contains('\n') {
            return false;
        }
        let Some(field) = self.field() else { return false };
        event.prevent_default();
        let (line, at) = field::line(&field);
        let (head, tail) = line.split_at_checked(at).unwrap_or((&line, ""));
        let whole = format!("{head}{}{tail}", text.replace("\r\n", "\n"));
        let mut lines: Vec<&str> = whole.split('\n').collect();
        let rest = lines.pop().unwrap_or("").to_owned();
        self.put(&rest, rest.len());
        for line in lines {
            self.send_line(ctx, line.to_owned());
        }
        true
    }

    /// Puts candidate `at` in the line.
    fn accept(&mut self, at: usize) {
        let (Some(completions), Some(field)) = (self.completions.take(), self.field()) else { return };
        let (line, cursor) = field::line(&field);
        if let Some((text, cursor)) = completions.accepted(at, &line, cursor) {
            self.put(&text, cursor);
        }
    }

    fn complete(&mut self, ctx: &Context<Terminal>, line: &str, cursor: usize, backwards: bool) {
        if let Some(completions) = &mut self.completions {
            completions.cycle(backwards);
            return;
        }
        let (tty, _) = Terminal::tty(ctx);
        let completion = ctx.props().complete.emit((tty, line.to_owned(), cursor));
        let (text, at, left) = Completions::first(completion, line, cursor);
        self.put(&text, at);
        self.completions = left;
        self.follows = true;
    }

    fn leave(&self) {
        if let Some(pane) = self.pane.cast::<HtmlElement>() {
            let _ = pane.focus();
        }
    }

    /// Handles a key; whether the view changed.
    fn key(&mut self, ctx: &Context<Terminal>, event: &KeyboardEvent) -> bool {
        // While a syllable is being composed, keys belong to the input method.
        if event.is_composing() || event.key_code() == 229 {
            return false;
        }
        if Terminal::is_raw(ctx) {
            return self.raw_key(ctx, event);
        }
        let Some(field) = self.field() else { return false };
        let (line, at) = field::line(&field);
        if event.ctrl_key() && !event.alt_key() && !event.meta_key() {
            // By position, so that a Hangul keyboard gives the same commands.
            return self.control_key(ctx, event, &line, at);
        }
        match event.key().as_str() {
            "Enter" => {
                event.prevent_default();
                if let Some(at) = self.completions.as_ref().and_then(|c| c.selected) {
                    self.accept(at);
                    return true;
                }
                let text = match self.search.take() {
                    Some(search) => search.hit.unwrap_or_default(),
                    None => line,
                };
                self.put("", 0);
                self.send_line(ctx, text);
                true
            }
            "Tab" if !line.trim().is_empty() && self.search.is_none() => {
                event.prevent_default();
                match self.meant.take() {
                    Some(meant) => self.put(&meant, meant.len()),
                    None => self.complete(ctx, &line, at, event.shift_key()),
                }
                true
            }
            "Escape" => {
                let open = self.completions.take().is_some() | self.meant.take().is_some();
                if let Some(search) = self.search.take() {
                    let text = search.hit.unwrap_or_default();
                    self.put(&text, text.len());
                } else if !open {
                    self.leave();
                }
                event.stop_propagation();
                true
            }
            "ArrowUp" | "ArrowDown" if self.search.is_none() => {
                event.prevent_default();
                self.walk(ctx, event.key() == "ArrowUp", line);
                true
            }
            "ArrowRight" | "ArrowLeft" if self.search.is_some() => {
                event.prevent_default();
                let text = self.search.take().and_then(|s| s.hit).unwrap_or_default();
                self.put(&text, text.len());
                true
            }
            "Backspace" if event.alt_key() => {
                event.prevent_default();
                let head = line.get(..at).unwrap_or("").trim_end();
                let start = head.rfind(char::is_whitespace).map_or(0, |i| i + 1);
                self.cut(&line, start, at);
                false
            }
            _ => false,
        }
    }

    fn control_key(&mut self, ctx: &Context<Terminal>, event: &KeyboardEvent, line: &str, at: usize) -> bool {
        let (tty, busy) = Terminal::tty(ctx);
        let ui = &ctx.props().ui;
        let field = self.field();
        let selected = field.as_ref().is_some_and(|f| f.selection_start().ok() != f.selection_end().ok())
            || web_sys::window()
                .and_then(|w| w.get_selection().ok().flatten())
                .is_some_and(|s| !s.is_collapsed() && !String::from(s.to_string()).is_empty());
        match event.code().as_str() {
            // Copying wins where something is selected and nothing runs.
            "KeyC" if selected && !busy => return false,
            "KeyC" => {
                self.search = None;
                self.completions = None;
                self.back = 0;
                self.follows = true;
                if !busy && !line.is_empty() {
                    // As readline shows it: the dropped line with ^C.
                    self.put("", 0);
                }
                ui.send(Action::Interrupt { tty });
            }
            "KeyD" if line.is_empty() => ui.send(Action::Eof { tty }),
            "KeyD" => {
                let end = line.get(at..).and_then(|t| t.chars().next()).map_or(at, |c| at + c.len_utf8());
                self.cut_quietly(line, at, end);
            }
            "KeyZ" if busy => ui.send(Action::Stop { tty }),
            "KeyL" => {
                let shown = ctx.props().terminals.get(ctx.props().shown);
                self.cleared = shown.and_then(|m| m.past().last()).map_or(0, |e| e.number);
            }
            "KeyA" => self.put(line, 0),
            "KeyE" => self.put(line, line.len()),
            "KeyK" => self.cut(line, at, line.len()),
            "KeyU" => self.cut(line, 0, at),
            "KeyY" => {
                let (head, tail) = line.split_at_checked(at).unwrap_or((line, ""));
                let text = format!("{head}{}{tail}", self.killed);
                let to = head.len() + self.killed.len();
                self.put(&text, to);
            }
            "KeyR" => {
                let lines = history(ctx);
                match &mut self.search {
                    Some(search) => search.find(&lines, search.skip + 1),
                    None => {
                        self.search = Some(Search::default());
                        self.put("", 0);
                    }
                }
            }
            _ => return false,
        }
        event.prevent_default();
        true
    }

    /// Cuts bytes out of the line, to be put back by Ctrl-Y.
    fn cut(&mut self, line: &str, from: usize, to: usize) {
        self.killed = line.get(from..to).unwrap_or("").to_owned();
        self.cut_quietly(line, from, to);
    }

    fn cut_quietly(&mut self, line: &str, from: usize, to: usize) {
        let text = format!("{}{}", line.get(..from).unwrap_or(""), line.get(to..).unwrap_or(""));
        self.put(&text, from);
    }

    fn walk(&mut self, ctx: &Context<Terminal>, up: bool, line: String) {
        if let Some(completions) = &mut self.completions {
            completions.cycle(up);
            return;
        }
        let lines = history(ctx);
        if self.back == 0 {
            self.draft = line;
        }
        self.back = if up { (self.back + 1).min(lines.len()) } else { self.back.saturating_sub(1) };
        let text = match lines.len().checked_sub(self.back).and_then(|i| lines.get(i)) {
            Some(text) if self.back > 0 => text.clone(),
            _ => self.draft.clone(),
        };
        self.put(&text, text.len());
    }
}

fn history(ctx: &Context<Terminal>) -> Vec<String> {
    ctx.props().terminals.get(ctx.props().shown).map(Model::lines).unwrap_or_default()
}
