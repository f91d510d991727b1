//! Checks several kinds share.

use crate::field::{Errors, Path};
use crate::metadata;
use drydock_machinery::{Value, names};

/// One of a closed set; absent is an error of its own.
pub(super) fn one_of(value: &Value, supported: &[&str], path: &Path<'_>, errors: &mut Errors) {
    match value.text() {
        "" => errors.required(path, ""),
        text if !supported.contains(&text) => errors.unsupported(path, text, supported),
        _ => {}
    }
}

/// A number within bounds, in the words of `IsInRange`.
pub(super) fn number_between(number: i64, low: i64, high: i64, path: &Path<'_>, errors: &mut Errors) {
    if !(low..=high).contains(&number) {
        errors.invalid(path, number, &format!("must be between {low} and {high}, inclusive"));
    }
}

/// A port number.
pub(super) fn port(number: i64, path: &Path<'_>, errors: &mut Errors) {
    number_between(number, 1, 65535, path, errors);
}

/// A port number or the name of one.
pub(super) fn port_or_name(value: &Value, path: &Path<'_>, errors: &mut Errors) {
    match value.as_str() {
        Some(name) => errors.each(path, name, names::is_port_name(name)),
        None => port(value.int(), path, errors),
    }
}

pub(super) const PROTOCOLS: &[&str] = &["SCTP", "TCP", "UDP"];

/// `ValidateNonnegativeField`.
pub(super) fn not_negative(value: &Value, path: &Path<'_>, errors: &mut Errors) {
    if value.int() < 0 {
        errors.invalid(path, value, "must be greater than or equal to 0");
    }
}

/// An address that pods and services may have (`ValidateNonSpecialIP`).
pub(super) fn plain_ip(text: &str, path: &Path<'_>, errors: &mut Errors) {
    let Some(ip) = drydock_network::address::Ip::parse(text) else {
        if !names::is_ip(text).is_empty() {
            errors.invalid(path, text, "must be a valid IP address");
        }
        return;
    };
    let [a, b, c, _] = ip.0.to_be_bytes();
    let why = match (a, b, c) {
        (0, 0, 0) if ip.0 == 0 => "may not be unspecified (0.0.0.0 or ::)",
        (127, ..) => "may not be in the loopback range (127.0.0.0/8, ::1/128)",
        (169, 254, _) => "may not be in the link-local range (169.254.0.0/16, fe80::/10)",
        (224, 0, 0) => "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)",
        _ => return,
    };
    errors.invalid(path, text, why);
}

/// What a bad address is told.
pub(super) const BAD_IP: &str = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)";

/// `metav1.LabelSelector` (`ValidateLabelSelector`); true if it is well-formed.
pub(super) fn label_selector(selector: &Value, path: &Path<'_>, errors: &mut Errors) -> bool {
    let before = errors.0.len();
    metadata::labels(&selector["matchLabels"], &path.child("matchLabels"), errors);
    let list = path.child("matchExpressions");
    for (at, requirement) in selector["matchExpressions"].items().iter().enumerate() {
        let path = list.index(at);
        let values = requirement["values"].items();
        match requirement["operator"].text() {
            "In" | "NotIn" => {
                if values.is_empty() {
                    errors.required(
                        &path.child("values"),
                        "must be specified when `operator` is 'In' or 'NotIn'",
                    );
                }
            }
            "Exists" | "DoesNotExist" => {
                if !values.is_empty() {
                    let detail = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'";
                    errors.forbidden(&path.child("values"), detail);
                }
            }
            other => errors.invalid(&path.child("operator"), other, "not a valid selector operator"),
        }
        let key = requirement["key"].text();
        errors.each(&path.child("key"), key, names::is_qualified_name(key));
        for (at, value) in values.iter().enumerate() {
            let list = path.child("values");
            errors.each(&list.index(at), value.text(), names::is_label_value(value.text()));
        }
    }
    errors.0.len() == before
}
