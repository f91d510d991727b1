//! Image references as Docker normalises them: `nginx` is `docker.io/library/nginx:latest`. Follows
//! `distribution/reference`.

use std::sync::Arc;

/// A normalised reference.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Reference {
    /// `docker.io`, `registry.k8s.io`, `localhost:5000`.
    pub domain: Arc<str>,
    /// `library/nginx`.
    pub path: Arc<str>,
    pub tag: Option<Arc<str>>,
    /// `sha256:…`.
    pub digest: Option<Arc<str>>,
}

impl Reference {
    /// Parses what a user types; the tag defaults to `latest` unless there is a digest.
    ///
    /// # Errors
    /// The text of `reference.ErrReferenceInvalidFormat` and its like, without prefix.
    pub fn parse(text: &str) -> Result<Reference, &'static str> {
        if text.is_empty() {
            return Err("invalid reference format");
        }
        let is_hex =
            |t: &str| t.len() == 64 && t.bytes().all(|b| b.is_ascii_hexdigit() && !b.is_ascii_uppercase());
        if is_hex(text) {
            return Err("invalid reference format: cannot specify 64-byte hexadecimal strings");
        }
        let (name, digest) = match text.split_once('@') {
            Some((name, digest)) => {
                let valid = digest.strip_prefix("sha256:").is_some_and(is_hex);
                if !valid {
                    return Err("invalid reference format");
                }
                (name, Some(digest))
            }
            None => (text, None),
        };
        let (domain, rest) = match name.split_once('/') {
            Some((first, rest)) if first.contains(['.', ':']) || first == "localhost" || has_upper(first) => {
                (first, rest)
            }
            _ => ("docker.io", name),
        };
        let (path, tag) = match rest.rsplit_once(':') {
            Some((path, tag)) if !tag.contains('/') => (path, Some(tag)),
            _ => (rest, None),
        };
        let domain = if domain == "index.docker.io" { "docker.io" } else { domain };
        if has_upper(path) {
            return Err("invalid reference format: repository name must be lowercase");
        }
        if !path.split('/').all(is_component) || !tag.is_none_or(is_tag) || !is_domain(domain) {
            return Err("invalid reference format");
        }
        let path = if domain == "docker.io" && !path.contains('/') {
            format!("library/{path}")
        } else {
            path.to_string()
        };
        let tag = tag.or(if digest.is_none() { Some("latest") } else { None });
        Ok(Reference {
            domain: domain.into(),
            path: path.into(),
            tag: tag.map(Arc::from),
            digest: digest.map(Arc::from),
        })
    }
    /// `docker.io/library/nginx`.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{}/{}", self.domain, self.path)
    }
    /// As people write it: `nginx`, `user/app`, `quay.io/a/b`.
    #[must_use]
    pub fn familiar_name(&self) -> String {
        match &*self.domain {
            "docker.io" => self.path.strip_prefix("library/").unwrap_or(&self.path).to_string(),
            domain => format!("{domain}/{}", self.path),
        }
    }
    /// The familiar name with its tag or digest.
    #[must_use]
    pub fn familiar(&self) -> String {
        self.familiar_name() + &self.suffix()
    }
    fn suffix(&self) -> String {
        let tag = self.tag.as_ref().map_or(String::new(), |t| format!(":{t}"));
        let digest = self.digest.as_ref().map_or(String::new(), |d| format!("@{d}"));
        tag + &digest
    }
}

impl std::fmt::Display for Reference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}{}", self.name(), self.suffix())
    }
}

fn has_upper(text: &str) -> bool {
    text.bytes().any(|b| b.is_ascii_uppercase())
}
/// Lower-case letters and digits, separated by `.`, `_`, `__` or dashes.
fn is_component(text: &str) -> bool {
    let word = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    let ends = text.bytes().next().is_some_and(word) && text.bytes().last().is_some_and(word);
    let plain = text.bytes().all(|b| word(b) || matches!(b, b'.' | b'_' | b'-'));
    ends && plain && !["..", "._", "_.", "___", "-.", ".-", "-_", "_-"].iter().any(|bad| text.contains(bad))
}
fn is_tag(text: &str) -> bool {
    let first = text.bytes().next().is_some_and(|b| b.is_ascii_alphanumeric() || b == b'_');
    first && text.len() <= 128 && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"_.-".contains(&b))
}
fn is_domain(text: &str) -> bool {
    let (host, port) = text.split_once(':').map_or((text, None), |(h, p)| (h, Some(p)));
    let label = |l: &str| {
        !l.is_empty()
            && !l.starts_with('-')
            && !l.ends_with('-')
            && l.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    host.split('.').all(label) && port.is_none_or(|p| !p.is_empty() && p.bytes().all(|b| b.is_ascii_digit()))
}
