//! The words of an `aws` command: names of service and operation, `--parameters` with their values.

use super::Stop;
use std::collections::BTreeMap;

/// Parameters without a value.
const SWITCHES: &[&str] = &["force", "no-cli-pager", "no-paginate", "debug", "no-verify-ssl"];
/// Parameters with any number of values.
const LISTS: &[&str] = &["repository-names"];

/// See the module's head.
#[derive(Debug, Default)]
pub struct Arguments {
    pub names: Vec<String>,
    values: BTreeMap<String, Vec<String>>,
}

impl Arguments {
    /// # Errors
    /// A parameter without its value.
    pub fn parse(words: &[String]) -> Result<Arguments, Stop> {
        let mut arguments = Arguments::default();
        let mut words = words.iter().peekable();
        while let Some(word) = words.next() {
            let Some(name) = word.strip_prefix("--") else {
                arguments.names.push(word.clone());
                continue;
            };
            let (name, given) = match name.split_once('=') {
                Some((name, value)) => (name, Some(value.to_string())),
                None => (name, None),
            };
            let mut values: Vec<String> = given.into_iter().collect();
            let most = match name {
                name if SWITCHES.contains(&name) => 0,
                name if LISTS.contains(&name) => usize::MAX,
                _ => 1,
            };
            while values.len() < most
                && let Some(value) = words.next_if(|w| !w.starts_with("--"))
            {
                values.push(value.clone());
            }
            if values.is_empty() && most > 0 {
                return Err(Stop::usage(&format!("argument --{name}: expected one argument")));
            }
            arguments.values.insert(name.to_string(), values);
        }
        Ok(arguments)
    }
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.list(name).first().map(String::as_str)
    }
    #[must_use]
    pub fn list(&self, name: &str) -> &[String] {
        self.values.get(name).map_or(&[], Vec::as_slice)
    }
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.values.contains_key(name)
    }
    /// Refuses parameters that are not among `known` and not global.
    ///
    /// # Errors
    /// `Unknown options`.
    pub fn only(&self, known: &[&str]) -> Result<(), Stop> {
        const GLOBAL: &[&str] = &[
            "profile",
            "region",
            "output",
            "query",
            "endpoint-url",
            "color",
            "no-cli-pager",
            "no-paginate",
            "debug",
            "no-verify-ssl",
        ];
        let unknown = |n: &&String| {
            let n = n.as_str();
            !known.contains(&n) && !GLOBAL.contains(&n)
        };
        let words: Vec<String> = self
            .values
            .iter()
            .filter(|(n, _)| unknown(n))
            .flat_map(|(n, v)| std::iter::once(format!("--{n}")).chain(v.iter().cloned()))
            .collect();
        match words.is_empty() {
            true => Ok(()),
            false => Err(Stop::new(252, format!("\nUnknown options: {}\n", words.join(", ")))),
        }
    }
    /// # Errors
    /// A parameter that must be there and is not.
    pub fn require(&self, name: &str) -> Result<&str, Stop> {
        let missing = || Stop::usage(&format!("the following arguments are required: --{name}"));
        self.get(name).ok_or_else(missing)
    }
}
