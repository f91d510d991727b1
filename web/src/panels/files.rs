//! The files of the laptop: what lies in the learner's home, to be opened in the editor, and a field for
//! a new one.
use crate::icons::{self, icon};
use crate::panels::prose::home;
use crate::state::Action;
use crate::ui::Ui;
use crate::world::FileEntry;
use drydock_machinery::sort::Arrange;
use web_sys::HtmlInputElement;
use yew::prelude::*;

#[derive(Properties, PartialEq)]
pub struct Props {
    pub ui: Ui,
    /// The folder that is shown.
    pub folder: String,
    pub entries: Vec<FileEntry>,
    pub front: bool,
}

/// See the module's head.
#[component]
pub fn Files(props: &Props) -> Html {
    let (ui, t) = (&props.ui, props.ui.text());
    let name = use_node_ref();
    let create = {
        let (ui, name, folder) = (ui.clone(), name.clone(), props.folder.clone());
        Callback::from(move |e: SubmitEvent| {
            e.prevent_default();
            let typed = name.cast::<HtmlInputElement>().map(|f| f.value()).unwrap_or_default();
            let typed = typed.trim();
            if !typed.is_empty() {
                let path =
                    if typed.starts_with(['/', '~']) { home(typed) } else { format!("{folder}/{typed}") };
                ui.send(Action::OpenFile { path, line: None });
            }
        })
    };
    let up = props.folder.rsplit_once('/').map(|(up, _)| if up.is_empty() { "/" } else { up }.to_owned());
    let mut entries: Vec<&FileEntry> = props.entries.iter().filter(|f| !f.name.starts_with('.')).collect();
    entries.arrange_by_key(|f| (!f.is_dir, f.name.clone()));
    let inside = |name: &str| format!("{}/{name}", props.folder.trim_end_matches('/'));
    html! {
        <section id="files" tabindex="-1" aria-label={t.files} class={classes!("pane", "editor", props.front.then_some("is-front"))}>
            <div class="pane-head">
                <h2>{ t.files }</h2><span class="muted mono">{ &props.folder }</span>
                <span class="grow" />
                <button class="button quiet icon-only" aria-label={t.close} title={t.close} onclick={ui.on(Action::Files(None))}>{ icon(icons::CLOSE) }</button>
            </div>
            <div class="pane-body course">
                if let Some(up) = up.filter(|_| props.folder != "/") {
                    <button class="course-item" onclick={ui.on(Action::Files(Some(up)))}>{ icon(icons::BACK) }<span class="mono">{ ".." }</span></button>
                }
                { for entries.into_iter().map(|file| {
                    let path = inside(&file.name);
                    let action = if file.is_dir { Action::Files(Some(path)) } else { Action::OpenFile { path, line: None } };
                    html! {
                        <button key={file.name.clone()} class="course-item" data-file={file.name.clone()} onclick={ui.on(action)}>
                            { icon(if file.is_dir { icons::FOLDER } else { icons::FILE }) }<span class="mono">{ &file.name }</span>
                        </button>
                    }
                }) }
            </div>
            <form class="edit-foot" onsubmit={create}>
                <input ref={name} class="field mono grow" placeholder="web.yaml" aria-label={t.file_name} autocomplete="off" spellcheck="false" />
                <button class="button">{ t.new_file }</button>
            </form>
        </section>
    }
}
