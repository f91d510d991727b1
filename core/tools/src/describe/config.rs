//! ConfigMaps, Secrets and ServiceAccounts.

use super::page::line;
use super::{Ask, events};
use crate::kubectl::Failure;
use drydock_machinery::{Value, hash};

pub fn config_map(ask: &mut Ask<'_, '_, '_>, map: &Value) -> Result<String, Failure> {
    let mut page = ask.page();
    page.head(map);
    page.line(0, "\nData\n====");
    for (key, value) in map["data"].entries() {
        line!(page, 0, "{key}:\n----\n{}\n", value.text());
    }
    page.line(0, "\nBinaryData\n====");
    for (key, value) in map["binaryData"].entries() {
        line!(page, 0, "{key}: {} bytes", size(value));
    }
    page.line(0, "");
    let happened = ask.events_of(map);
    events::write(&mut page, happened);
    Ok(page.finish())
}

fn size(encoded: &Value) -> usize {
    hash::base64_decode(encoded.text()).map_or(0, |bytes| bytes.len())
}

pub fn secret(ask: &mut Ask<'_, '_, '_>, secret: &Value) -> Result<String, Failure> {
    let mut page = ask.page();
    page.head(secret);
    line!(page, 0, "\nType:\t{}", secret["type"].text());
    page.line(0, "\nData\n====");
    for (key, value) in secret["data"].entries() {
        if key.text() == "token" && secret["type"] == "kubernetes.io/service-account-token" {
            let token = hash::base64_decode(value.text()).unwrap_or_default();
            line!(page, 0, "{key}:\t{}", String::from_utf8_lossy(&token));
        } else {
            line!(page, 0, "{key}:\t{} bytes", size(value));
        }
    }
    Ok(page.finish())
}

pub fn service_account(ask: &mut Ask<'_, '_, '_>, account: &Value) -> Result<String, Failure> {
    let name = account["metadata"]["name"].text().to_string();
    let path = format!("/api/v1/namespaces/{}/secrets", ask.namespace);
    let secrets = ask.list(&path, "", "", true).unwrap_or_default();
    let exists = |wanted: &str| secrets.iter().any(|s| s["metadata"]["name"] == wanted);
    let tokens: Vec<String> = secrets
        .iter()
        .filter(|s| s["type"] == "kubernetes.io/service-account-token")
        .filter(|s| s["metadata"]["annotations"]["kubernetes.io/service-account.name"] == name.as_str())
        .map(|s| s["metadata"]["name"].text().to_string())
        .collect();
    let named =
        |list: &Value| -> Vec<String> { list.items().iter().map(|s| s["name"].text().to_string()).collect() };
    let happened = ask.events_of(account);
    let mut page = ask.page();
    page.head(account);
    let blocks = [
        ("Image pull secrets:", named(&account["imagePullSecrets"])),
        ("Mountable secrets: ", named(&account["secrets"])),
        ("Tokens:            ", tokens),
    ];
    for (title, names) in blocks {
        if names.is_empty() {
            line!(page, 0, "{title}\t<none>");
        }
        for (at, name) in names.iter().enumerate() {
            let title = if at == 0 { title } else { "                   " };
            let missing = if exists(name) { "" } else { " (not found)" };
            line!(page, 0, "{title}\t{name}{missing}");
        }
    }
    events::write(&mut page, happened);
    Ok(page.finish())
}
