//! The kubeconfig that the cluster's installer leaves for its administrator, as `kubeadm` writes it.

use drydock_cluster::auth;
use drydock_machinery::hash::base64_encode;
use drydock_machinery::{der, x509};

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
    let secure = server.starts_with("https://");
    let coded = |text: &str| base64_encode(text.as_bytes());
    let authority = match secure {
        true => format!("    certificate-authority-data: {}\n", coded(&x509::authority())),
        false => String::new(),
    };
    // Over plain HTTP a client cannot show a certificate.
    let user = match secure {
        true => format!(
            "    client-certificate-data: {}\n    client-key-data: {}\n",
            coded(&auth::admin_certificate()),
            coded(&private_key())
        ),
        false => format!("    token: {}\n", auth::ADMIN),
    };
    format!(
        "apiVersion: v1\nclusters:\n- cluster:\n{authority}    server: {server}\n  name: kubernetes\ncontexts:\n- context:\n    cluster: kubernetes\n    user: kubernetes-admin\n  name: kubernetes-admin@kubernetes\ncurrent-context: kubernetes-admin@kubernetes\nkind: Config\npreferences: {{}}\nusers:\n- name: kubernetes-admin\n  user:\n{user}"
    )
}

/// A block of the form of a private key. There is nothing secret in it: connections are not encrypted,
/// and no server asks for a proof.
fn private_key() -> String {
    der::pem_encode("RSA PRIVATE KEY", &x509::stretched(auth::ADMIN.as_bytes(), 256))
}
