//! The editor: a native text area, so that Korean input, undo and screen readers work as everywhere,
//! over the same text in colour. Knows when a program in the terminal waits for the file (kubectl edit,
//! nano, vi), and puts the schema's diagnostics under the words they are about.
use crate::field;
use crate::icons::{self, icon};
use crate::panels::coloured::{Highlighted, Lines};
use crate::panels::maximise::MaximiseButton;
use crate::shared::Shared;
use crate::state::{Action, Editing, Pane};
use crate::store::{self, Draft};
use crate::ui::Ui;
use crate::world::{Diagnostic, Severity};
use drydock_machinery::vi::{self, Vi};
use wasm_bindgen::JsCast;
use web_sys::{HtmlDocument, HtmlElement, HtmlTextAreaElement};
use yew::prelude::*;

#[derive(Properties, PartialEq)]
pub struct Props {
    pub ui: Ui,
    pub editing: Editing,
    pub diagnose: Callback<String, Vec<Diagnostic>>,
    pub front: bool,
    pub maximised: bool,
}

pub enum Msg {
    Typed,
    Key(KeyboardEvent),
    Save { apply: bool },
    Done,
    Discard,
    Show(usize, usize),
}

/// See the module's head.
pub struct Editor {
    area: NodeRef,
    pane: NodeRef,
    text: Shared<String>,
    problems: Shared<Vec<Diagnostic>>,
    number: u64,
    /// Present while `vi` waits for the file.
    vi: Option<Vi>,
    fresh: bool,
}

impl Component for Editor {
    type Message = Msg;
    type Properties = Props;

    fn create(ctx: &Context<Editor>) -> Editor {
        let mut editor = Editor {
            area: NodeRef::default(),
            pane: NodeRef::default(),
            text: Shared::default(),
            problems: Shared::default(),
            number: 0,
            vi: None,
            fresh: false,
        };
        editor.open(ctx);
        editor
    }

    fn changed(&mut self, ctx: &Context<Editor>, _: &Props) -> bool {
        if ctx.props().editing.number != self.number {
            self.open(ctx);
        }
        true
    }

    fn rendered(&mut self, ctx: &Context<Editor>, _: bool) {
        if !std::mem::take(&mut self.fresh) {
            return;
        }
        let Some(area) = self.area.cast::<HtmlTextAreaElement>() else { return };
        area.set_value(&self.text);
        let line = ctx.props().editing.line.unwrap_or(1).saturating_sub(1) as usize;
        let at = self.text.split('\n').take(line).map(|l| l.len() + 1).sum::<usize>().min(self.text.len());
        self.select(at, at);
        let _ = area.focus();
    }

    fn update(&mut self, ctx: &Context<Editor>, msg: Msg) -> bool {
        match msg {
            Msg::Typed => {
                let Some(area) = self.area.cast::<HtmlTextAreaElement>() else { return false };
                self.set(ctx, area.value());
                self.keep_draft(ctx);
                true
            }
            Msg::Key(event) => self.key(ctx, &event),
            Msg::Save { apply } => {
                store::keep_draft(None);
                ctx.props().ui.send(Action::SaveFile { text: (*self.text).clone(), apply });
                false
            }
            Msg::Done => {
                self.close(ctx, true);
                false
            }
            Msg::Discard => {
                self.close(ctx, false);
                false
            }
            Msg::Show(line, column) => {
                let start: usize =
                    self.text.split('\n').take(line.saturating_sub(1)).map(|l| l.len() + 1).sum();
                let at = (start + column.saturating_sub(1)).min(self.text.len());
                self.select(at, at);
                if let Some(area) = self.area.cast::<HtmlElement>() {
                    let _ = area.focus();
                }
                false
            }
        }
    }

    fn view(&self, ctx: &Context<Editor>) -> Html {
        let props = ctx.props();
        let (ui, t) = (&props.ui, props.ui.text());
        let link = ctx.link();
        let changed = *self.text != props.editing.saved;
        let name = props.editing.path.rsplit('/').next().unwrap_or(&props.editing.path).to_owned();
        html! {
            <section ref={&self.pane} tabindex="-1" id="editor-pane" aria-label={t.editor}
                class={classes!("pane", "editor", props.front.then_some("is-front"), props.maximised.then_some("is-max"))}>
                <div class="pane-head">
                    <h2 class="mono" title={props.editing.path.clone()}>{ name }</h2>
                    if changed { <span class="muted">{ "· " }{ t.unsaved }</span> }
                    <span class="grow" />
                    <MaximiseButton ui={ui.clone()} pane={Pane::Editor} maximised={props.maximised.then_some(Pane::Editor)} />
                    if props.editing.program.is_none() {
                        <button class="button quiet icon-only" aria-label={t.close} title={t.close}
                            onclick={link.callback(|_| Msg::Discard)}>{ icon(icons::CLOSE) }</button>
                    }
                </div>
                <div class="edit-area">
                    <div class="edit-grid">
                        <Lines count={self.text.split('\n').count()} problems={self.problems.clone()} />
                        <div class="edit-text">
                            <pre aria-hidden="true"><Highlighted text={self.text.clone()} yaml={is_yaml(&props.editing.path)} problems={self.problems.clone()} /></pre>
                            <textarea id="editor" ref={&self.area} key={props.editing.number} aria-label={format!("{} {}", t.editor, props.editing.path)}
                                class={classes!(self.vi.as_ref().filter(|v| !v.inserts()).map(|_| "block-caret"))}
                                spellcheck="false" autocomplete="off" autocapitalize="none" wrap="off"
                                oninput={link.callback(|_| Msg::Typed)} onkeydown={link.callback(Msg::Key)} />
                        </div>
                    </div>
                </div>
                { self.problem_list(ctx) }
                { self.foot(ctx, changed) }
            </section>
        }
    }
}

impl Editor {
    fn open(&mut self, ctx: &Context<Editor>) {
        let editing = &ctx.props().editing;
        self.number = editing.number;
        self.vi =
            editing.program.as_ref().filter(|p| matches!(p.0.as_str(), "vi" | "vim")).map(|_| Vi::default());
        self.fresh = true;
        // What was typed before the page was closed is still there.
        let draft = store::draft().filter(|d| d.path == editing.path).map(|d| d.text);
        self.set(ctx, draft.unwrap_or_else(|| editing.saved.clone()));
    }

    fn set(&mut self, ctx: &Context<Editor>, text: String) {
        self.problems = if is_yaml(&ctx.props().editing.path) {
            Shared::new(ctx.props().diagnose.emit(text.clone()))
        } else {
            Shared::default()
        };
        self.text = Shared::new(text);
    }

    fn keep_draft(&self, ctx: &Context<Editor>) {
        let editing = &ctx.props().editing;
        let draft = Draft { path: editing.path.clone(), text: (*self.text).clone() };
        store::keep_draft((draft.text != editing.saved).then_some(&draft));
    }

    fn close(&mut self, ctx: &Context<Editor>, keep: bool) {
        store::keep_draft(None);
        let text = keep.then(|| (*self.text).clone());
        ctx.props().ui.send(Action::CloseFile { text });
    }

    fn select(&self, from: usize, to: usize) {
        if let Some(area) = self.area.cast::<HtmlTextAreaElement>() {
            let (from, to) =
                (field::units_at(&self.text, from) as u32, field::units_at(&self.text, to) as u32);
            let _ = area.set_selection_range(from, to);
            // The area is as tall as its text: its scroller is the parent; focusing brings the caret in view.
            let line =
                self.text.encode_utf16().take(from as usize).filter(|u| *u == u16::from(b'\n')).count();
            if let Some(scroller) = area.closest(".edit-area").ok().flatten() {
                let top = line as i32 * 20;
                if top < scroller.scroll_top() || top > scroller.scroll_top() + scroller.client_height() - 48
                {
                    scroller.set_scroll_top(top - scroller.client_height() / 3);
                }
            }
        }
    }

    /// Replaces the text under the area, e.g. by a command of vi.
    fn replace(&mut self, ctx: &Context<Editor>, text: String, cursor: usize) {
        if let Some(area) = self.area.cast::<HtmlTextAreaElement>() {
            if text != *self.text {
                area.set_value(&text);
                self.set(ctx, text);
                self.keep_draft(ctx);
            }
            self.select(cursor, cursor);
        }
    }

    fn key(&mut self, ctx: &Context<Editor>, event: &KeyboardEvent) -> bool {
        if event.is_composing() || event.key_code() == 229 {
            return false;
        }
        let Some(area) = self.area.cast::<HtmlTextAreaElement>() else { return false };
        let command = event.ctrl_key() || event.meta_key();
        let program = ctx.props().editing.program.as_ref().map(|p| p.0.as_str());
        match (event.key().as_str(), event.code().as_str()) {
            ("Enter", _) if command => {
                event.prevent_default();
                match program {
                    Some(_) => self.close(ctx, true),
                    None => ctx.link().send_message(Msg::Save { apply: true }),
                }
                return false;
            }
            (_, "KeyS") if command => {
                event.prevent_default();
                ctx.link().send_message(Msg::Save { apply: false });
                return false;
            }
            // nano's own keys.
            (_, "KeyO") if command && program == Some("nano") => {
                event.prevent_default();
                ctx.link().send_message(Msg::Save { apply: false });
                return false;
            }
            (_, "KeyX") if event.ctrl_key() && program == Some("nano") => {
                event.prevent_default();
                self.close(ctx, true);
                return false;
            }
            _ => {}
        }
        if self.vi.is_some() {
            return self.vi_key(ctx, event, &area);
        }
        match event.key().as_str() {
            "Escape" => {
                event.prevent_default();
                event.stop_propagation();
                if let Some(pane) = self.pane.cast::<HtmlElement>() {
                    let _ = pane.focus();
                }
            }
            "Enter" if !command && !event.alt_key() => {
                event.prevent_default();
                let at = field::cursor(&area, &self.text);
                let added = indent_after(&self.text, at);
                insert(&format!("\n{added}"));
            }
            "Tab" if !event.shift_key() && !event.alt_key() => {
                event.prevent_default();
                insert("  ");
            }
            _ => {}
        }
        false
    }

    fn vi_key(&mut self, ctx: &Context<Editor>, event: &KeyboardEvent, area: &HtmlTextAreaElement) -> bool {
        let at = field::cursor(area, &self.text);
        let text = (*self.text).clone();
        let Some(vi) = &mut self.vi else { return false };
        match vi.key(&event.key(), event.ctrl_key(), &text, at) {
            vi::Effect::Native => {
                // Typing goes to the field itself; anything else in command mode must not.
                return false;
            }
            vi::Effect::Text { text, cursor } => self.replace(ctx, text, cursor),
            vi::Effect::Write => ctx.link().send_message(Msg::Save { apply: false }),
            vi::Effect::WriteQuit => self.close(ctx, true),
            vi::Effect::Quit { force } => {
                let changed = *self.text != ctx.props().editing.saved;
                if changed && !force {
                    if let Some(vi) = &mut self.vi {
                        vi.complain("E37: No write since last change (add ! to override)");
                    }
                } else {
                    // What was written with :w stays written.
                    self.close(ctx, false);
                }
            }
        }
        event.prevent_default();
        event.stop_propagation();
        true
    }

    fn problem_list(&self, ctx: &Context<Editor>) -> Html {
        let t = ctx.props().ui.text();
        if self.problems.is_empty() {
            return html! {};
        }
        html! {
            <div class="problems" role="status" aria-label={t.problems}>
                { for self.problems.iter().take(20).map(|p| {
                    let (line, column) = (p.line, p.column);
                    html! {
                        <button class="problem" onclick={ctx.link().callback(move |_| Msg::Show(line, column))}>
                            <span class="at">{ format!("{} {line}", t.line) }</span>
                            <span>{ if p.severity == Severity::Error { "✕ " } else { "⚠ " } }{ &p.message }</span>
                        </button>
                    }
                }) }
            </div>
        }
    }

    fn foot(&self, ctx: &Context<Editor>, changed: bool) -> Html {
        let t = ctx.props().ui.text();
        let link = ctx.link();
        if let Some(vi) = &self.vi {
            return html! {
                <div class="edit-foot"><span class="vi-mode">{ vi.status() }</span>
                    <span class="grow">{ if vi.status().is_empty() { t.vi_hint } else { "" } }</span>
                    <button class="button" onclick={link.callback(|_| Msg::Discard)}>{ ":q!" }</button>
                    <button class="button" onclick={link.callback(|_| Msg::Done)}>{ ":wq" }</button></div>
            };
        }
        match &ctx.props().editing.program {
            Some((program, _)) => html! {
                <div class="edit-foot">
                    <span class="grow"><span class="mono">{ program }</span>{ " " }{ t.edited_by }</span>
                    <button class="button" id="editor-discard" onclick={link.callback(|_| Msg::Discard)}>{ t.discard }</button>
                    <button class="button primary" id="editor-done" onclick={link.callback(|_| Msg::Done)}>{ t.save_and_close }</button>
                </div>
            },
            None => html! {
                <div class="edit-foot">
                    <span class="grow">{ if self.problems.is_empty() { t.no_problems } else { "" } }</span>
                    <button class="button" id="editor-save" disabled={!changed} onclick={link.callback(|_| Msg::Save { apply: false })}>{ t.save }</button>
                    if is_yaml(&ctx.props().editing.path) {
                        <button class={classes!("button", self.problems.is_empty().then_some("primary"))} id="editor-apply" onclick={link.callback(|_| Msg::Save { apply: true })}>{ t.apply_file }</button>
                    }
                </div>
            },
        }
    }
}

fn is_yaml(path: &str) -> bool {
    path.ends_with(".yaml") || path.ends_with(".yml") || path.starts_with("/tmp/kubectl-edit")
}

/// The indent of a new line after the one at byte `at`: the same, deeper after a key that opens.
fn indent_after(text: &str, at: usize) -> String {
    let line = text.get(..at).unwrap_or("").rsplit('\n').next().unwrap_or("");
    let indent: String = line.chars().take_while(|c| *c == ' ').collect();
    if line.trim_end().ends_with(':') { format!("{indent}  ") } else { indent }
}

/// Types `text` at the cursor as the browser itself would, so that the field's own undo knows of it and
/// its input event follows.
fn insert(text: &str) {
    let document =
        web_sys::window().and_then(|w| w.document()).and_then(|d| d.dyn_into::<HtmlDocument>().ok());
    if let Some(document) = document {
        let _ = document.exec_command_with_show_ui_and_value("insertText", false, text);
    }
}
