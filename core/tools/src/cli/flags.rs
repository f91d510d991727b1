//! Flags as records, and their parsing as `spf13/pflag` 1.0.6 does it, with its error texts.

use super::Command;
use super::values::{Flags, check};

/// What a flag takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Bool,
    Str,
    Int,
    Int32,
    Int64,
    Uint,
    Float,
    /// Go duration; seconds without a unit are refused as pflag refuses them.
    Duration,
    /// May repeat; each value is a comma-separated list.
    Slice,
    /// May repeat; values are taken whole.
    Array,
    /// `key=value`, comma-separated, may repeat.
    Pairs,
}

/// What a value must satisfy; the text of the error says what is wrong with it.
pub type Check = fn(&str) -> Result<(), String>;

/// One flag. Built by the functions below: `Flag::string("output", 'o', "", "…")`.
#[derive(Clone, Copy, Debug)]
pub struct Flag {
    pub name: &'static str,
    /// `'\0'` for none.
    pub short: char,
    pub kind: Kind,
    pub default: &'static str,
    /// The value of a flag that stands alone; empty when it must have one.
    pub alone: &'static str,
    pub about: &'static str,
    pub required: bool,
    pub hidden: bool,
    /// What help calls the value (`list`, `bytes`); empty to go by the kind.
    pub value: &'static str,
    /// What the value must satisfy beyond its kind; the text is what is wrong with it.
    pub check: Option<Check>,
}

impl Flag {
    #[must_use]
    pub const fn new(
        kind: Kind,
        name: &'static str,
        short: char,
        default: &'static str,
        about: &'static str,
    ) -> Flag {
        let alone = if matches!(kind, Kind::Bool) { "true" } else { "" };
        Flag {
            name,
            short,
            kind,
            default,
            alone,
            about,
            required: false,
            hidden: false,
            value: "",
            check: None,
        }
    }
    #[must_use]
    pub const fn string(name: &'static str, short: char, default: &'static str, about: &'static str) -> Flag {
        Flag::new(Kind::Str, name, short, default, about)
    }
    #[must_use]
    pub const fn bool(name: &'static str, short: char, default: bool, about: &'static str) -> Flag {
        Flag::new(Kind::Bool, name, short, if default { "true" } else { "false" }, about)
    }
    #[must_use]
    pub const fn int(name: &'static str, short: char, default: &'static str, about: &'static str) -> Flag {
        Flag::new(Kind::Int, name, short, default, about)
    }
    #[must_use]
    pub const fn duration(name: &'static str, default: &'static str, about: &'static str) -> Flag {
        Flag::new(Kind::Duration, name, '\0', default, about)
    }
    #[must_use]
    pub const fn slice(name: &'static str, short: char, about: &'static str) -> Flag {
        Flag::new(Kind::Slice, name, short, "[]", about)
    }
    #[must_use]
    pub const fn array(name: &'static str, short: char, about: &'static str) -> Flag {
        Flag::new(Kind::Array, name, short, "[]", about)
    }
    /// `name=value` pairs: pflag's StringToString.
    #[must_use]
    pub const fn pairs(name: &'static str, short: char, about: &'static str) -> Flag {
        Flag::new(Kind::Pairs, name, short, "[]", about)
    }
    /// The command fails without it.
    #[must_use]
    pub const fn required(mut self) -> Flag {
        self.required = true;
        self
    }
    /// Stands alone for this value (pflag's `NoOptDefVal`).
    #[must_use]
    pub const fn alone(mut self, value: &'static str) -> Flag {
        self.alone = value;
        self
    }
    /// Takes only values that this accepts; `value` names them in help.
    #[must_use]
    pub const fn checked(mut self, value: &'static str, check: Check) -> Flag {
        self.value = value;
        self.check = Some(check);
        self
    }
    /// What help calls the value.
    #[must_use]
    pub const fn called(mut self, value: &'static str) -> Flag {
        self.value = value;
        self
    }
    #[must_use]
    pub const fn hidden(mut self) -> Flag {
        self.hidden = true;
        self
    }
    /// `-o, --output` as error texts name it.
    fn title(&self) -> String {
        if self.short == '\0' {
            format!("--{}", self.name)
        } else {
            format!("-{}, --{}", self.short, self.name)
        }
    }
}

/// What parsing gave.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parsed {
    pub args: Vec<String>,
    pub dash: Option<usize>,
    pub flags: Flags,
    /// `-h` or `--help` was met; parsing stopped there.
    pub help: bool,
}

/// The flag of this name; `_` counts as `-`, as kubectl normalises it.
pub(super) fn find_long<'a>(known: &[&'a Flag], name: &str) -> Option<&'a Flag> {
    let name = name.replace('_', "-");
    known.iter().copied().find(|f| f.name == name)
}
pub(super) fn find_short<'a>(known: &[&'a Flag], short: char) -> Option<&'a Flag> {
    known.iter().copied().find(|f| f.short == short)
}

/// The flags a command takes: its own, then the global ones.
pub(super) fn known(command: &Command, global: &'static [Flag]) -> Vec<&'static Flag> {
    command.own_flags().chain(global.iter()).collect()
}

/// Parses `words` (without the command's own name).
pub(super) fn parse(command: &Command, global: &'static [Flag], words: &[String]) -> Result<Parsed, String> {
    let known = known(command, global);
    let mut parsed = Parsed { flags: Flags::defaults(&known), ..Parsed::default() };
    if command.raw {
        parsed.args = words.to_vec();
        return Ok(parsed);
    }
    let mut rest = words.iter();
    while let Some(word) = rest.next() {
        if let Some(long) = word.strip_prefix("--") {
            if long.is_empty() {
                parsed.dash = Some(parsed.args.len());
                parsed.args.extend(rest.cloned());
                break;
            }
            take_long(&known, word, long, &mut rest, &mut parsed)?;
        } else if word.len() > 1 && word.starts_with('-') {
            take_short(&known, word, &mut rest, &mut parsed)?;
        } else if command.interspersed {
            parsed.args.push(word.clone());
        } else {
            parsed.args.push(word.clone());
            parsed.args.extend(rest.cloned());
            break;
        }
        if parsed.help {
            break;
        }
    }
    Ok(parsed)
}

fn take_long<'w>(
    known: &[&'static Flag],
    word: &str,
    long: &str,
    rest: &mut impl Iterator<Item = &'w String>,
    parsed: &mut Parsed,
) -> Result<(), String> {
    if long.starts_with('-') || long.starts_with('=') {
        return Err(format!("bad flag syntax: {word}"));
    }
    let (name, value) = match long.split_once('=') {
        Some((name, value)) => (name, Some(value.to_string())),
        None => (long, None),
    };
    let Some(flag) = find_long(known, name) else {
        if name == "help" {
            parsed.help = true;
            return Ok(());
        }
        return Err(format!("unknown flag: --{name}"));
    };
    let value = match value {
        Some(value) => value,
        None if !flag.alone.is_empty() => flag.alone.into(),
        None => rest.next().cloned().ok_or_else(|| format!("flag needs an argument: {word}"))?,
    };
    set(flag, value, parsed)
}

fn take_short<'w>(
    known: &[&'static Flag],
    word: &str,
    rest: &mut impl Iterator<Item = &'w String>,
    parsed: &mut Parsed,
) -> Result<(), String> {
    let mut letters = word.strip_prefix('-').unwrap_or(word);
    while let Some(letter) = letters.chars().next() {
        let after = letters.get(letter.len_utf8()..).unwrap_or("");
        let Some(flag) = find_short(known, letter) else {
            if letter == 'h' {
                parsed.help = true;
                return Ok(());
            }
            return Err(format!("unknown shorthand flag: '{letter}' in -{letters}"));
        };
        if let Some(value) = after.strip_prefix('=')
            && !value.is_empty()
        {
            return set(flag, value.into(), parsed);
        }
        if !flag.alone.is_empty() {
            set(flag, flag.alone.into(), parsed)?;
            letters = after;
        } else if !after.is_empty() {
            return set(flag, after.into(), parsed);
        } else {
            let missing = || format!("flag needs an argument: '{letter}' in -{letters}");
            return set(flag, rest.next().cloned().ok_or_else(missing)?, parsed);
        }
    }
    Ok(())
}

fn set(flag: &'static Flag, value: String, parsed: &mut Parsed) -> Result<(), String> {
    check(flag.kind, &value)
        .and_then(|()| flag.check.map_or(Ok(()), |check| check(&value)))
        .map_err(|why| format!("invalid argument {} for {} flag: {why}", go(&value), go(&flag.title())))?;
    parsed.flags.set(flag, value);
    Ok(())
}

fn go(text: &str) -> String {
    drydock_machinery::quote::go(text)
}
