//! What goes on at the prompt besides typing: completion and the search through earlier commands.
use crate::field::common_start;
use crate::text::Text;
use crate::world::{Candidate, Completion};
use yew::prelude::*;

/// Candidates on show.
#[derive(Clone, Debug, Default)]
pub struct Completions {
    /// The byte of the line where the word being completed starts.
    pub start: usize,
    pub items: Vec<Candidate>,
    pub selected: Option<usize>,
}

/// More candidates than this are not shown at once.
const MOST: usize = 200;

impl Completions {
    /// The first Tab: what is certain is written (with a space where it is all); more than one
    /// candidate stays on show. Gives the line, the cursor and what is left to choose from.
    pub fn first(found: Completion, line: &str, cursor: usize) -> (String, usize, Option<Completions>) {
        let word = line.get(found.start..cursor).unwrap_or("");
        let certain = common_start(found.candidates.iter().map(|c| c.text.as_str()));
        let single = found.candidates.len() == 1;
        let mut text = line.to_owned();
        let mut at = cursor;
        if single || certain.len() > word.len() {
            let space = if single && !certain.ends_with(['/', '=', ' ', ':']) { " " } else { "" };
            let tail = line.get(cursor..).unwrap_or("");
            let space = if tail.starts_with(' ') { "" } else { space };
            let head = line.get(..found.start).unwrap_or("");
            text = format!("{head}{certain}{space}{tail}");
            at = head.len() + certain.len() + space.len();
        }
        let mut items = found.candidates;
        items.truncate(MOST);
        let left = (items.len() > 1).then_some(Completions { start: found.start, items, selected: None });
        (text, at, left)
    }

    /// The next candidate, or the one before.
    pub fn cycle(&mut self, backwards: bool) {
        let count = self.items.len().max(1);
        self.selected = Some(match (self.selected, backwards) {
            (None, false) => 0,
            (None, true) => count - 1,
            (Some(at), false) => (at + 1) % count,
            (Some(at), true) => (at + count - 1) % count,
        });
    }

    /// The line with candidate `at` in it, and the cursor behind it.
    pub fn accepted(&self, at: usize, line: &str, cursor: usize) -> Option<(String, usize)> {
        let text = &self.items.get(at)?.text;
        let space = if text.ends_with(['/', '=']) { "" } else { " " };
        let head = line.get(..self.start)?;
        let tail = line.get(cursor..)?.trim_start();
        Some((format!("{head}{text}{space}{tail}"), head.len() + text.len() + space.len()))
    }
}

/// A search through earlier commands, newest first.
#[derive(Clone, Debug, Default)]
pub struct Search {
    pub query: String,
    pub hit: Option<String>,
    /// Hits passed over so far.
    pub skip: usize,
}

impl Search {
    /// Finds the hit after `skip` newer ones; stays at the last one found.
    pub fn find(&mut self, lines: &[String], skip: usize) {
        if self.query.is_empty() {
            self.hit = None;
            return;
        }
        let hit = lines.iter().rev().filter(|l| l.contains(&self.query)).nth(skip);
        if let Some(hit) = hit {
            (self.hit, self.skip) = (Some(hit.clone()), skip);
        } else if skip == 0 {
            self.hit = None;
        }
    }
}

/// What stands under the input: the hit of a search, what a line in Hangul was meant to be, candidates.
pub fn helpers(
    t: &'static Text,
    search: Option<&Search>,
    meant: Option<&String>,
    completions: Option<&Completions>,
    take: &Callback<String>,
    choose: &Callback<usize>,
) -> Html {
    html! {
        <>
            if let Some(hit) = search.and_then(|s| s.hit.as_ref()) {
                <div class="suggest mono">{ hit }</div>
            }
            if let Some(meant) = meant {
                <div class="suggest">
                    { t.meant }
                    <button class="key mono" onclick={ let meant = meant.clone(); take.reform(move |_| meant.clone()) }>{ meant }</button>
                    <kbd>{ "Tab" }</kbd>
                </div>
            }
            if let Some(completions) = completions {
                <div class="completions" role="listbox" aria-label={t.completions}>
                    { for completions.items.iter().enumerate().map(|(at, item)| html! {
                        <button class="completion" role="option" tabindex="-1" title={item.about.clone()}
                            aria-selected={(completions.selected == Some(at)).to_string()}
                            onclick={choose.reform(move |_| at)}>{ &item.text }</button>
                    }) }
                </div>
            }
        </>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(start: usize, words: &[&str]) -> Completion {
        let candidates =
            words.iter().map(|w| Candidate { text: (*w).to_owned(), about: String::new() }).collect();
        Completion { start, candidates }
    }

    #[test]
    fn one_candidate_is_written_and_several_stay() {
        let (line, at, left) = Completions::first(found(0, &["kubectl"]), "kub", 3);
        assert_eq!((line.as_str(), at, left.is_none()), ("kubectl ", 8, true));
        let (line, at, left) = Completions::first(found(4, &["pods", "poddisruptionbudgets"]), "get p -A", 5);
        assert_eq!((line.as_str(), at), ("get pod -A", 7));
        let mut left = left.unwrap();
        left.cycle(false);
        assert_eq!(left.accepted(0, &line, at), Some(("get pods -A".to_owned(), 9)));
        let (line, _, left) = Completions::first(found(0, &[]), "zzz", 3);
        assert_eq!((line.as_str(), left.is_none()), ("zzz", true));
    }

    #[test]
    fn search_goes_from_new_to_old() {
        let lines: Vec<String> = ["kubectl get pods", "ls", "kubectl get svc"].map(String::from).to_vec();
        let mut search = Search { query: "get".into(), ..Search::default() };
        search.find(&lines, 0);
        assert_eq!(search.hit.as_deref(), Some("kubectl get svc"));
        search.find(&lines, 1);
        assert_eq!(search.hit.as_deref(), Some("kubectl get pods"));
        search.find(&lines, 2);
        assert_eq!(search.hit.as_deref(), Some("kubectl get pods"));
    }
}
