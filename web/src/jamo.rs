//! Commands typed with the keyboard left on Hangul: the two-set layout turned back into the Latin
//! letters of the same keys, so that `ㅏㅕㅠㄷㅊ시` is recognised as `kubectl`.

/// Compatibility jamo and the keys that make them on the two-set layout.
const KEYS: &[(char, &str)] = &[
    ('ㄱ', "r"),
    ('ㄲ', "R"),
    ('ㄳ', "rt"),
    ('ㄴ', "s"),
    ('ㄵ', "sw"),
    ('ㄶ', "sg"),
    ('ㄷ', "e"),
    ('ㄸ', "E"),
    ('ㄹ', "f"),
    ('ㄺ', "fr"),
    ('ㄻ', "fa"),
    ('ㄼ', "fq"),
    ('ㄽ', "ft"),
    ('ㄾ', "fx"),
    ('ㄿ', "fv"),
    ('ㅀ', "fg"),
    ('ㅁ', "a"),
    ('ㅂ', "q"),
    ('ㅃ', "Q"),
    ('ㅄ', "qt"),
    ('ㅅ', "t"),
    ('ㅆ', "T"),
    ('ㅇ', "d"),
    ('ㅈ', "w"),
    ('ㅉ', "W"),
    ('ㅊ', "c"),
    ('ㅋ', "z"),
    ('ㅌ', "x"),
    ('ㅍ', "v"),
    ('ㅎ', "g"),
    ('ㅏ', "k"),
    ('ㅐ', "o"),
    ('ㅑ', "i"),
    ('ㅒ', "O"),
    ('ㅓ', "j"),
    ('ㅔ', "p"),
    ('ㅕ', "u"),
    ('ㅖ', "P"),
    ('ㅗ', "h"),
    ('ㅘ', "hk"),
    ('ㅙ', "ho"),
    ('ㅚ', "hl"),
    ('ㅛ', "y"),
    ('ㅜ', "n"),
    ('ㅝ', "nj"),
    ('ㅞ', "np"),
    ('ㅟ', "nl"),
    ('ㅠ', "b"),
    ('ㅡ', "m"),
    ('ㅢ', "ml"),
    ('ㅣ', "l"),
];

const LEADS: &str = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ";
const VOWELS: &str = "ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ";
const TAILS: &str = "ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ";

/// Programs that a learner calls; the first word must become one of them.
const PROGRAMS: &[&str] = &[
    "kubectl", "k", "docker", "istioctl", "helm", "git", "curl", "ls", "cat", "cd", "pwd", "vi", "vim",
    "nano", "echo", "clear", "mkdir", "rm", "cp", "mv", "grep", "history", "exit", "sudo", "apt", "aws",
    "eksctl", "gcloud",
];

fn keys(jamo: char, out: &mut String) {
    match KEYS.iter().find(|(c, _)| *c == jamo) {
        Some((_, typed)) => out.push_str(typed),
        None => out.push(jamo),
    }
}

/// The Latin letters of the keys that typed `text`.
pub fn typed(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match (c as u32).checked_sub(0xAC00).filter(|n| *n < 11172) {
            None => keys(c, &mut out),
            Some(n) => {
                let parts = [
                    LEADS.chars().nth((n / 588) as usize),
                    VOWELS.chars().nth((n % 588 / 28) as usize),
                    (n % 28).checked_sub(1).and_then(|t| TAILS.chars().nth(t as usize)),
                ];
                parts.into_iter().flatten().for_each(|j| keys(j, &mut out));
            }
        }
    }
    out
}

/// What `line` was meant to be, where its first word is a known program typed in Hangul.
pub fn meant(line: &str) -> Option<String> {
    if line.is_ascii() {
        return None;
    }
    let first = line.split_whitespace().next()?;
    let program = typed(first);
    (!first.is_ascii() && PROGRAMS.contains(&program.as_str())).then(|| typed(line))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hangul_keys_become_the_command() {
        assert_eq!(meant("ㅏㅕㅠㄷㅊ시 ㅎㄷㅅ ㅔㅐㅇㄴ").as_deref(), Some("kubectl get pods"));
        assert_eq!(meant("ㅣㄴ -ㅣㅁ").as_deref(), Some("ls -la"));
        assert_eq!(meant("ㅇㅐ차ㄷㄱ ㅔㄴ").as_deref(), Some("docker ps"));
        assert_eq!(meant("echo 한글"), None);
        assert_eq!(meant("안녕"), None);
    }
}
