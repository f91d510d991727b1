//! What may stand in a compose file: names and types, checked as the Compose Specification's JSON schema
//! does, with the texts of compose-go's `schema.Validate`.

use drydock_machinery::Value;

/// A type of the schema.
pub enum Type {
    Text,
    Number,
    Bool,
    /// A string or a number.
    Scalar,
    /// A string, a number or a boolean.
    Loose,
    /// Anything.
    Any,
    List(&'static Type),
    /// A list of strings or a mapping of scalars.
    ListOrMap,
    /// A string or a list of strings.
    TextOrList,
    /// Fields; whether they may be null as a whole.
    Map(&'static [(&'static str, &'static Type)]),
    /// Any names, all of one type.
    Each(&'static Type),
    /// One of two.
    Either(&'static Type, &'static Type),
    Nullable(&'static Type),
}

use Type::{
    Any, Bool, Each, Either, List, ListOrMap, Loose, Map, Nullable, Number, Scalar, Text, TextOrList,
};

const TEXTS: Type = List(&Text);
const SCALARS: Type = List(&Scalar);
const HEALTHCHECK: Type = Map(&[
    ("disable", &Loose),
    ("interval", &Text),
    ("retries", &Scalar),
    ("start_interval", &Text),
    ("start_period", &Text),
    ("test", &TextOrList),
    ("timeout", &Text),
]);
const BUILD: Type = Either(
    &Text,
    &Map(&[
        ("additional_contexts", &ListOrMap),
        ("args", &ListOrMap),
        ("cache_from", &TEXTS),
        ("cache_to", &TEXTS),
        ("context", &Text),
        ("dockerfile", &Text),
        ("dockerfile_inline", &Text),
        ("entitlements", &TEXTS),
        ("extra_hosts", &ListOrMap),
        ("isolation", &Text),
        ("labels", &ListOrMap),
        ("network", &Text),
        ("no_cache", &Loose),
        ("platforms", &TEXTS),
        ("privileged", &Loose),
        ("pull", &Loose),
        ("secrets", &List(&Any)),
        ("shm_size", &Scalar),
        ("ssh", &ListOrMap),
        ("tags", &TEXTS),
        ("target", &Text),
        ("ulimits", &Each(&Any)),
    ]),
);
const DEPENDS_ON: Type =
    Either(&TEXTS, &Each(&Map(&[("condition", &Text), ("required", &Loose), ("restart", &Loose)])));
const PORTS: Type = List(&Either(
    &Scalar,
    &Map(&[
        ("app_protocol", &Text),
        ("host_ip", &Text),
        ("mode", &Text),
        ("name", &Text),
        ("protocol", &Text),
        ("published", &Scalar),
        ("target", &Scalar),
    ]),
));
const VOLUMES: Type = List(&Either(
    &Text,
    &Map(&[
        ("bind", &Map(&[("create_host_path", &Loose), ("propagation", &Text), ("selinux", &Text)])),
        ("consistency", &Text),
        ("read_only", &Loose),
        ("source", &Text),
        ("target", &Text),
        ("tmpfs", &Map(&[("mode", &Scalar), ("size", &Scalar)])),
        ("type", &Text),
        ("volume", &Map(&[("nocopy", &Loose), ("subpath", &Text)])),
    ]),
));
const FILES: Type = List(&Either(
    &Text,
    &Map(&[("gid", &Text), ("mode", &Scalar), ("source", &Text), ("target", &Text), ("uid", &Text)]),
));
const NETWORKS: Type = Either(
    &TEXTS,
    &Each(&Nullable(&Map(&[
        ("aliases", &TEXTS),
        ("driver_opts", &Each(&Scalar)),
        ("ipv4_address", &Text),
        ("ipv6_address", &Text),
        ("link_local_ips", &TEXTS),
        ("mac_address", &Text),
        ("priority", &Scalar),
    ]))),
);
const RESOURCES: Type = Map(&[
    ("limits", &Map(&[("cpus", &Scalar), ("memory", &Text), ("pids", &Scalar)])),
    (
        "reservations",
        &Map(&[("cpus", &Scalar), ("devices", &Any), ("generic_resources", &Any), ("memory", &Text)]),
    ),
]);
const DEPLOY: Type = Nullable(&Map(&[
    ("endpoint_mode", &Text),
    ("labels", &ListOrMap),
    ("mode", &Text),
    ("placement", &Any),
    ("replicas", &Scalar),
    ("resources", &RESOURCES),
    ("restart_policy", &Any),
    ("rollback_config", &Any),
    ("update_config", &Any),
]));
const ENV_FILE: Type = Either(&Text, &List(&Either(&Text, &Map(&[("path", &Text), ("required", &Loose)]))));

/// A service.
#[rustfmt::skip]
pub const SERVICE: Type = Map(&[
    ("annotations", &ListOrMap), ("attach", &Loose), ("blkio_config", &Any), ("build", &BUILD),
    ("cap_add", &TEXTS), ("cap_drop", &TEXTS), ("cgroup", &Text), ("cgroup_parent", &Text),
    ("command", &Nullable(&TextOrList)), ("configs", &FILES), ("container_name", &Text), ("cpu_count", &Scalar),
    ("cpu_percent", &Number), ("cpu_period", &Scalar), ("cpu_quota", &Scalar), ("cpu_rt_period", &Scalar),
    ("cpu_rt_runtime", &Scalar), ("cpu_shares", &Scalar), ("cpus", &Scalar), ("cpuset", &Text),
    ("credential_spec", &Any), ("depends_on", &DEPENDS_ON), ("deploy", &DEPLOY), ("develop", &Any),
    ("device_cgroup_rules", &TEXTS), ("devices", &List(&Any)), ("dns", &TextOrList), ("dns_opt", &TEXTS),
    ("dns_search", &TextOrList), ("domainname", &Text), ("entrypoint", &Nullable(&TextOrList)),
    ("env_file", &ENV_FILE), ("environment", &ListOrMap), ("expose", &SCALARS),
    ("extends", &Either(&Text, &Map(&[("file", &Text), ("service", &Text)]))), ("external_links", &TEXTS),
    ("extra_hosts", &ListOrMap), ("group_add", &SCALARS), ("healthcheck", &HEALTHCHECK), ("hostname", &Text),
    ("image", &Text), ("init", &Loose), ("ipc", &Text), ("isolation", &Text), ("labels", &ListOrMap),
    ("links", &TEXTS), ("logging", &Map(&[("driver", &Text), ("options", &Each(&Any))])), ("mac_address", &Text),
    ("mem_limit", &Scalar), ("mem_reservation", &Scalar), ("mem_swappiness", &Scalar), ("memswap_limit", &Scalar),
    ("network_mode", &Text), ("networks", &Nullable(&NETWORKS)), ("oom_kill_disable", &Loose), ("oom_score_adj", &Scalar),
    ("pid", &Nullable(&Text)), ("pids_limit", &Scalar), ("platform", &Text), ("ports", &PORTS), ("privileged", &Loose),
    ("profiles", &TEXTS), ("pull_policy", &Text), ("read_only", &Loose), ("restart", &Text), ("runtime", &Text),
    ("scale", &Scalar), ("secrets", &FILES), ("security_opt", &TEXTS), ("shm_size", &Scalar), ("stdin_open", &Loose),
    ("stop_grace_period", &Text), ("stop_signal", &Text), ("storage_opt", &Any), ("sysctls", &ListOrMap),
    ("tmpfs", &TextOrList), ("tty", &Loose), ("ulimits", &Each(&Any)), ("user", &Text), ("userns_mode", &Text),
    ("uts", &Text), ("volumes", &VOLUMES), ("volumes_from", &TEXTS), ("working_dir", &Text),
]);
const EXTERNAL: Type = Either(&Loose, &Map(&[("name", &Text)]));
const NETWORK: Type = Nullable(&Map(&[
    ("attachable", &Loose),
    ("driver", &Text),
    ("driver_opts", &Each(&Scalar)),
    ("enable_ipv6", &Loose),
    ("external", &EXTERNAL),
    ("internal", &Loose),
    (
        "ipam",
        &Map(&[
            (
                "config",
                &List(&Map(&[
                    ("aux_addresses", &Each(&Text)),
                    ("gateway", &Text),
                    ("ip_range", &Text),
                    ("subnet", &Text),
                ])),
            ),
            ("driver", &Text),
            ("options", &Each(&Text)),
        ]),
    ),
    ("labels", &ListOrMap),
    ("name", &Text),
]));
const VOLUME: Type = Nullable(&Map(&[
    ("driver", &Text),
    ("driver_opts", &Each(&Scalar)),
    ("external", &EXTERNAL),
    ("labels", &ListOrMap),
    ("name", &Text),
]));
const FILE: Type = Map(&[
    ("content", &Text),
    ("driver", &Text),
    ("driver_opts", &Each(&Scalar)),
    ("environment", &Text),
    ("external", &EXTERNAL),
    ("file", &Text),
    ("labels", &ListOrMap),
    ("name", &Text),
    ("template_driver", &Text),
]);
/// A whole file.
pub const ROOT: Type = Map(&[
    ("configs", &Each(&FILE)),
    ("include", &Any),
    ("name", &Text),
    ("networks", &Each(&NETWORK)),
    ("secrets", &Each(&FILE)),
    ("services", &Each(&SERVICE)),
    ("version", &Text),
    ("volumes", &Each(&VOLUME)),
]);

fn expected(kind: &Type) -> &'static str {
    match kind {
        Text => "string",
        Number => "number",
        Bool => "boolean",
        Scalar => "string or number",
        Loose => "boolean or string",
        List(_) => "list",
        Map(_) | Each(_) => "mapping",
        TextOrList => "string or list",
        ListOrMap => "mapping or list",
        Either(_, second) => expected(second),
        Nullable(inner) => expected(inner),
        Any => "value",
    }
}

fn is_scalar(value: &Value) -> bool {
    value.as_str().is_some() || matches!(value, Value::Int(_) | Value::Float(_))
}

/// Checks a value.
///
/// # Errors
/// `services.web Additional property imagee is not allowed`, `services.web.ports must be a list`.
pub fn check(value: &Value, kind: &Type, path: &str) -> Result<(), String> {
    let shown = if path.is_empty() { "(root)" } else { path };
    let wrong = || Err(format!("{shown} must be a {}", expected(kind)));
    match kind {
        Any => Ok(()),
        Nullable(inner) => {
            if value.is_null() {
                Ok(())
            } else {
                check(value, inner, path)
            }
        }
        Text => {
            if value.as_str().is_some() {
                Ok(())
            } else {
                wrong()
            }
        }
        Number => {
            if matches!(value, Value::Int(_) | Value::Float(_)) {
                Ok(())
            } else {
                wrong()
            }
        }
        Bool => {
            if value.as_bool().is_some() {
                Ok(())
            } else {
                wrong()
            }
        }
        Scalar => {
            if is_scalar(value) {
                Ok(())
            } else {
                wrong()
            }
        }
        Loose => {
            if is_scalar(value) || value.as_bool().is_some() {
                Ok(())
            } else {
                wrong()
            }
        }
        List(inner) => {
            if !value.is_list() {
                return wrong();
            }
            value
                .items()
                .iter()
                .enumerate()
                .try_for_each(|(at, item)| check(item, inner, &format!("{path}.{at}")))
        }
        TextOrList => match value {
            Value::List(items) => {
                items.iter().enumerate().try_for_each(|(at, i)| check(i, &Scalar, &format!("{path}.{at}")))
            }
            other if other.as_str().is_some() => Ok(()),
            _ => wrong(),
        },
        ListOrMap => match value {
            Value::List(items) => {
                items.iter().enumerate().try_for_each(|(at, i)| check(i, &Text, &format!("{path}.{at}")))
            }
            Value::Map(entries) => entries.iter().try_for_each(|(key, inner)| {
                let fits = is_scalar(inner) || inner.is_null() || inner.as_bool().is_some();
                if fits {
                    Ok(())
                } else {
                    Err(format!("{path}.{} must be a string, number, boolean or null", key.text()))
                }
            }),
            _ => wrong(),
        },
        Either(first, second) => {
            // A mapping or a list is judged by the branch that is one.
            let complex = |k: &Type| matches!(k, Map(_) | Each(_) | List(_));
            let is_complex = value.is_map() || value.is_list();
            match (check(value, first, path), check(value, second, path)) {
                (Ok(()), _) | (_, Ok(())) => Ok(()),
                (Err(one), Err(two)) => {
                    let second_fits = match second {
                        List(_) => value.is_list(),
                        _ => value.is_map(),
                    };
                    if is_complex && complex(second) && second_fits { Err(two) } else { Err(one) }
                }
            }
        }
        Each(inner) => {
            if !value.is_map() {
                return wrong();
            }
            value.entries().iter().try_for_each(|(key, item)| {
                let path =
                    if path.is_empty() { key.text().to_string() } else { format!("{path}.{}", key.text()) };
                check(item, inner, &path)
            })
        }
        Map(fields) => {
            if !value.is_map() {
                return wrong();
            }
            for (key, item) in value.entries() {
                let name = key.text();
                match fields.iter().find(|f| f.0 == name) {
                    Some((_, inner)) => {
                        let path = if path.is_empty() { name.to_string() } else { format!("{path}.{name}") };
                        check(item, inner, &path)?;
                    }
                    None if name.starts_with("x-") => {}
                    None => return Err(format!("{shown} Additional property {name} is not allowed")),
                }
            }
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use drydock_machinery::value;

    #[test]
    fn what_does_not_fit_is_named() {
        let of = |service: Value| check(&value!({ "services": { "web": service } }), &ROOT, "").unwrap_err();
        assert_eq!(of(value!({ "imagee": "x" })), "services.web Additional property imagee is not allowed");
        assert_eq!(of(value!({ "ports": "80" })), "services.web.ports must be a list");
        assert_eq!(of(value!({ "image": 5 })), "services.web.image must be a string");
        assert_eq!(
            of(value!({ "build": { "x": 1 } })),
            "services.web.build Additional property x is not allowed"
        );
        assert_eq!(of(value!("x")), "services.web must be a mapping");
        assert_eq!(
            check(&value!({ "servces": {} }), &ROOT, "").unwrap_err(),
            "(root) Additional property servces is not allowed"
        );
        assert!(
            check(
                &value!({ "services": { "web": { "image": "x", "x-a": 1, "networks": { "a": null } } } }),
                &ROOT,
                ""
            )
            .is_ok()
        );
    }
}
