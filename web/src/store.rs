//! What stays in this browser: settings, and the session as a saved input log. Nothing else is kept
//! and nothing leaves the browser. A browser that refuses storage loses comfort, not function.
use crate::share;
use serde::{Deserialize, Serialize};
use web_sys::Storage;

const SETTINGS: &str = "drydock.settings";
const SESSION: &str = "drydock.session";
const SHARED: &str = "drydock.shared";
const FLIGHT: &str = "drydock.flight";
const DRAFT: &str = "drydock.draft";

/// Language and theme, as `static/early.js` reads them, and the sizes of panes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lang: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub theme: Option<String>,
    /// Percentages by CSS property, e.g. `--lesson`.
    #[serde(skip_serializing_if = "std::collections::BTreeMap::is_empty")]
    pub sizes: std::collections::BTreeMap<String, u32>,
}

/// A session as it is kept.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Session {
    /// The lesson that is open.
    pub lesson: Option<String>,
    /// Where the player is in it.
    pub player: crate::world::PlayerSave,
    /// The sandbox's saved log.
    pub log: String,
    /// Lessons that were finished.
    pub finished: Vec<String>,
}

/// What was done in the session that the page's address carries, beside the visitor's own.
#[derive(Serialize, Deserialize)]
struct SharedSession {
    /// What the address carried: another link is another session.
    carried: String,
    session: Session,
}

fn storage() -> Option<Storage> {
    web_sys::window()?.local_storage().ok().flatten()
}

fn read<T: for<'a> Deserialize<'a>>(name: &str) -> Option<T> {
    serde_json::from_str(&storage()?.get_item(name).ok()??).ok()
}

fn write<T: Serialize>(name: &str, value: &T) -> bool {
    let Ok(text) = serde_json::to_string(value) else { return false };
    storage().is_some_and(|s| s.set_item(name, &text).is_ok())
}

/// The settings of last time.
pub fn settings() -> Settings {
    read(SETTINGS).unwrap_or_default()
}

/// Keeps the settings.
pub fn keep_settings(settings: &Settings) {
    write(SETTINGS, settings);
}

/// The session of last time: the visitor's own, or of the link through which the page was opened.
pub fn session() -> Option<Session> {
    match share::carried() {
        Some(carried) => {
            read::<SharedSession>(SHARED).filter(|s| s.carried == carried).map(|shared| shared.session)
        }
        None => read(SESSION),
    }
}

/// Keeps the session; false when the browser refuses.
pub fn keep_session(session: &Session) -> bool {
    match share::carried() {
        Some(carried) => write(SHARED, &SharedSession { carried, session: session.clone() }),
        None => write(SESSION, session),
    }
}

/// What was typed into the editor and not saved yet.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Draft {
    pub path: String,
    pub text: String,
}

/// The draft of last time.
pub fn draft() -> Option<Draft> {
    read(DRAFT)
}

/// Keeps a draft, or forgets it.
pub fn keep_draft(draft: Option<&Draft>) {
    match (draft, storage()) {
        (Some(draft), _) => drop(write(DRAFT, draft)),
        (None, Some(storage)) => drop(storage.remove_item(DRAFT)),
        (None, None) => {}
    }
}

/// Forgets the session; settings stay.
pub fn forget_session() {
    if let Some(storage) = storage() {
        let _ = storage.remove_item(if share::carried().is_some() { SHARED } else { SESSION });
        let _ = storage.remove_item(DRAFT);
    }
}

/// Marks what is being done, for the guard outside the app: should it never end, the guard can name
/// it. `None` when it is done.
pub fn flight(what: Option<&str>) {
    let Some(storage) = storage() else { return };
    let _ = match what {
        Some(what) => storage.set_item(FLIGHT, what),
        None => storage.remove_item(FLIGHT),
    };
}

/// What was being done when the page broke last time.
pub fn broken_flight() -> Option<String> {
    storage()?.get_item(FLIGHT).ok()?
}
