//! Names of images as the client reads them before it asks anybody. Follows
//! `distribution/reference`'s `ParseNormalizedNamed`, with its error texts.

/// A normalised name.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Reference {
    /// `docker.io`, `localhost:5000`.
    pub domain: String,
    /// `library/nginx`.
    pub path: String,
    /// Empty when none was given.
    pub tag: String,
    /// `sha256:…`, or empty.
    pub digest: String,
}

impl Reference {
    /// Reads what was typed.
    ///
    /// # Errors
    /// `invalid reference format` and its like.
    pub fn parse(text: &str) -> Result<Reference, String> {
        let bad = || Err("invalid reference format".to_string());
        if is_hex64(text) {
            return Err(format!(
                "invalid repository name ({text}), cannot specify 64-byte hexadecimal strings"
            ));
        }
        let (domain, rest) = split_domain(text);
        let name = rest.split([':', '@']).next().unwrap_or("");
        if name.chars().any(char::is_uppercase) {
            return Err(format!("invalid reference format: repository name ({name}) must be lowercase"));
        }
        let (rest, digest) = match rest.split_once('@') {
            Some((rest, digest)) => (rest, digest),
            None => (rest.as_str(), ""),
        };
        let (path, tag) = match rest.split_once(':') {
            Some((path, tag)) => (path, Some(tag)),
            None => (rest, None),
        };
        if !digest.is_empty() && !digest.strip_prefix("sha256:").is_some_and(is_hex64) {
            return bad();
        }
        if text.contains('@') && digest.is_empty() || text.is_empty() {
            return bad();
        }
        if !path.split('/').all(is_component) || tag.is_some_and(|t| !is_tag(t)) || !is_domain(&domain) {
            return bad();
        }
        Ok(Reference { domain, path: path.into(), tag: tag.unwrap_or("").into(), digest: digest.into() })
    }
    /// `docker.io/library/nginx`.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{}/{}", self.domain, self.path)
    }
    /// `nginx`, `learner/app`, `quay.io/x/y`.
    #[must_use]
    pub fn familiar(&self) -> String {
        if self.domain != "docker.io" {
            return self.name();
        }
        self.path.strip_prefix("library/").unwrap_or(&self.path).into()
    }
    /// The familiar name with its tag (`latest` by default) or digest.
    #[must_use]
    pub fn familiar_tagged(&self) -> String {
        format!("{}{}", self.familiar(), self.suffix())
    }
    /// The whole name with its tag (`latest` by default) or digest.
    #[must_use]
    pub fn full(&self) -> String {
        format!("{}{}", self.name(), self.suffix())
    }
    fn suffix(&self) -> String {
        match (self.tag.is_empty(), self.digest.is_empty()) {
            (true, true) => ":latest".into(),
            (false, true) => format!(":{}", self.tag),
            (true, false) => format!("@{}", self.digest),
            (false, false) => format!(":{}@{}", self.tag, self.digest),
        }
    }
    /// Only a name: no tag and no digest.
    #[must_use]
    pub fn is_name_only(&self) -> bool {
        self.tag.is_empty() && self.digest.is_empty()
    }
}

fn split_domain(text: &str) -> (String, String) {
    let (domain, rest) = match text.split_once('/') {
        Some((first, rest))
            if first.contains(['.', ':'])
                || first == "localhost"
                || first.chars().any(char::is_uppercase) =>
        {
            (first, rest.to_string())
        }
        _ => ("docker.io", text.to_string()),
    };
    let domain = if domain == "index.docker.io" { "docker.io" } else { domain };
    if domain == "docker.io" && !rest.contains('/') {
        return (domain.into(), format!("library/{rest}"));
    }
    (domain.into(), rest)
}

fn is_hex64(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

fn is_component(text: &str) -> bool {
    let inner = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let mut rest = text;
    if rest.is_empty() || !rest.starts_with(inner) || !rest.ends_with(inner) {
        return false;
    }
    while let Some(at) = rest.find(|c| !inner(c)) {
        let after = rest.get(at..).unwrap_or("");
        let run: String = after.chars().take_while(|c| !inner(*c)).collect();
        let fine = matches!(run.as_str(), "." | "_" | "__") || run.chars().all(|c| c == '-');
        if !fine {
            return false;
        }
        rest = after.get(run.len()..).unwrap_or("");
    }
    true
}

fn is_tag(text: &str) -> bool {
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    text.len() <= 128 && text.starts_with(word) && text.chars().all(|c| word(c) || c == '.' || c == '-')
}

fn is_domain(text: &str) -> bool {
    let (host, port) = text.split_once(':').map_or((text, None), |(h, p)| (h, Some(p)));
    let part = |p: &str| {
        !p.is_empty()
            && !p.starts_with('-')
            && !p.ends_with('-')
            && p.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
    };
    host.split('.').all(part) && port.is_none_or(|p| !p.is_empty() && p.bytes().all(|b| b.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_as_docker_reads_them() {
        let full = |t: &str| Reference::parse(t).map(|r| r.full());
        assert_eq!(full("nginx"), Ok("docker.io/library/nginx:latest".into()));
        assert_eq!(full("localhost:5000/a/b:1"), Ok("localhost:5000/a/b:1".into()));
        assert_eq!(full("learner/app"), Ok("docker.io/learner/app:latest".into()));
        assert_eq!(full("nginx:bad:tag"), Err("invalid reference format".into()));
        assert_eq!(
            full("Nginx"),
            Err("invalid reference format: repository name (library/Nginx) must be lowercase".into())
        );
        assert_eq!(full("a__b/c---d"), Ok("docker.io/a__b/c---d:latest".into()));
        assert!(full("a..b").is_err());
        assert!(full("").is_err());
    }
}
