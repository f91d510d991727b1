//! Volumes, claims, storage classes and the CSI records.

use super::{Kind, status_of};

pub const PERSISTENT_VOLUME_CLAIM: Kind = Kind {
    kind: "PersistentVolumeClaim",
    plural: "persistentvolumeclaims",
    singular: "persistentvolumeclaim",
    short: &["pvc"],
    status: true,
    subresources: &[status_of("PersistentVolumeClaim")],
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
    ..Kind::BASE
};

pub const CSI_DRIVER: Kind = Kind {
    group: "storage.k8s.io",
    kind: "CSIDriver",
    plural: "csidrivers",
    singular: "csidriver",
    namespaced: false,
    ..Kind::BASE
};

pub const CSI_NODE: Kind = Kind {
    group: "storage.k8s.io",
    kind: "CSINode",
    plural: "csinodes",
    singular: "csinode",
    namespaced: false,
    ..Kind::BASE
};

pub const STORAGE_CLASS: Kind = Kind {
    group: "storage.k8s.io",
    kind: "StorageClass",
    plural: "storageclasses",
    singular: "storageclass",
    short: &["sc"],
    namespaced: false,
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
    ..Kind::BASE
};
