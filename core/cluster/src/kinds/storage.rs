//! Volumes, claims, storage classes and the CSI records.

use super::fill::Fill;
use super::{Kind, status_of};
use crate::object::Object;
use crate::table::{column, wide, word};
use crate::validate;
use drydock_machinery::{Value, value};

fn modes(list: &Value) -> String {
    let short = |mode: &Value| match mode.text() {
        "ReadWriteOnce" => Some("RWO"),
        "ReadOnlyMany" => Some("ROX"),
        "ReadWriteMany" => Some("RWX"),
        "ReadWriteOncePod" => Some("RWOP"),
        _ => None,
    };
    let mut shown: Vec<&str> = Vec::new();
    for want in ["RWO", "ROX", "RWX", "RWOP"] {
        if list.items().iter().any(|m| short(m) == Some(want)) {
            shown.push(want);
        }
    }
    shown.join(",")
}

fn class(object: &Object) -> Value {
    match object.annotation("volume.beta.kubernetes.io/storage-class") {
        "" => object.spec()["storageClassName"].text().into(),
        old => old.into(),
    }
}

fn or_unset(value: &Value) -> Value {
    if value.is_null() { word("<unset>") } else { value.clone() }
}

pub const PERSISTENT_VOLUME_CLAIM: Kind = Kind {
    kind: "PersistentVolumeClaim",
    plural: "persistentvolumeclaims",
    singular: "persistentvolumeclaim",
    short: &["pvc"],
    status: true,
    subresources: &[status_of("PersistentVolumeClaim")],
    default: |claim| {
        let mut fill = Fill::new(claim);
        fill.each("spec", |spec| {
            let mut fill = Fill::new(spec);
            fill.word("volumeMode", "Filesystem");
            fill.done()
        });
        fill.done()
    },
    begin: |_| value!({"phase": "Pending"}),
    validate: validate::volume::claim,
    columns: &[
        column("Status"),
        column("Volume"),
        column("Capacity"),
        column("Access Modes"),
        column("StorageClass"),
        column("VolumeAttributesClass"),
        column("Age"),
        wide("VolumeMode"),
    ],
    row: |claim, view| {
        let (spec, status) = (claim.spec(), claim.status());
        let phase = if claim.deleting.is_some() { word("Terminating") } else { status["phase"].clone() };
        let bound = !spec["volumeName"].is_empty();
        vec![
            phase,
            spec["volumeName"].text().into(),
            if bound { status["capacity"]["storage"].text().into() } else { Value::from("") },
            if bound { modes(&status["accessModes"]).into() } else { Value::from("") },
            class(claim),
            or_unset(&spec["volumeAttributesClassName"]),
            view.age(claim.created),
            or_unset(&spec["volumeMode"]),
        ]
    },
    ..Kind::BASE
};

pub const PERSISTENT_VOLUME: Kind = Kind {
    kind: "PersistentVolume",
    plural: "persistentvolumes",
    singular: "persistentvolume",
    short: &["pv"],
    namespaced: false,
    status: true,
    subresources: &[status_of("PersistentVolume")],
    default: |volume| {
        let mut fill = Fill::new(volume);
        fill.each("spec", |spec| {
            let mut fill = Fill::new(spec);
            fill.word("persistentVolumeReclaimPolicy", "Retain");
            fill.word("volumeMode", "Filesystem");
            super::pod::defaults::volume_source(&mut fill);
            fill.done()
        });
        fill.done()
    },
    begin: |_| value!({"phase": "Pending"}),
    validate: validate::volume::volume,
    columns: &[
        column("Capacity"),
        column("Access Modes"),
        column("Reclaim Policy"),
        column("Status"),
        column("Claim"),
        column("StorageClass"),
        column("VolumeAttributesClass"),
        column("Reason"),
        column("Age"),
        wide("VolumeMode"),
    ],
    row: |volume, view| {
        let (spec, status) = (volume.spec(), volume.status());
        let claim = match &spec["claimRef"] {
            claim if claim.is_map() => format!("{}/{}", claim["namespace"].text(), claim["name"].text()),
            _ => String::new(),
        };
        let phase = if volume.deleting.is_some() { word("Terminating") } else { status["phase"].clone() };
        vec![
            spec["capacity"]["storage"].text().into(),
            modes(&spec["accessModes"]).into(),
            spec["persistentVolumeReclaimPolicy"].clone(),
            phase,
            claim.into(),
            class(volume),
            or_unset(&spec["volumeAttributesClassName"]),
            status["reason"].text().into(),
            view.age(volume.created),
            or_unset(&spec["volumeMode"]),
        ]
    },
    ..Kind::BASE
};

pub const STORAGE_CLASS: Kind = Kind {
    group: "storage.k8s.io",
    kind: "StorageClass",
    plural: "storageclasses",
    singular: "storageclass",
    short: &["sc"],
    namespaced: false,
    default: |class| {
        let mut fill = Fill::new(class);
        fill.word("reclaimPolicy", "Delete");
        fill.word("volumeBindingMode", "Immediate");
        fill.done()
    },
    validate: validate::storage::class,
    title: Some(|class| {
        let is_default = [
            "storageclass.kubernetes.io/is-default-class",
            "storageclass.beta.kubernetes.io/is-default-class",
        ]
        .iter()
        .any(|key| class.annotation(key) == "true");
        if is_default { format!("{} (default)", class.name) } else { class.name.to_string() }
    }),
    columns: &[
        column("Provisioner"),
        column("ReclaimPolicy"),
        column("VolumeBindingMode"),
        column("AllowVolumeExpansion"),
        column("Age"),
    ],
    row: |class, view| {
        vec![
            class.field("provisioner").clone(),
            if class.field("reclaimPolicy").is_empty() {
                word("Delete")
            } else {
                class.field("reclaimPolicy").clone()
            },
            if class.field("volumeBindingMode").is_empty() {
                word("Immediate")
            } else {
                class.field("volumeBindingMode").clone()
            },
            Value::Bool(class.field("allowVolumeExpansion").bool()),
            view.age(class.created),
        ]
    },
    ..Kind::BASE
};

pub const CSI_DRIVER: Kind = Kind {
    group: "storage.k8s.io",
    kind: "CSIDriver",
    plural: "csidrivers",
    singular: "csidriver",
    namespaced: false,
    default: |driver| {
        let mut fill = Fill::new(driver);
        fill.or("spec", value!({}));
        fill.each("spec", |spec| {
            let mut fill = Fill::new(spec);
            fill.or("attachRequired", true);
            fill.word("fsGroupPolicy", "ReadWriteOnceWithFSType");
            for field in ["podInfoOnMount", "storageCapacity", "requiresRepublish", "seLinuxMount"] {
                fill.or(field, false);
            }
            if fill.get("volumeLifecycleModes").is_empty() {
                fill.set("volumeLifecycleModes", value!(["Persistent"]));
            }
            fill.done()
        });
        fill.done()
    },
    validate: validate::storage::csi_driver,
    columns: &[
        column("AttachRequired"),
        column("PodInfoOnMount"),
        column("StorageCapacity"),
        column("TokenRequests"),
        column("RequiresRepublish"),
        column("Modes"),
        column("Age"),
    ],
    row: |driver, view| {
        let spec = driver.spec();
        let modes = crate::cells::joined(&spec["volumeLifecycleModes"], ",");
        vec![
            Value::Bool(spec["attachRequired"].as_bool().unwrap_or(true)),
            Value::Bool(spec["podInfoOnMount"].bool()),
            Value::Bool(spec["storageCapacity"].bool()),
            word("<unset>"),
            Value::Bool(spec["requiresRepublish"].bool()),
            if modes.is_empty() { word("Persistent") } else { modes.into() },
            view.age(driver.created),
        ]
    },
    ..Kind::BASE
};

pub const CSI_NODE: Kind = Kind {
    group: "storage.k8s.io",
    kind: "CSINode",
    plural: "csinodes",
    singular: "csinode",
    namespaced: false,
    validate: validate::storage::csi_node,
    columns: &[column("Drivers"), column("Age")],
    row: |node, view| vec![node.spec()["drivers"].items().len().into(), view.age(node.created)],
    ..Kind::BASE
};

pub const VOLUME_ATTACHMENT: Kind = Kind {
    group: "storage.k8s.io",
    kind: "VolumeAttachment",
    plural: "volumeattachments",
    singular: "volumeattachment",
    namespaced: false,
    status: true,
    subresources: &[status_of("VolumeAttachment")],
    validate: validate::storage::volume_attachment,
    columns: &[column("Attacher"), column("PV"), column("Node"), column("Attached"), column("Age")],
    row: |attachment, view| {
        let spec = attachment.spec();
        vec![
            spec["attacher"].clone(),
            spec["source"]["persistentVolumeName"].text().into(),
            spec["nodeName"].clone(),
            Value::Bool(attachment.status()["attached"].bool()),
            view.age(attachment.created),
        ]
    },
    ..Kind::BASE
};
