//! `status.conditions` lists as controllers and the kubelet keep them: one entry per type, transition
//! times that move only when the status does. Follows `util/deployment_util.go` and `pkg/api/v1/pod`.

use drydock_machinery::{Value, value};

/// A condition about to be set; what the API leaves out when empty is left out here.
#[derive(Clone, Debug, Default)]
pub struct Condition<'a> {
    pub kind: &'a str,
    pub status: &'a str,
    pub reason: &'a str,
    pub message: &'a str,
}

/// The entry of this type, else null.
#[must_use]
pub fn get<'a>(list: &'a [Value], kind: &str) -> &'a Value {
    static NONE: Value = Value::Null;
    list.iter().find(|c| c["type"] == kind).unwrap_or(&NONE)
}

/// Deployment and ReplicaSet: nothing changes while status and reason stay; a changed entry moves to
/// the end and keeps its transition time while the status stays.
pub fn set_workload(list: &mut Vec<Value>, now: &Value, update_time: bool, new: &Condition<'_>) {
    let old = get(list, new.kind).clone();
    if !old.is_null() && old["status"] == new.status && old["reason"] == new.reason {
        return;
    }
    let since = if old["status"] == new.status { old["lastTransitionTime"].clone() } else { now.clone() };
    remove(list, new.kind);
    let mut entry = value!({
        "type": new.kind, "status": new.status, "lastTransitionTime": since,
        "reason": new.reason, "message": new.message,
    });
    if update_time {
        entry = entry.with("lastUpdateTime", now.clone());
    }
    list.push(entry);
}

/// Drops the entry of this type.
pub fn remove(list: &mut Vec<Value>, kind: &str) {
    list.retain(|c| c["type"] != kind);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn transition_time_moves_only_with_the_status() {
        let mut list = Vec::new();
        let set = |list: &mut Vec<Value>, now: &str, status: &str, reason: &str| {
            set_workload(
                list,
                &now.into(),
                true,
                &Condition { kind: "Progressing", status, reason, message: "m" },
            );
        };
        set(&mut list, "t1", "True", "ReplicaSetUpdated");
        set(&mut list, "t2", "True", "ReplicaSetUpdated");
        assert_eq!(list[0]["lastUpdateTime"], "t1");
        set(&mut list, "t3", "True", "NewReplicaSetAvailable");
        assert_eq!((list[0]["lastUpdateTime"].text(), list[0]["lastTransitionTime"].text()), ("t3", "t1"));
        set(&mut list, "t4", "False", "ProgressDeadlineExceeded");
        assert_eq!(list[0]["lastTransitionTime"], "t4");
    }
}
