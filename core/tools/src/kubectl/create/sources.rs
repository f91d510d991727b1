//! Where `create configmap` and `create secret` take their keys from: literals, files, directories and
//! env files.

use crate::cli::{Flag, Invocation};
use crate::kubectl::manifests;
use drydock_machinery::{Value, names, quote};

/// `--from-literal`, `--from-file`, `--from-env-file`, `--append-hash`.
pub const FLAGS: &[Flag] = &[
    Flag::slice(
        "from-file",
        '\0',
        "Key file can be specified using its file path, in which case file basename will be used as key, or optionally with a key and file path. Specifying a directory will iterate each named file in the directory whose basename is a valid key.",
    ),
    Flag::array("from-literal", '\0', "Specify a key and literal value to insert (i.e. mykey=somevalue)"),
    Flag::slice("from-env-file", '\0', "Specify the path to a file to read lines of key=val pairs."),
    Flag::bool("append-hash", '\0', false, "Append a hash of the content to its name."),
];

/// Adds a key with its bytes to the object under construction.
pub type Add = fn(&Value, &str, &[u8]) -> Result<Value, String>;

/// Adds everything the flags name, literals first.
///
/// # Errors
/// kubectl's texts for sources that cannot be read or keys that cannot be used.
pub fn gather(invocation: &mut Invocation<'_, '_>, object: Value, add: Add) -> Result<Value, String> {
    let (files, literals) = (invocation.list("from-file"), invocation.list("from-literal"));
    let env_files = invocation.list("from-env-file");
    let others = !files.is_empty() || !literals.is_empty();
    if others && !env_files.is_empty() {
        return Err("from-env-file cannot be combined with from-file or from-literal".into());
    }
    let mut object = object;
    for source in &literals {
        let (key, text) = literal(source)?;
        object = add(&object, &key, text.as_bytes())?;
    }
    for source in &files {
        object = gather_file(invocation, object, source, add)?;
    }
    for path in &env_files {
        if matches!(manifests::list(invocation.sys, path), Ok(Some(_))) {
            return Err(format!("env config file {path} cannot be a directory"));
        }
        let bytes = invocation.sys.read_file(path).map_err(|e| reading(path, e))?;
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let sys = &*invocation.sys;
        let pairs = env_file(&text, &mut |name| sys.env(name).map_or_else(String::new, |v| v.to_string()))?;
        for (key, text) in pairs {
            object = add(&object, &key, text.as_bytes())?;
        }
    }
    Ok(object)
}

fn reading(path: &str, errno: drydock_container::Errno) -> String {
    format!("error reading {path}: {}", errno.text().to_lowercase())
}

fn gather_file(
    invocation: &mut Invocation<'_, '_>,
    object: Value,
    source: &str,
    add: Add,
) -> Result<Value, String> {
    let (key, path, key_given) = file(source)?;
    let entries = manifests::list(invocation.sys, &path).map_err(|e| reading(&path, e))?;
    let Some(entries) = entries else {
        let bytes = invocation.sys.read_file(&path).map_err(|e| reading(&path, e))?;
        return add(&object, &key, &bytes);
    };
    if key_given {
        return Err("cannot give a key name for a directory path".into());
    }
    let mut object = object;
    for entry in entries {
        let inner = format!("{}/{entry}", path.trim_end_matches('/'));
        // Folders within are passed over.
        if let Ok(None) = manifests::list(invocation.sys, &inner) {
            let bytes = invocation.sys.read_file(&inner).map_err(|e| reading(&inner, e))?;
            object = add(&object, &entry, &bytes)?;
        }
    }
    Ok(object)
}

/// `key=value` of `--from-literal`.
///
/// # Errors
/// kubectl's text.
pub fn literal(source: &str) -> Result<(String, String), String> {
    match source.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.into(), value.into())),
        _ => Err(format!("invalid literal source {source}, expected key=value")),
    }
}

/// `[key=]path` of `--from-file`: the key, the path, and whether the key was given.
///
/// # Errors
/// kubectl's texts.
pub fn file(source: &str) -> Result<(String, String, bool), String> {
    match source.matches('=').count() {
        0 => {
            let trimmed = source.trim_end_matches('/');
            let key = trimmed.rsplit('/').next().unwrap_or(trimmed);
            Ok((key.into(), source.into(), false))
        }
        1 => match source.split_once('=') {
            Some(("", path)) => Err(format!("key name for file path {path} missing")),
            Some((key, "")) => Err(format!("file path for key name {key} missing")),
            Some((key, path)) => Ok((key.into(), path.into(), true)),
            None => Ok((source.into(), source.into(), false)),
        },
        _ => Err("key names or file paths cannot contain '='".into()),
    }
}

/// The variables of an env file. A name without `=` takes its value from the environment.
///
/// # Errors
/// kubectl's text for a name that is none.
pub fn env_file(text: &str, env: &mut dyn FnMut(&str) -> String) -> Result<Vec<(String, String)>, String> {
    let mut out = Vec::new();
    for line in text.trim_start_matches('\u{feff}').split('\n') {
        let line = line.strip_suffix('\r').unwrap_or(line).trim_start();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let (key, value) = match line.split_once('=') {
            Some((key, value)) => (key, Some(value)),
            None => (line, None),
        };
        let faults = names::is_env_var_name(key);
        if !faults.is_empty() {
            return Err(format!("{} is not a valid key name: {}", quote::go(key), faults.join(";")));
        }
        out.push((key.into(), value.map_or_else(|| env(key), Into::into)));
    }
    Ok(out)
}

/// The suffix `--append-hash` adds: ten characters of a SHA-256 in an alphabet without vowels and
/// look-alikes.
#[must_use]
pub fn hash_suffix(canonical_json: &str) -> String {
    drydock_machinery::hash::sha256_hex(canonical_json.as_bytes())
        .chars()
        .take(10)
        .map(|c| match c {
            '0' => 'g',
            '1' => 'h',
            '3' => 'k',
            'a' => 'm',
            'e' => 't',
            other => other,
        })
        .collect()
}
