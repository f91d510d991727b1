//! `kubectl create clusterrolebinding`.

use super::{Generator, Place, generator_flags, name_and_rest, rbac, rolebinding};
use crate::cli::{Command, Flag, Invocation, Outcome};

pub const COMMAND: Command = Command {
    name: "clusterrolebinding",
    usage: "clusterrolebinding NAME --clusterrole=NAME [--user=username] [--group=groupname] [--serviceaccount=namespace:serviceaccountname] [--dry-run=server|client|none]",
    short: "Create a cluster role binding for a particular cluster role",
    long: "Create a cluster role binding for a particular cluster role.",
    examples: "# Create a cluster role binding for user1, user2, and group1 using the cluster-admin cluster role\nkubectl create clusterrolebinding cluster-admin --clusterrole=cluster-admin --user=user1 --user=user2 --group=group1",
    flags: generator_flags!(FLAGS, rolebinding::SUBJECTS),
    run,
    ..Command::BASE
};

const FLAGS: &[Flag] =
    &[Flag::string("clusterrole", '\0', "", "ClusterRole this ClusterRoleBinding should reference")
        .required()];

fn run(invocation: &mut Invocation<'_, '_>) -> Outcome {
    let (name, _) = name_and_rest(invocation)?;
    let generator = Generator::new(invocation)?;
    let subjects = rolebinding::subjects(invocation)?;
    let role = ("ClusterRole", invocation.str("clusterrole"));
    let object = rbac::binding("ClusterRoleBinding", &name, None, role, subjects);
    let place = Place {
        prefix: "/apis/rbac.authorization.k8s.io/v1",
        plural: "clusterrolebindings",
        namespaced: false,
        failure: "failed to create clusterrolebinding: ",
    };
    generator.finish(invocation, object, place)
}
