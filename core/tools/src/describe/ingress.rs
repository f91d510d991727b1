//! Ingresses and IngressClasses.

use super::page::{Page, join, line};
use super::{Ask, events, service};
use crate::kubectl::Failure;
use drydock_machinery::Value;
use drydock_machinery::sort::Arrange;

pub fn describe(ask: &mut Ask<'_, '_, '_>, ingress: &Value) -> Result<String, Failure> {
    let (metadata, spec) = (&ingress["metadata"], &ingress["spec"]);
    let happened = ask.events_of(ingress);
    let mut page = ask.page();
    line!(page, 0, "Name:\t{}", metadata["name"].text());
    page.labels("Labels", &metadata["labels"]);
    line!(page, 0, "Namespace:\t{}", metadata["namespace"].text());
    line!(page, 0, "Address:\t{}", addresses(ingress));
    let class = if spec["ingressClassName"].is_null() { "<none>" } else { spec["ingressClassName"].text() };
    line!(page, 0, "Ingress Class:\t{class}");
    let default = match spec["defaultBackend"].is_map() {
        true => backend(ask, &spec["defaultBackend"]),
        false => "<default>".into(),
    };
    line!(page, 0, "Default backend:\t{default}");
    if !spec["tls"].items().is_empty() {
        page.line(0, "TLS:");
        for tls in spec["tls"].items() {
            let hosts = join(&tls["hosts"], ",");
            match tls["secretName"].text() {
                "" => line!(page, 1, "SNI routes {hosts}"),
                secret => line!(page, 1, "{secret} terminates {hosts}"),
            }
        }
    }
    rules(ask, &mut page, &spec["rules"], &default);
    page.annotations("Annotations", &metadata["annotations"]);
    events::write(&mut page, happened);
    Ok(page.finish())
}

fn rules(ask: &mut Ask<'_, '_, '_>, page: &mut Page, rules: &Value, default: &str) {
    page.line(0, "Rules:\n  Host\tPath\tBackends");
    page.line(1, "----\t----\t--------");
    let mut any = false;
    for rule in rules.items().iter().filter(|r| r["http"].is_map()) {
        any = true;
        let host = if rule["host"].is_empty() { "*" } else { rule["host"].text() };
        line!(page, 1, "{host}\t");
        for path in rule["http"]["paths"].items() {
            let to = backend(ask, &path["backend"]);
            line!(page, 2, "\t{} \t{to}", path["path"].text());
        }
    }
    if !any {
        line!(page, 1, "*\t*\t{default}");
    }
}

/// `nginx:80 (10.244.1.5:80,…)`.
fn backend(ask: &mut Ask<'_, '_, '_>, backend: &Value) -> String {
    let wanted = &backend["service"];
    if wanted.is_map() {
        let (name, port) = (wanted["name"].text(), &wanted["port"]);
        let shown = match port["name"].text() {
            "" => port["number"].int().to_string(),
            name => name.to_string(),
        };
        let failed = |failure: Failure| format!("{name}:{shown} (<error: {}>)", failure.text());
        let slices = match service::slices(ask, name) {
            Ok(slices) => slices,
            Err(failure) => return failed(failure),
        };
        let path = format!("/api/v1/namespaces/{}/services/{name}", ask.namespace);
        let found = match ask.get(&path) {
            Ok(found) => found,
            Err(failure) => return failed(failure),
        };
        let is_meant = |p: &&Value| {
            port["number"].int() != 0 && p["port"].int() == port["number"].int()
                || !port["name"].is_empty() && p["name"] == port["name"]
        };
        let port_name =
            found["spec"]["ports"].items().iter().rfind(is_meant).map_or("", |p| p["name"].text());
        return format!("{name}:{shown} ({})", service::endpoints(&slices, port_name));
    }
    let resource = &backend["resource"];
    if resource.is_map() {
        let group = if resource["apiGroup"].is_null() { "<none>" } else { resource["apiGroup"].text() };
        return format!(
            "APIGroup: {group}, Kind: {}, Name: {}",
            resource["kind"].text(),
            resource["name"].text()
        );
    }
    String::new()
}

fn addresses(ingress: &Value) -> String {
    let each = |i: &Value| if i["ip"].is_empty() { i["hostname"].text() } else { i["ip"].text() }.to_string();
    let mut found: Vec<String> = ingress["status"]["loadBalancer"]["ingress"]
        .items()
        .iter()
        .map(each)
        .filter(|a| !a.is_empty())
        .collect();
    found.arrange();
    found.dedup();
    found.join(",")
}

pub fn class(ask: &mut Ask<'_, '_, '_>, class: &Value) -> Result<String, Failure> {
    let happened = ask.events_of(class);
    let mut page = ask.page();
    line!(page, 0, "Name:\t{}", class["metadata"]["name"].text());
    page.labels("Labels", &class["metadata"]["labels"]);
    page.annotations("Annotations", &class["metadata"]["annotations"]);
    line!(page, 0, "Controller:\t{}", class["spec"]["controller"].text());
    let parameters = &class["spec"]["parameters"];
    if parameters.is_map() {
        page.line(0, "Parameters:");
        if !parameters["apiGroup"].is_null() {
            line!(page, 1, "APIGroup:\t{}", parameters["apiGroup"].text());
        }
        line!(page, 1, "Kind:\t{}", parameters["kind"].text());
        line!(page, 1, "Name:\t{}", parameters["name"].text());
    }
    events::write(&mut page, happened);
    Ok(page.finish())
}
