//! `kubectl create rolebinding`.

use super::{Generator, Place, generator_flags, name_and_rest, rbac};
use crate::cli::{Command, Error, Flag, Invocation, Outcome};

pub const COMMAND: Command = Command {
    name: "rolebinding",
    usage: "rolebinding NAME --clusterrole=NAME|--role=NAME [--user=username] [--group=groupname] [--serviceaccount=namespace:serviceaccountname] [--dry-run=server|client|none]",
    short: "Create a role binding for a particular role or cluster role",
    long: "Create a role binding for a particular role or cluster role.",
    examples: "# Create a role binding for user1, user2, and group1 using the admin cluster role\nkubectl create rolebinding admin --clusterrole=admin --user=user1 --user=user2 --group=group1\n\n# Create a role binding for service account monitoring:sa-dev using the admin role\nkubectl create rolebinding admin-binding --role=admin --serviceaccount=monitoring:sa-dev",
    flags: generator_flags!(FLAGS, SUBJECTS),
    run,
    ..Command::BASE
};

const FLAGS: &[Flag] = &[
    Flag::string("clusterrole", '\0', "", "ClusterRole this RoleBinding should reference"),
    Flag::string("role", '\0', "", "Role this RoleBinding should reference"),
];
/// Shared with `create clusterrolebinding`.
pub const SUBJECTS: &[Flag] = &[
    Flag::array(
        "user",
        '\0',
        "Usernames to bind to the role. The flag can be repeated to add multiple users.",
    ),
    Flag::array(
        "group",
        '\0',
        "Groups to bind to the role. The flag can be repeated to add multiple groups.",
    ),
    Flag::array(
        "serviceaccount",
        '\0',
        "Service accounts to bind to the role, in the format <namespace>:<name>. The flag can be repeated to add multiple service accounts.",
    ),
];

fn run(invocation: &mut Invocation<'_, '_>) -> Outcome {
    let (name, _) = name_and_rest(invocation)?;
    let generator = Generator::new(invocation)?;
    let role = match (invocation.str("clusterrole"), invocation.str("role")) {
        (cluster_role, "") if !cluster_role.is_empty() => ("ClusterRole", cluster_role),
        ("", role) if !role.is_empty() => ("Role", role),
        _ => return Err(Error::new("exactly one of clusterrole or role must be specified")),
    };
    let object = rbac::binding("RoleBinding", &name, generator.namespace(), role, subjects(invocation)?);
    let place = Place {
        prefix: "/apis/rbac.authorization.k8s.io/v1",
        plural: "rolebindings",
        namespaced: true,
        failure: "failed to create rolebinding: ",
    };
    generator.finish(invocation, object, place)
}

/// The subjects of the flags.
///
/// # Errors
/// A service account that is not `namespace:name`.
pub fn subjects(invocation: &Invocation<'_, '_>) -> Result<Vec<drydock_machinery::Value>, Error> {
    let (users, groups) = (invocation.list("user"), invocation.list("group"));
    rbac::subjects(&users, &groups, &invocation.list("serviceaccount")).map_err(Error::new)
}
