//! Reading and changing a text field: browsers count UTF-16 units, Rust counts bytes.
use web_sys::{HtmlInputElement, HtmlTextAreaElement};

/// The byte that lies `units` UTF-16 units into `text`.
pub fn byte_at(text: &str, units: usize) -> usize {
    let mut passed = 0;
    for (at, c) in text.char_indices() {
        if passed >= units {
            return at;
        }
        passed += c.len_utf16();
    }
    text.len()
}

/// The UTF-16 units before byte `at`.
pub fn units_at(text: &str, at: usize) -> usize {
    text.get(..at).unwrap_or(text).encode_utf16().count()
}

/// A one-line field's text and the byte at its cursor.
pub fn line(field: &HtmlInputElement) -> (String, usize) {
    let text = field.value();
    let units = field.selection_start().ok().flatten().unwrap_or(u32::MAX) as usize;
    let at = byte_at(&text, units);
    (text, at)
}

/// Sets a one-line field's text, and its cursor to byte `at`.
pub fn set_line(field: &HtmlInputElement, text: &str, at: usize) {
    field.set_value(text);
    let units = units_at(text, at) as u32;
    let _ = field.set_selection_range(units, units);
}

/// The byte at a text area's cursor.
pub fn cursor(field: &HtmlTextAreaElement, text: &str) -> usize {
    byte_at(text, field.selection_start().ok().flatten().unwrap_or(0) as usize)
}

/// What is common to the starts of all `words`.
pub fn common_start<'a>(words: impl IntoIterator<Item = &'a str>) -> &'a str {
    let mut words = words.into_iter();
    let Some(first) = words.next() else { return "" };
    words.fold(first, |common, word| {
        let same = common.char_indices().zip(word.chars()).find(|((_, a), b)| a != b).map(|((at, _), _)| at);
        let end = same.unwrap_or_else(|| common.len().min(word.len()));
        common.get(..end).unwrap_or("")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_go_both_ways_in_any_script() {
        let text = "a한😀b";
        for at in [0, 1, 4, 8, 9] {
            assert_eq!(byte_at(text, units_at(text, at)), at);
        }
        assert_eq!(byte_at(text, 99), text.len());
    }

    #[test]
    fn the_common_start_of_words() {
        assert_eq!(common_start(["pods", "poddisruptionbudgets"]), "pod");
        assert_eq!(common_start(["한글", "한국"]), "한");
        assert_eq!(common_start(["web", "web-1"]), "web");
        assert_eq!(common_start([]), "");
    }
}
