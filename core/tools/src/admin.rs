//! The kubeconfig that the cluster's installer leaves for its administrator, as `kubeadm` writes it.

use drydock_machinery::hash::sha256_hex;

/// Where the laptop finds the API server.
pub const SERVER: &str = "https://127.0.0.1:6443";

/// The laptop's `~/.kube/config`.
#[must_use]
pub fn kubeconfig_text() -> String {
    kubeconfig_for(SERVER)
}

/// A kubeconfig for the administrator at another address.
#[must_use]
pub fn kubeconfig_for(server: &str) -> String {
    let authority = if server.starts_with("https://") {
        format!("    certificate-authority-data: {}\n", pem("CERTIFICATE", "kubernetes"))
    } else {
        String::new()
    };
    let user = if server.starts_with("https://") {
        format!(
            "    client-certificate-data: {}\n    client-key-data: {}\n",
            pem("CERTIFICATE", "kubernetes-admin"),
            pem("RSA PRIVATE KEY", "kubernetes-admin")
        )
    } else {
        String::from("    token: kubernetes-admin\n")
    };
    format!(
        "apiVersion: v1\nclusters:\n- cluster:\n{authority}    server: {server}\n  name: kubernetes\ncontexts:\n- context:\n    cluster: kubernetes\n    user: kubernetes-admin\n  name: kubernetes-admin@kubernetes\ncurrent-context: kubernetes-admin@kubernetes\nkind: Config\npreferences: {{}}\nusers:\n- name: kubernetes-admin\n  user:\n{user}"
    )
}

/// A block of the form of a PEM file. There is nothing secret in it and nothing that could be verified:
/// the simulated connection has no TLS.
fn pem(label: &str, about: &str) -> String {
    let body: String = (0..4).map(|n| sha256_hex(format!("{label} {about} {n}").as_bytes()) + "\n").collect();
    let text = format!("-----BEGIN {label}-----\n{body}-----END {label}-----\n");
    drydock_machinery::hash::base64_encode(text.as_bytes())
}
