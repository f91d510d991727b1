//! What utilities share: options as getopt_long reads them, complaints, names of files.

use crate::sys::Sys;
use crate::sys_fs::FileKind;
use std::sync::Arc;

/// Whose texts and manners a utility has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Flavor {
    Gnu,
    Busybox,
}

/// The flavor of the space the process runs in.
pub fn flavor(sys: &mut Sys<'_>) -> Flavor {
    if sys.lstat("/bin/busybox").is_ok() { Flavor::Busybox } else { Flavor::Gnu }
}

/// The command's name, without folders.
#[must_use]
pub fn own_name(sys: &Sys<'_>) -> String {
    let args = sys.args();
    let first = args.first().map_or("", |a| &**a);
    first.rsplit('/').next().unwrap_or("").to_string()
}

/// Complains as `name: text` and gives `code`.
pub fn done(sys: &mut Sys<'_>, code: i32, text: &str) -> i32 {
    let name = own_name(sys);
    sys.eprint(&format!("{name}: {text}\n"));
    code
}

/// Complains and suggests `--help`, as coreutils do about wrong usage.
pub fn usage(sys: &mut Sys<'_>, code: i32, text: &str) -> i32 {
    let name = own_name(sys);
    if flavor(sys) == Flavor::Busybox {
        sys.eprint(&format!(
            "{name}: {text}\nBusyBox v1.36.1 () multi-call binary.\n\nUsage: {name} [OPTION]... [ARG]...\n"
        ));
    } else {
        let more = if name == "tar" { " or 'tar --usage'" } else { "" };
        let grep = if name.ends_with("grep") { "Usage: grep [OPTION]... PATTERNS [FILE]...\n" } else { "" };
        sys.eprint(&format!("{name}: {text}\n{grep}Try '{name} --help'{more} for more information.\n"));
    }
    code
}

#[must_use]
pub fn hostname(sys: &Sys<'_>) -> Arc<str> {
    sys.process().and_then(|p| sys.machines.space(p.space)).map(|s| s.hostname.clone()).unwrap_or_default()
}

/// Which options there are. `short` as getopt's string (`n:` takes a value, `i::` an optional one).
/// `long` names end in `=` where they take a value, in `?` where it is optional; each stands for a
/// letter, which may be one that `short` does not have.
pub struct Spec {
    pub short: &'static str,
    pub long: &'static [(&'static str, char)],
    /// The exit status for wrong usage.
    pub code: i32,
}

/// Options as given.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Opts {
    pub given: Vec<(char, Option<Arc<str>>)>,
    pub args: Vec<Arc<str>>,
}

impl Opts {
    /// Reads the process' arguments.
    ///
    /// # Errors
    /// The exit status, after the complaint was printed.
    pub fn read(sys: &mut Sys<'_>, spec: &Spec) -> Result<Opts, i32> {
        let args: Vec<Arc<str>> = sys.args().iter().skip(1).cloned().collect();
        Opts::parse(sys, spec, &args, true)
    }
    /// As [`Opts::read`], with at least one operand, as those that work on files want it.
    ///
    /// # Errors
    /// The exit status, after the complaint was printed.
    pub fn with_operands(sys: &mut Sys<'_>, spec: &Spec) -> Result<Opts, i32> {
        let opts = Opts::read(sys, spec)?;
        if opts.args.is_empty() { Err(usage(sys, 1, "missing operand")) } else { Ok(opts) }
    }
    /// As [`Opts::read`]; the first argument that is no option ends them (`xargs`, `env`, `timeout`).
    ///
    /// # Errors
    /// The exit status, after the complaint was printed.
    pub fn read_leading(sys: &mut Sys<'_>, spec: &Spec) -> Result<Opts, i32> {
        let args: Vec<Arc<str>> = sys.args().iter().skip(1).cloned().collect();
        Opts::parse(sys, spec, &args, false)
    }
    /// As [`Opts::read`], of words given.
    ///
    /// # Errors
    /// The exit status, after the complaint was printed.
    pub fn parse_words(sys: &mut Sys<'_>, spec: &Spec, words: &[Arc<str>]) -> Result<Opts, i32> {
        Opts::parse(sys, spec, words, true)
    }
    /// As [`Opts::read_leading`], of words given.
    ///
    /// # Errors
    /// The exit status, after the complaint was printed.
    pub fn parse_leading(sys: &mut Sys<'_>, spec: &Spec, words: &[Arc<str>]) -> Result<Opts, i32> {
        Opts::parse(sys, spec, words, false)
    }
    fn parse(sys: &mut Sys<'_>, spec: &Spec, args: &[Arc<str>], permute: bool) -> Result<Opts, i32> {
        let mut out = Opts::default();
        let mut words = args.iter();
        while let Some(word) = words.next() {
            if &**word == "--" {
                out.args.extend(words.cloned());
                break;
            }
            if let Some(long) = word.strip_prefix("--") {
                let (name, value) = match long.split_once('=') {
                    Some((name, value)) => (name, Some(Arc::from(value))),
                    None => (long, None),
                };
                let bare = |n: &str| n.trim_end_matches(['=', '?']).to_string();
                let exact = spec.long.iter().find(|l| bare(l.0) == name);
                let mut near = spec.long.iter().filter(|l| l.0.starts_with(name));
                let Some((full, letter)) = exact.or_else(|| near.next()) else {
                    if name == "help" {
                        let own = own_name(sys);
                        sys.print(&format!("Usage: {own} [OPTION]... [ARG]...\n"));
                        return Err(0);
                    }
                    if name == "version" {
                        let own = own_name(sys);
                        sys.print(&format!("{own} (GNU coreutils) 9.1\n"));
                        return Err(0);
                    }
                    return Err(usage(sys, spec.code, &format!("unrecognized option '--{name}'")));
                };
                let value = match (full.ends_with('='), value) {
                    (true, Some(value)) => Some(value),
                    (true, None) => match words.next() {
                        Some(value) => Some(value.clone()),
                        None => {
                            let text = format!("option '--{}' requires an argument", bare(full));
                            return Err(usage(sys, spec.code, &text));
                        }
                    },
                    (false, value) => value,
                };
                out.given.push((*letter, value));
                continue;
            }
            let Some(cluster) = word.strip_prefix('-').filter(|c| !c.is_empty()) else {
                out.args.push(word.clone());
                if !permute {
                    out.args.extend(words.cloned());
                    break;
                }
                continue;
            };
            for (at, letter) in cluster.char_indices() {
                let found = spec.short.find(letter).filter(|_| letter != ':');
                let Some(found) = found else {
                    return Err(usage(sys, spec.code, &format!("invalid option -- '{letter}'")));
                };
                let after = spec.short.get(found + letter.len_utf8()..).unwrap_or("");
                if !after.starts_with(':') {
                    out.given.push((letter, None));
                    continue;
                }
                let rest = cluster.get(at + letter.len_utf8()..).unwrap_or("");
                let value = if !rest.is_empty() {
                    Some(Arc::from(rest))
                } else if after.starts_with("::") {
                    None
                } else {
                    match words.next() {
                        Some(value) => Some(value.clone()),
                        None => {
                            return Err(usage(
                                sys,
                                spec.code,
                                &format!("option requires an argument -- '{letter}'"),
                            ));
                        }
                    }
                };
                out.given.push((letter, value));
                break;
            }
        }
        Ok(out)
    }
    #[must_use]
    pub fn has(&self, letter: char) -> bool {
        self.given.iter().any(|g| g.0 == letter)
    }
    /// The last value of an option.
    #[must_use]
    pub fn value(&self, letter: char) -> Option<&str> {
        self.given.iter().rev().find(|g| g.0 == letter)?.1.as_deref()
    }
    /// Every value of an option, in order.
    #[must_use]
    pub fn values(&self, letter: char) -> Vec<Arc<str>> {
        self.given.iter().filter(|g| g.0 == letter).filter_map(|g| g.1.clone()).collect()
    }
    /// The last of these options that was given.
    #[must_use]
    pub fn last_of(&self, letters: &str) -> Option<char> {
        self.given.iter().rev().map(|g| g.0).find(|g| letters.contains(*g))
    }
}

/// `quote(1)` as coreutils show a file name in a message: in curly or plain quotes by locale; here C's.
#[must_use]
pub fn quoted(name: &str) -> String {
    format!("'{name}'")
}

#[must_use]
pub fn is_dir(sys: &mut Sys<'_>, path: &str) -> bool {
    sys.stat(path).is_ok_and(|s| s.kind == FileKind::Directory)
}

/// Whether a file name fits a shell pattern.
#[must_use]
pub fn fits(pattern: &str, text: &str) -> bool {
    use crate::shell::glob;
    glob::matches(&glob::marks(pattern), &text.chars().collect::<Vec<char>>())
}

/// `directory/name` without a doubled slash.
#[must_use]
pub fn join(directory: &str, name: &str) -> String {
    if directory.ends_with('/') { format!("{directory}{name}") } else { format!("{directory}/{name}") }
}

/// A path as one in `directory` names it.
#[must_use]
pub fn beside(directory: &str, path: &str) -> String {
    if path.starts_with('/') || directory == "." { path.into() } else { join(directory, path) }
}

/// The last part of a path as basename(1) gives it.
#[must_use]
pub fn base_of(path: &str) -> &str {
    let trimmed = path.trim_end_matches('/');
    if trimmed.is_empty() && path.starts_with('/') { "/" } else { trimmed.rsplit('/').next().unwrap_or("") }
}
