//! `kubectl set subject`: more subjects for a RoleBinding or ClusterRoleBinding.

use super::{Words, set_flags, update};
use crate::cli::{Command, Error, Flag, Invocation, Outcome};
use crate::kubectl::output::Output;
use crate::kubectl::{Failure, local};
use drydock_machinery::{Value, value};

pub const COMMAND: Command = Command {
    name: "subject",
    usage: "subject (-f FILENAME | TYPE NAME) [--user=username] [--group=groupname] [--serviceaccount=namespace:serviceaccountname] [--dry-run=server|client|none]",
    short: "Update the user, group, or service account in a role binding or cluster role binding",
    long: "Update the user, group, or service account in a role binding or cluster role binding.",
    examples: "# Update a cluster role binding for serviceaccount1\nkubectl set subject clusterrolebinding admin --serviceaccount=namespace:serviceaccount1",
    flags: set_flags!(crate::kubectl::common::SELECTOR, FLAGS),
    run,
    ..Command::BASE
};

const FLAGS: &[Flag] = &[
    Flag::array("user", '\0', "Usernames to bind to the role"),
    Flag::array("group", '\0', "Groups to bind to the role"),
    Flag::array("serviceaccount", '\0', "Service accounts to bind to the role"),
];

fn run(invocation: &mut Invocation<'_, '_>) -> Outcome {
    let output = Output::from_flags(invocation)?;
    let (users, groups) = (invocation.list("user"), invocation.list("group"));
    let accounts = invocation.list("serviceaccount");
    if invocation.bool("all") && !invocation.str("selector").is_empty() {
        return Err(Error::new("cannot set --all and --selector at the same time"));
    }
    if users.is_empty() && groups.is_empty() && accounts.is_empty() {
        return Err(Error::new("you must specify at least one value of user, group or serviceaccount"));
    }
    let mut subjects = Vec::new();
    let group = "rbac.authorization.k8s.io";
    subjects.extend(users.iter().map(|name| value!({"apiGroup": group, "kind": "User", "name": name})));
    subjects.extend(groups.iter().map(|name| value!({"apiGroup": group, "kind": "Group", "name": name})));
    for account in &accounts {
        match account.split(':').collect::<Vec<_>>().as_slice() {
            [namespace, name] if !namespace.is_empty() && !name.is_empty() => {
                subjects.push(value!({"kind": "ServiceAccount", "name": *name, "namespace": *namespace}));
            }
            _ => return Err(Error::new("serviceaccount must be <namespace>:<name>")),
        }
    }
    let resources = invocation.args.clone();
    let targets = local::targets(invocation, &resources)?;
    update(
        invocation,
        targets,
        output,
        "subjects updated",
        Words::Plain("failed to patch subjects to rolebinding: "),
        &mut |_, info| {
            if !["RoleBinding", "ClusterRoleBinding"].contains(&info.object["kind"].text()) {
                return Err(Failure::message(
                    "setting subjects is only supported for RoleBinding/ClusterRoleBinding",
                ));
            }
            let mut all: Vec<Value> = info.object["subjects"].items().to_vec();
            all.extend(subjects.iter().filter(|s| !info.object["subjects"].items().contains(s)).cloned());
            Ok(info.object.with("subjects", all))
        },
    )
}
