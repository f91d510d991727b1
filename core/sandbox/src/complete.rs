//! Tab completion at the terminal: programs, files and kubectl's and docker's commands,
//! kinds, names and flags.

use crate::complete_docker::docker;
use crate::complete_kubectl::kubectl;
use crate::history::Sandbox;
use drydock_container::filesystem::Content;
use drydock_machinery::sort::Arrange;

/// One way to go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// What replaces the word under the cursor.
    pub text: String,
    pub about: String,
}

/// What Tab offers: candidates for the bytes from `start` to the cursor.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Completion {
    pub start: usize,
    pub candidates: Vec<Candidate>,
}

/// Candidates shown at most.
const MOST: usize = 200;

impl Sandbox {
    /// Completes the word of `line` that ends at byte `cursor`.
    #[must_use]
    pub fn complete(&self, tty: u32, line: &str, cursor: usize) -> Completion {
        let Some(before) = line.get(..cursor) else { return Completion::default() };
        // Only the last simple command of the line matters.
        let begin = before.rfind(['|', ';', '&', '(']).map_or(0, |at| at + 1);
        let command = before.get(begin..).unwrap_or("");
        let start = before.rfind([' ', '|', ';', '&', '(', '\t']).map_or(0, |at| at + 1);
        let word = before.get(start..).unwrap_or("");
        let words: Vec<String> = command.split_whitespace().map(String::from).collect();
        let earlier = words.len() - usize::from(!word.is_empty() && !words.is_empty());
        let mut candidates = match words.first().map(String::as_str) {
            None => self.programs(word),
            Some(_) if earlier == 0 => self.programs(word),
            Some("kubectl" | "k") if !word.starts_with(['.', '/', '~']) => {
                let given: Vec<&str> = words.iter().take(earlier).map(String::as_str).collect();
                let found = kubectl(self.world(), &given, word);
                if found.is_empty() { self.paths(tty, word) } else { found }
            }
            Some("docker") if !word.starts_with(['.', '/', '~']) => {
                let given: Vec<&str> = words.iter().take(earlier).map(String::as_str).collect();
                let found = docker(self.world(), &given, word);
                if found.is_empty() { self.paths(tty, word) } else { found }
            }
            Some(_) => self.paths(tty, word),
        };
        candidates.truncate(MOST);
        Completion { start, candidates }
    }
    fn programs(&self, word: &str) -> Vec<Candidate> {
        let world = self.world();
        let mut names: Vec<String> = Vec::new();
        for dir in ["/usr/local/bin", "/usr/bin", "/bin"] {
            if let Some(fs) = world.machines.filesystem(world.laptop, None) {
                names.extend(fs.list(dir).map(|(name, _)| name.to_string()).filter(|n| n.starts_with(word)));
            }
        }
        names.extend(
            ["cd", "export", "alias", "history"]
                .into_iter()
                .filter(|n| n.starts_with(word))
                .map(String::from),
        );
        names.arrange();
        names.dedup();
        names.into_iter().map(|text| Candidate { text, about: String::new() }).collect()
    }
    fn paths(&self, tty: u32, word: &str) -> Vec<Candidate> {
        let (dir, prefix) = match word.rfind('/') {
            Some(at) => word.split_at(at + 1),
            None => ("", word),
        };
        let world = self.world();
        let cwd = world
            .machines
            .tty(tty)
            .and_then(|t| world.machines.process(t.shell))
            .map_or("/home/learner".into(), |p| p.cwd.clone());
        let base =
            dir.strip_prefix('~').map_or_else(|| dir.to_string(), |rest| format!("/home/learner{rest}"));
        let at = drydock_container::filesystem::normalise(&cwd, &base);
        let Some(fs) = world.machines.filesystem(world.laptop, None) else { return Vec::new() };
        fs.list(&at)
            .filter(|(name, _)| {
                name.starts_with(prefix) && (prefix.starts_with('.') || !name.starts_with('.'))
            })
            .map(|(name, inode)| {
                let slash = if inode.content == Content::Directory { "/" } else { "" };
                Candidate { text: format!("{dir}{name}{slash}"), about: String::new() }
            })
            .collect()
    }
}
