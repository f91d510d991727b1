//! Paths of the API: `/api/v1/namespaces/NS/pods/NAME/log`, `/apis/apps/v1/deployments`.

/// What a path leads to.
#[derive(Debug, PartialEq)]
pub(super) enum Route<'a> {
    /// Health, version, OpenAPI, the index.
    Other,
    /// `/api`
    Core,
    /// `/apis`
    Groups,
    /// `/apis/apps`
    Group(&'a str),
    /// `/api/v1`, `/apis/apps/v1`
    Version(&'a str, &'a str),
    Resource(Resource<'a>),
}

#[derive(Debug, Default, PartialEq)]
pub(super) struct Resource<'a> {
    pub group: &'a str,
    pub version: &'a str,
    pub namespace: &'a str,
    pub plural: &'a str,
    pub name: &'a str,
    /// The first step below the object; what follows (proxy paths) is not looked at.
    pub subresource: &'a str,
}

pub(super) fn parse(path: &str) -> Route<'_> {
    let steps: Vec<&str> = path.split('/').filter(|step| !step.is_empty()).collect();
    let (group, version, rest) = match steps.as_slice() {
        ["api"] => return Route::Core,
        ["apis"] => return Route::Groups,
        ["apis", group] => return Route::Group(group),
        ["api", version] => return Route::Version("", version),
        ["apis", group, version] => return Route::Version(group, version),
        ["api", version, rest @ ..] => ("", *version, rest),
        ["apis", group, version, rest @ ..] => (*group, *version, rest),
        _ => return Route::Other,
    };
    let base = Resource { group, version, ..Resource::default() };
    Route::Resource(match rest {
        // `namespaces/NS/status` is a subresource of the namespace, not a kind within it.
        ["namespaces", name, sub @ ("status" | "finalize")] => {
            Resource { plural: "namespaces", name, subresource: sub, ..base }
        }
        ["namespaces", namespace, plural] => Resource { namespace, plural, ..base },
        ["namespaces", namespace, plural, name] => Resource { namespace, plural, name, ..base },
        ["namespaces", namespace, plural, name, subresource, ..] => {
            Resource { namespace, plural, name, subresource, ..base }
        }
        [plural] => Resource { plural, ..base },
        [plural, name] => Resource { plural, name, ..base },
        [plural, name, subresource, ..] => Resource { plural, name, subresource, ..base },
        [] => base,
    })
}

#[cfg(test)]
mod tests {
    use super::{Resource, Route, parse};

    #[test]
    fn paths_lead_where_the_real_server_leads_them() {
        let pod =
            Resource { version: "v1", namespace: "a", plural: "pods", name: "p", ..Resource::default() };
        assert_eq!(parse("/api/v1/namespaces/a/pods/p"), Route::Resource(pod));
        let status = Resource {
            version: "v1",
            plural: "namespaces",
            name: "a",
            subresource: "status",
            ..Resource::default()
        };
        assert_eq!(parse("/api/v1/namespaces/a/status"), Route::Resource(status));
        assert_eq!(parse("/apis/apps/v1"), Route::Version("apps", "v1"));
        assert_eq!(parse("/healthz"), Route::Other);
        assert_eq!(parse("/apis/"), Route::Groups);
    }
}
