//! Rules for names, label keys and values, ports and addresses, with the messages of
//! `k8s.io/apimachinery/pkg/util/validation` (v1.33). An empty list means valid.

/// A check of one text: the messages for what is wrong with it.
pub type Check = fn(&str) -> Vec<String>;

const LABEL: &str = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
const SUBDOMAIN: &str = "[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*";
const QUALIFIED: &str = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]";

/// `RegexError`: the message with examples and the expression.
fn shape_error(message: &str, examples: &[&str], regex: &str) -> String {
    let quoted: Vec<String> = examples.iter().map(|e| format!("'{e}', ")).collect();
    format!("{message} (e.g. {}regex used for validation is '{regex}')", quoted.join(" or "))
}

/// "must be no more than N characters".
#[must_use]
pub fn too_long(max: usize) -> String {
    format!("must be no more than {max} characters")
}

fn all(text: &str, ok: impl Fn(u8) -> bool) -> bool {
    text.bytes().all(ok)
}
fn ends(text: &str, ok: impl Fn(u8) -> bool) -> bool {
    text.bytes().next().is_some_and(&ok) && text.bytes().next_back().is_some_and(&ok)
}
fn lower(b: u8) -> bool {
    b.is_ascii_lowercase() || b.is_ascii_digit()
}
fn label_shape(text: &str) -> bool {
    ends(text, lower) && all(text, |b| lower(b) || b == b'-')
}
fn subdomain_shape(text: &str) -> bool {
    text.split('.').all(label_shape)
}
fn qualified_shape(text: &str) -> bool {
    ends(text, |b| b.is_ascii_alphanumeric())
        && all(text, |b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
}

/// Names of namespaces, containers, ports of services.
#[must_use]
pub fn is_dns1123_label(text: &str) -> Vec<String> {
    let mut errors = Vec::new();
    if text.len() > 63 {
        errors.push(too_long(63));
    }
    if !label_shape(text) {
        errors.push(match subdomain_shape(text) {
            true => "must not contain dots".into(),
            false => shape_error(
                "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', \
                 and must start and end with an alphanumeric character",
                &["my-name", "123-abc"],
                LABEL,
            ),
        });
    }
    errors
}

/// Names of most objects.
#[must_use]
pub fn is_dns1123_subdomain(text: &str) -> Vec<String> {
    let mut errors = Vec::new();
    if text.len() > 253 {
        errors.push(too_long(253));
    }
    if !subdomain_shape(text) {
        errors.push(shape_error(
            "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', \
             and must start and end with an alphanumeric character",
            &["example.com"],
            SUBDOMAIN,
        ));
    }
    errors
}

/// Names of services.
#[must_use]
pub fn is_dns1035_label(text: &str) -> Vec<String> {
    let mut errors = Vec::new();
    if text.len() > 63 {
        errors.push(too_long(63));
    }
    if !(label_shape(text) && text.bytes().next().is_some_and(|b| b.is_ascii_lowercase())) {
        errors.push(shape_error(
            "a DNS-1035 label must consist of lower case alphanumeric characters or '-', \
             start with an alphabetic character, and end with an alphanumeric character",
            &["my-name", "abc-123"],
            "[a-z]([-a-z0-9]*[a-z0-9])?",
        ));
    }
    errors
}

/// Hosts of ingresses that begin with `*.`.
#[must_use]
pub fn is_wildcard_dns1123_subdomain(text: &str) -> Vec<String> {
    let mut errors = Vec::new();
    if text.len() > 253 {
        errors.push(too_long(253));
    }
    if !text.strip_prefix("*.").is_some_and(subdomain_shape) {
        errors.push(shape_error(
            "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must \
             consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character",
            &["*.example.com"],
            &format!("\\*\\.{SUBDOMAIN}"),
        ));
    }
    errors
}

/// Keys of labels, annotations, taints: `[prefix/]name`.
#[must_use]
pub fn is_qualified_name(text: &str) -> Vec<String> {
    const MESSAGE: &str = "must consist of alphanumeric characters, '-', '_' or '.', \
                           and must start and end with an alphanumeric character";
    const EXAMPLES: &[&str] = &["MyName", "my.name", "123-abc"];
    let mut errors = Vec::new();
    let parts: Vec<&str> = text.split('/').collect();
    let name = match parts.as_slice() {
        [name] => name,
        [prefix, name] => {
            if prefix.is_empty() {
                errors.push("prefix part must be non-empty".into());
            } else {
                errors.extend(is_dns1123_subdomain(prefix).iter().map(|e| format!("prefix part {e}")));
            }
            name
        }
        _ => {
            let shape = shape_error(MESSAGE, EXAMPLES, QUALIFIED);
            return vec![format!(
                "a qualified name {shape} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"
            )];
        }
    };
    if name.is_empty() {
        errors.push("name part must be non-empty".into());
    } else if name.len() > 63 {
        errors.push(format!("name part {}", too_long(63)));
    }
    if !qualified_shape(name) {
        errors.push(format!("name part {}", shape_error(MESSAGE, EXAMPLES, QUALIFIED)));
    }
    errors
}

/// Values of labels.
#[must_use]
pub fn is_label_value(text: &str) -> Vec<String> {
    let mut errors = Vec::new();
    if text.len() > 63 {
        errors.push(too_long(63));
    }
    if !text.is_empty() && !qualified_shape(text) {
        errors.push(shape_error(
            "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', \
             and must start and end with an alphanumeric character",
            &["MyValue", "my_value", "12345"],
            &format!("({QUALIFIED})?"),
        ));
    }
    errors
}

/// Keys of ConfigMaps and Secrets.
#[must_use]
pub fn is_config_map_key(text: &str) -> Vec<String> {
    let mut errors = Vec::new();
    if text.len() > 253 {
        errors.push(too_long(253));
    }
    if text.is_empty() || !all(text, |b| b.is_ascii_alphanumeric() || b"-._".contains(&b)) {
        errors.push(shape_error(
            "a valid config key must consist of alphanumeric characters, '-', '_' or '.'",
            &["key.name", "KEY_NAME", "key-name"],
            "[-._a-zA-Z0-9]+",
        ));
    }
    match text {
        "." => errors.push("must not be '.'".into()),
        ".." => errors.push("must not be '..'".into()),
        _ if text.starts_with("..") => errors.push("must not start with '..'".into()),
        _ => {}
    }
    errors
}

/// Names of environment variables, the strict rule (`kubectl set env`, `envFrom`).
#[must_use]
pub fn is_env_var_name(text: &str) -> Vec<String> {
    let ok = |b: u8| b.is_ascii_alphanumeric() || b"-._".contains(&b);
    let mut errors = Vec::new();
    if text.is_empty() || !all(text, ok) || text.starts_with(|c: char| c.is_ascii_digit()) {
        errors.push(shape_error(
            "a valid environment variable name must consist of alphabetic characters, digits, '_', '-', or '.', \
             and must not start with a digit",
            &["my.env-name", "MY_ENV.NAME", "MyEnvName1"],
            "[-._a-zA-Z][-._a-zA-Z0-9]*",
        ));
    }
    match text {
        "." => errors.push("must not be '.'".into()),
        ".." => errors.push("must not be '..'".into()),
        _ if text.starts_with("..") => errors.push("must not start with '..'".into()),
        _ => {}
    }
    errors
}

/// Names of environment variables in a container, the relaxed rule on by default since 1.32.
#[must_use]
pub fn is_relaxed_env_var_name(text: &str) -> Vec<String> {
    if text.is_empty() {
        return vec!["environment variable name must be non-empty".into()];
    }
    match all(text, |b| (b' '..=b'~').contains(&b) && b != b'=') {
        true => Vec::new(),
        false => vec![
            "a valid environment variable name must consist only of printable ASCII characters other than '='"
                .into(),
        ],
    }
}

/// Names of container ports.
#[must_use]
pub fn is_port_name(text: &str) -> Vec<String> {
    let mut errors = Vec::new();
    if text.len() > 15 {
        errors.push(too_long(15));
    }
    if text.is_empty() || !all(text, |b| lower(b) || b == b'-') {
        errors.push("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)".into());
    }
    if !text.bytes().any(|b| b.is_ascii_lowercase()) {
        errors.push("must contain at least one letter (a-z)".into());
    }
    if text.contains("--") {
        errors.push("must not contain consecutive hyphens".into());
    }
    if text.starts_with('-') || text.ends_with('-') {
        errors.push("must not begin or end with a hyphen".into());
    }
    errors
}

/// Port numbers.
#[must_use]
pub fn is_port_number(port: i64) -> Vec<String> {
    match port {
        1..=65535 => Vec::new(),
        _ => vec!["must be between 1 and 65535, inclusive".into()],
    }
}

/// IPv4 and IPv6 addresses.
#[must_use]
pub fn is_ip(text: &str) -> Vec<String> {
    match text.parse::<std::net::IpAddr>() {
        Ok(_) => Vec::new(),
        Err(_) => vec!["must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)".into()],
    }
}

/// Address ranges.
#[must_use]
pub fn is_cidr(text: &str) -> Vec<String> {
    let valid = text.split_once('/').is_some_and(|(ip, bits)| {
        let max = match ip.parse::<std::net::IpAddr>() {
            Ok(ip) if ip.is_ipv4() => 32,
            Ok(_) => 128,
            Err(_) => return false,
        };
        !bits.is_empty() && all(bits, |b| b.is_ascii_digit()) && bits.parse::<u32>().is_ok_and(|n| n <= max)
    });
    match valid {
        true => Vec::new(),
        false => vec!["must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)".into()],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_the_real_ones() {
        assert_eq!(
            is_dns1123_label("Web"),
            [
                "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start \
              and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is \
              '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
            ]
        );
        assert_eq!(is_dns1123_label("a.b"), ["must not contain dots"]);
        assert_eq!(is_dns1123_label(&"a".repeat(64)), ["must be no more than 63 characters"]);
        assert_eq!(
            is_qualified_name("b c"),
            [
                "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an \
              alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is \
              '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"
            ]
        );
        assert_eq!(is_qualified_name("/x"), ["prefix part must be non-empty"]);
        assert!(is_qualified_name("app.kubernetes.io/name").is_empty());
        assert!(is_dns1035_label("1a").len() == 1 && is_dns1035_label("a1").is_empty());
        assert!(is_label_value("").is_empty() && is_label_value("-").len() == 1);
        assert!(is_port_name("http-alt").is_empty());
        assert_eq!(is_port_name("80"), ["must contain at least one letter (a-z)"]);
        assert!(is_cidr("10.0.0.0/8").is_empty() && !is_cidr("10.0.0.0/33").is_empty());
    }
}
