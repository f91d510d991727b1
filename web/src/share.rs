//! A session in a link: the lesson, how far its player came and the input log, behind the `#` of the page's
//! address, which a browser keeps to itself. The same text is the session's file.
//!
//! A shared session is one of its own: what is done in it is kept beside the visitor's own session, never over
//! it. What comes from a link is hostile by assumption: its length is bounded here, what it unpacks to by the
//! log's reader, and it is played in the sandbox like anything typed.
use crate::store::Session;
use crate::world::PlayerSave;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

/// What the fragment of such a link begins with; `static/boot.js` knows it too.
const MARK: &str = "#s=";
/// Longer links are cut by too many programs on the way: the file is offered instead.
const MAX_LINK: usize = 60_000;
/// Longer texts are not looked at.
const MAX_TEXT: usize = 2 * 1024 * 1024;

/// What stands before the dot; after it comes the log as it saves itself.
#[derive(Serialize, Deserialize)]
struct Head {
    lesson: Option<String>,
    player: PlayerSave,
}

/// The session as the text of a link or file.
#[must_use]
pub fn pack(session: &Session) -> String {
    let head = Head { lesson: session.lesson.clone(), player: session.player.clone() };
    // Serialising plain strings and numbers cannot fail.
    let head = serde_json::to_vec(&head).unwrap_or_default();
    format!("{}.{}", URL_SAFE_NO_PAD.encode(head), session.log)
}

/// Reads [`pack`]'s text; `None` where it is cut off, too long, or not such a text at all. Whether the log in
/// it can be played is for its own reader to say.
#[must_use]
pub fn unpack(text: &str) -> Option<Session> {
    let text = text.trim();
    if text.len() > MAX_TEXT {
        return None;
    }
    let (head, log) = text.split_once('.')?;
    let head: Head = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(head).ok()?).ok()?;
    Some(Session { lesson: head.lesson, player: head.player, log: log.to_owned(), ..Session::default() })
}

/// The link to a packed session; `None` where it would be too long to be passed on.
#[must_use]
pub fn link(packed: &str) -> Option<String> {
    let here = web_sys::window()?.location().href().ok()?;
    let page = here.split('#').next().unwrap_or_default();
    let link = format!("{page}{MARK}{packed}");
    (link.len() <= MAX_LINK).then_some(link)
}

thread_local! {
    // Looked at once: the page keeps its session under this name to its end, when the address may be another.
    static CARRIED: Option<String> = {
        let hash = web_sys::window().and_then(|w| w.location().hash().ok()).unwrap_or_default();
        hash.strip_prefix(MARK).map(str::to_owned)
    };
}

/// What the page's address carried when it was opened, if that was such a link.
#[must_use]
pub fn carried() -> Option<String> {
    CARRIED.with(Clone::clone)
}

/// Opens a packed session in the place of what is shown: the page is loaded anew with it in its address.
pub fn enter(packed: &str) {
    if let Some(window) = web_sys::window() {
        let _ = window.location().set_hash(&format!("{MARK}{}", packed.trim()));
    }
}

/// Leaves the shared session for the visitor's own.
pub fn leave() {
    let Some(window) = web_sys::window() else { return };
    let here = window.location().href().unwrap_or_default();
    let page = here.split('#').next().unwrap_or_default();
    if let Ok(history) = window.history() {
        let _ = history.replace_state_with_url(&js_sys::Object::new(), "", Some(page));
    }
    let _ = window.location().reload();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_packed_session_reads_back() {
        let session =
            Session { lesson: Some("first-pod".into()), log: "eJw_-log".into(), ..Session::default() };
        assert_eq!(unpack(&pack(&session)), Some(session));
    }

    #[test]
    fn what_is_cut_off_foreign_or_huge_is_refused() {
        let packed = pack(&Session::default());
        assert_eq!(unpack(&packed[..8]), None);
        assert_eq!(unpack("<script>.x"), None);
        assert_eq!(unpack(&format!("{packed}{}", "A".repeat(MAX_TEXT))), None);
    }
}
