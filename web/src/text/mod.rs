//! Every word of the page, in two languages. A missing word is a compile error, because both
//! languages are constants of the same struct. Real output of the tools is never translated.
mod deed;
mod en;
mod ko;

pub use en::EN;
pub use ko::KO;

/// A language of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lang {
    Ko,
    En,
}

impl Lang {
    /// As in `<html lang>` and the lessons' files.
    pub fn code(self) -> &'static str {
        match self {
            Lang::Ko => "ko",
            Lang::En => "en",
        }
    }

    /// From a code like `ko-KR`; English where there is doubt.
    pub fn of(code: &str) -> Lang {
        if code.to_ascii_lowercase().starts_with("ko") { Lang::Ko } else { Lang::En }
    }

    /// The other one.
    pub fn other(self) -> Lang {
        match self {
            Lang::Ko => Lang::En,
            Lang::En => Lang::Ko,
        }
    }

    /// Its words.
    pub fn text(self) -> &'static Text {
        match self {
            Lang::Ko => &KO,
            Lang::En => &EN,
        }
    }
}

/// The words. Names say where they stand.
pub struct Text {
    pub lesson: &'static str,
    pub course: &'static str,
    pub map: &'static str,
    pub list: &'static str,
    pub events: &'static str,
    pub browser: &'static str,
    pub address: &'static str,
    pub go: &'static str,
    pub loading: &'static str,
    pub browser_empty: &'static str,
    pub browser_failed: &'static str,
    pub terminal: &'static str,
    pub editor: &'static str,
    pub inspector: &'static str,

    pub undo: &'static str,
    pub redo: &'static str,
    pub pause: &'static str,
    pub speed: &'static str,
    pub settle: &'static str,
    pub settling: &'static str,
    pub live: &'static str,
    pub paused: &'static str,
    pub timeline: &'static str,
    pub to_light: &'static str,
    pub to_dark: &'static str,
    /// The name of the other language, in that language.
    pub other_language: &'static str,
    pub help: &'static str,
    pub close: &'static str,
    pub maximise: &'static str,
    pub restore_size: &'static str,
    pub resize: &'static str,

    pub step: &'static str,
    pub tasks: &'static str,
    pub hint: &'static str,
    pub more_hint: &'static str,
    pub solve: &'static str,
    pub next_step: &'static str,
    pub previous_step: &'static str,
    pub next_lesson: &'static str,
    pub finished: &'static str,
    pub finished_more: &'static str,
    pub sandbox: &'static str,
    pub minutes: &'static str,
    pub run: &'static str,
    pub put_in_prompt: &'static str,
    pub save_as: &'static str,
    pub check_answer: &'static str,
    pub your_answer: &'static str,
    pub right: &'static str,
    pub wrong: &'static str,
    pub done: &'static str,
    pub locked: &'static str,
    pub assisted: &'static str,

    pub prompt_label: &'static str,
    pub output_label: &'static str,
    pub new_terminal: &'static str,
    pub running: &'static str,
    pub search: &'static str,
    pub meant: &'static str,
    pub completions: &'static str,
    pub cut: &'static str,
    pub stop_command: &'static str,

    pub show_system: &'static str,
    pub control_plane: &'static str,
    pub waiting: &'static str,
    pub no_pods: &'static str,
    pub no_endpoints: &'static str,
    pub all_quiet: &'static str,
    pub node: &'static str,
    pub pod: &'static str,
    pub container: &'static str,
    pub containers: &'static str,
    pub image: &'static str,
    pub laptop: &'static str,
    pub service: &'static str,
    pub workloads: &'static str,
    pub pods: &'static str,
    pub services: &'static str,
    pub nodes: &'static str,
    pub status: &'static str,
    pub ready: &'static str,
    pub restarts: &'static str,
    pub age: &'static str,
    pub place: &'static str,
    pub namespace: &'static str,
    pub endpoints: &'static str,
    pub looks: [&'static str; 5],
    pub more_nodes: &'static str,
    pub cpu: &'static str,
    pub memory: &'static str,

    pub overview: &'static str,
    pub wanted: &'static str,
    pub actual: &'static str,
    pub logs: &'static str,
    pub why: &'static str,
    pub why_lead: &'static str,
    pub no_events: &'static str,
    pub no_logs: &'static str,
    pub no_why: &'static str,
    pub gone: &'static str,
    pub edit_yaml: &'static str,

    pub save: &'static str,
    pub save_and_close: &'static str,
    pub discard: &'static str,
    pub unsaved: &'static str,
    pub apply_file: &'static str,
    pub problems: &'static str,
    pub no_problems: &'static str,
    pub line: &'static str,
    pub new_file: &'static str,
    pub file_name: &'static str,
    pub files: &'static str,
    pub vi_hint: &'static str,
    pub edited_by: &'static str,

    pub restored_without: &'static str,
    pub not_restored: &'static str,
    pub undone: &'static str,
    pub keys: &'static str,
    pub keys_panes: &'static str,
    pub keys_map: &'static str,
    pub keys_leave: &'static str,
    pub keys_complete: &'static str,
    pub keys_history: &'static str,
    pub keys_search: &'static str,
    pub keys_line: &'static str,
    pub keys_interrupt: &'static str,
    pub keys_apply: &'static str,
    pub keys_time: &'static str,
    pub about: &'static str,
    pub about_text: &'static str,
    pub share: &'static str,
    pub share_text: &'static str,
    pub share_link: &'static str,
    pub share_long: &'static str,
    pub share_file: &'static str,
    pub copy: &'static str,
    pub copied: &'static str,
    pub export: &'static str,
    pub import: &'static str,
    pub import_refused: &'static str,
    pub link_refused: &'static str,
    pub shared_now: &'static str,
    pub shared_kept: &'static str,
    pub shared_leave: &'static str,
    pub start_fresh: &'static str,
    pub start_fresh_sure: &'static str,
    pub simulated: &'static str,
    pub covered: &'static str,
    pub refused: &'static str,
    pub not_simulated: &'static str,
    pub coverage: &'static str,
    pub coverage_open: &'static str,
    pub coverage_text: &'static str,
    pub coverage_find: &'static str,
    pub coverage_none: &'static str,
    pub all: &'static str,
}
