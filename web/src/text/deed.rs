//! What somebody did, in a few words: who, to what, and what that means.
use super::Lang;
use crate::world::ActorKind;

impl Lang {
    /// A beat of the map or a link of "why": `object` is `Pod default/web`, or what a person typed.
    pub fn deed(self, actor: &ActorKind, object: &str) -> String {
        let ko = self == Lang::Ko;
        let (who, did) = match (actor, ko) {
            (ActorKind::Person, _) => return format!("$ {object}"),
            (ActorKind::Api, true) => ("API 서버".to_owned(), "저장"),
            (ActorKind::Api, false) => ("API server".to_owned(), "stored"),
            (ActorKind::Controller(name), true) => (name.clone(), "맞추는 중"),
            (ActorKind::Controller(name), false) => (name.clone(), "reconciled"),
            (ActorKind::Scheduler, true) => ("스케줄러".to_owned(), "노드 결정"),
            (ActorKind::Scheduler, false) => ("scheduler".to_owned(), "chose a node for"),
            (ActorKind::Kubelet(node), true) => (at_node(node, "의 kubelet"), "돌보는 중"),
            (ActorKind::Kubelet(node), false) => (at_node_en(node), "looked after"),
        };
        match (object.is_empty(), ko) {
            (true, _) => who,
            (false, true) => format!("{who} · {object} {did}"),
            (false, false) => format!("{who} · {did} {object}"),
        }
    }
}

fn at_node(node: &str, suffix: &str) -> String {
    if node.is_empty() { "kubelet".to_owned() } else { format!("{node}{suffix}") }
}

fn at_node_en(node: &str) -> String {
    if node.is_empty() { "kubelet".to_owned() } else { format!("kubelet on {node}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_languages_name_who_and_what() {
        let kubelet = ActorKind::Kubelet("node-1".to_owned());
        assert_eq!(Lang::Ko.deed(&kubelet, "Pod default/a"), "node-1의 kubelet · Pod default/a 돌보는 중");
        assert_eq!(
            Lang::En.deed(&kubelet, "Pod default/a"),
            "kubelet on node-1 · looked after Pod default/a"
        );
        assert_eq!(Lang::Ko.deed(&ActorKind::Person, "ls"), "$ ls");
        assert_eq!(Lang::En.deed(&ActorKind::Api, ""), "API server");
    }
}
