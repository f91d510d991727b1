//! Volumes of pods and pod templates.

use super::page::{Page, line, or_unset, plain};
use drydock_machinery::Value;

/// The block of volumes.
pub fn write(page: &mut Page, volumes: &Value, space: &str) {
    if volumes.items().is_empty() {
        line!(page, 0, "{space}Volumes:\t<none>");
        return;
    }
    line!(page, 0, "{space}Volumes:");
    let indent = if space.is_empty() { "" } else { " " };
    for volume in volumes.items() {
        line!(page, 1, "{indent}{}:", volume["name"].text());
        source(page, volume);
    }
}

/// (field of the volume, type as shown, lines of title and field)
type Simple = (&'static str, &'static str, &'static [(&'static str, &'static str)]);

/// Sources that are a list of their fields.
const SIMPLE: &[Simple] = &[
    (
        "nfs",
        "NFS (an NFS mount that lasts the lifetime of a pod)",
        &[("Server", "server"), ("Path", "path"), ("ReadOnly", "readOnly?")],
    ),
    (
        "persistentVolumeClaim",
        "PersistentVolumeClaim (a reference to a PersistentVolumeClaim in the same namespace)",
        &[("ClaimName", "claimName"), ("ReadOnly", "readOnly?")],
    ),
    (
        "secret",
        "Secret (a volume populated by a Secret)",
        &[("SecretName", "secretName"), ("Optional", "optional?")],
    ),
    (
        "configMap",
        "ConfigMap (a volume populated by a ConfigMap)",
        &[("Name", "name"), ("Optional", "optional?")],
    ),
    ("hostPath", "HostPath (bare host directory volume)", &[("Path", "path"), ("HostPathType", "type!")]),
    (
        "awsElasticBlockStore",
        "AWSElasticBlockStore (a Persistent Disk resource in AWS)",
        &[
            ("VolumeID", "volumeID"),
            ("FSType", "fsType"),
            ("Partition", "partition#"),
            ("ReadOnly", "readOnly?"),
        ],
    ),
    (
        "gcePersistentDisk",
        "GCEPersistentDisk (a Persistent Disk resource in Google Compute Engine)",
        &[("PDName", "pdName"), ("FSType", "fsType"), ("Partition", "partition#"), ("ReadOnly", "readOnly?")],
    ),
    (
        "image",
        "Image (a container image or OCI artifact)",
        &[("Reference", "reference"), ("PullPolicy", "pullPolicy")],
    ),
    ("local", "LocalVolume (a persistent volume backed by local storage on a node)", &[("Path", "path")]),
];

/// What a volume (or the spec of a PersistentVolume) is made of.
pub fn source(page: &mut Page, volume: &Value) {
    if let Some((field, title, lines)) = SIMPLE.iter().find(|s| volume[s.0].is_map()) {
        line!(page, 2, "Type:\t{title}");
        for (title, key) in *lines {
            let value = &volume[*field][key.trim_end_matches(['?', '!', '#'])];
            let text = match key.chars().last() {
                Some('?') => value.bool().to_string(),
                Some('#') => value.int().to_string(),
                Some('!') if value.is_null() => "<none>".into(),
                _ => plain(value),
            };
            line!(page, 2, "{title}:\t{text}");
        }
    } else if volume["emptyDir"].is_map() {
        let dir = &volume["emptyDir"];
        page.line(2, "Type:\tEmptyDir (a temporary directory that shares a pod's lifetime)");
        line!(page, 2, "Medium:\t{}", dir["medium"].text());
        let limit = if dir["sizeLimit"].is_empty() || dir["sizeLimit"] == "0" {
            "<unset>".into()
        } else {
            or_unset(&dir["sizeLimit"])
        };
        line!(page, 2, "SizeLimit:\t{limit}");
    } else if volume["downwardAPI"].is_map() {
        page.line(2, "Type:\tDownwardAPI (a volume populated by information about the pod)");
        page.line(2, "Items:");
        downward(page, &volume["downwardAPI"]["items"]);
    } else if volume["projected"].is_map() {
        page.line(2, "Type:\tProjected (a volume that contains injected data from multiple sources)");
        volume["projected"]["sources"].items().iter().for_each(|source| projected(page, source));
    } else if volume["csi"].is_map() {
        let csi = &volume["csi"];
        page.line(2, "Type:\tCSI (a Container Storage Interface (CSI) volume source)");
        line!(page, 2, "Driver:\t{}", csi["driver"].text());
        if !csi["volumeHandle"].is_null() {
            line!(page, 2, "FSType:\t{}", csi["fsType"].text());
            line!(page, 2, "VolumeHandle:\t{}", csi["volumeHandle"].text());
        } else {
            line!(page, 2, "FSType:\t{}", csi["fsType"].text());
        }
        line!(page, 2, "ReadOnly:\t{}", csi["readOnly"].bool());
        let attributes = csi["volumeAttributes"].entries();
        page.put(2, "VolumeAttributes:\t");
        if attributes.is_empty() {
            page.line(0, "<none>");
        }
        for (at, (key, value)) in attributes.iter().enumerate() {
            if at > 0 {
                page.put(2, "\t");
            }
            line!(page, 2, "{key}={}", value.text());
        }
    } else if volume["ephemeral"].is_map() {
        page.line(2, "Type:\tEphemeralVolume (an inline specification for a volume that gets created and deleted with the pod)");
        let spec = &volume["ephemeral"]["volumeClaimTemplate"]["spec"];
        line!(page, 2, "StorageClass:\t{}", spec["storageClassName"].text());
        line!(page, 2, "Volume:\t{}", spec["volumeName"].text());
        line!(page, 2, "Capacity:\t");
        line!(page, 2, "Access Modes:\t");
        if !spec["volumeMode"].is_empty() {
            line!(page, 2, "VolumeMode:\t{}", spec["volumeMode"].text());
        }
    } else {
        page.line(1, "<unknown>");
    }
}

fn downward(page: &mut Page, items: &Value) {
    for item in items.items() {
        if item["fieldRef"].is_map() {
            line!(page, 3, "{} -> {}", item["fieldRef"]["fieldPath"].text(), item["path"].text());
        }
        if item["resourceFieldRef"].is_map() {
            line!(page, 3, "{} -> {}", item["resourceFieldRef"]["resource"].text(), item["path"].text());
        }
    }
}

fn projected(page: &mut Page, source: &Value) {
    if source["secret"].is_map() {
        line!(page, 2, "SecretName:\t{}", source["secret"]["name"].text());
        line!(page, 2, "Optional:\t{}", source["secret"]["optional"].bool());
    } else if source["downwardAPI"].is_map() {
        page.line(2, "DownwardAPI:\ttrue");
    } else if source["configMap"].is_map() {
        line!(page, 2, "ConfigMapName:\t{}", source["configMap"]["name"].text());
        line!(page, 2, "Optional:\t{}", source["configMap"]["optional"].bool());
    } else if source["serviceAccountToken"].is_map() {
        line!(
            page,
            2,
            "TokenExpirationSeconds:\t{}",
            source["serviceAccountToken"]["expirationSeconds"].int()
        );
    }
}
