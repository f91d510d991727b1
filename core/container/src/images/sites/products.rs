//! Answers of known products: registry, dashboards, servlet containers, search, brokers.

use super::pages::{html, json, page, redirect, text};
use super::{Outcome, Turn};
use crate::images::serve::Visit;
use crate::images::web;
use crate::sys::Sys;
use drydock_network::http::Method;

pub(super) fn registry(sys: &mut Sys<'_>, visit: &Visit<'_>, _: u64, _: &[Outcome]) -> Turn {
    let path = &*visit.request.path;
    let (status, body) = match path {
        "/v2/" | "/v2" => (200, "{}".to_string()),
        "/v2/_catalog" => (200, "{\"repositories\":[]}\n".into()),
        _ if path.starts_with("/v2/") && path.ends_with("/tags/list") => {
            let name = path.trim_start_matches("/v2/").trim_end_matches("/tags/list");
            (
                404,
                format!(
                    "{{\"errors\":[{{\"code\":\"NAME_UNKNOWN\",\"message\":\"repository name not known to registry\",\"detail\":{{\"name\":\"{name}\"}}}}]}}\n"
                ),
            )
        }
        _ if path.starts_with("/v2/") => {
            (404, "{\"errors\":[{\"code\":\"MANIFEST_UNKNOWN\",\"message\":\"manifest unknown\"}]}\n".into())
        }
        "/" => (200, String::new()),
        _ => (404, "404 page not found\n".into()),
    };
    let (date, length) = (web::http_date(sys.unix()), body.len().to_string());
    let headers = [
        ("Content-Length", &*length),
        ("Content-Type", "application/json; charset=utf-8"),
        ("Docker-Distribution-Api-Version", "registry/2.0"),
        ("X-Content-Type-Options", "nosniff"),
        ("Date", &*date),
    ];
    Turn::Answer(web::reply(visit.request, status, &headers, body.as_bytes()))
}

pub(super) fn prometheus(sys: &mut Sys<'_>, visit: &Visit<'_>, count: u64, _: &[Outcome]) -> Turn {
    match &*visit.request.path {
        "/-/healthy" => text(sys, visit, 200, "Prometheus Server is Healthy.\n"),
        "/-/ready" => text(sys, visit, 200, "Prometheus Server is Ready.\n"),
        "/" => redirect(sys, visit, "/query"),
        "/query" | "/graph" | "/targets" | "/alerts" => html(
            sys,
            visit,
            200,
            "<!DOCTYPE html>\n<html lang=\"en\">\n  <head>\n    <title>Prometheus Time Series Collection and Processing Server</title>\n  </head>\n  <body><div id=\"root\"></div></body>\n</html>\n",
        ),
        "/metrics" => text(
            sys,
            visit,
            200,
            &format!(
                "# HELP prometheus_build_info A metric with a constant '1' value labeled by version.\n# TYPE prometheus_build_info gauge\nprometheus_build_info{{version=\"3.7.1\"}} 1\n# HELP prometheus_http_requests_total Counter of HTTP requests.\n# TYPE prometheus_http_requests_total counter\nprometheus_http_requests_total{{code=\"200\",handler=\"/metrics\"}} {count}\n"
            ),
        ),
        "/api/v1/query" => {
            let query = visit.request.param("query").unwrap_or("");
            let rows = if query == "up" {
                format!(
                    "{{\"metric\":{{\"__name__\":\"up\",\"instance\":\"localhost:9090\",\"job\":\"prometheus\"}},\"value\":[{},\"1\"]}}",
                    sys.unix()
                )
            } else {
                String::new()
            };
            json(
                sys,
                visit,
                200,
                &format!(
                    "{{\"status\":\"success\",\"data\":{{\"resultType\":\"vector\",\"result\":[{rows}]}}}}"
                ),
            )
        }
        "/api/v1/targets" => json(
            sys,
            visit,
            200,
            "{\"status\":\"success\",\"data\":{\"activeTargets\":[{\"labels\":{\"instance\":\"localhost:9090\",\"job\":\"prometheus\"},\"scrapePool\":\"prometheus\",\"scrapeUrl\":\"http://localhost:9090/metrics\",\"health\":\"up\"}],\"droppedTargets\":[]}}",
        ),
        _ => text(sys, visit, 404, "404 page not found\n"),
    }
}

pub(super) fn grafana(sys: &mut Sys<'_>, visit: &Visit<'_>, _: u64, _: &[Outcome]) -> Turn {
    use base64::Engine;
    let password = sys.env("GF_SECURITY_ADMIN_PASSWORD").unwrap_or_else(|| "admin".into());
    let wanted =
        format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(format!("admin:{password}")));
    let known = visit.request.headers.get("Authorization") == Some(&*wanted);
    match &*visit.request.path {
        "/" => redirect(sys, visit, "/login"),
        "/login" if visit.request.method == Method::Post => {
            let body = String::from_utf8_lossy(&visit.request.body.bytes()).into_owned();
            if body.contains("admin") && body.contains(&*password) {
                json(sys, visit, 200, "{\"message\":\"Logged in\",\"redirectUrl\":\"/\"}")
            } else {
                json(
                    sys,
                    visit,
                    401,
                    "{\"message\":\"Invalid username or password\",\"messageId\":\"password-auth.failed\",\"statusCode\":401,\"traceID\":\"\"}",
                )
            }
        }
        "/login" => html(
            sys,
            visit,
            200,
            "<!DOCTYPE html>\n<html lang=\"en-US\">\n  <head>\n    <title>Grafana</title>\n  </head>\n  <body><h1>Welcome to Grafana</h1></body>\n</html>\n",
        ),
        "/api/health" => json(
            sys,
            visit,
            200,
            "{\n  \"database\": \"ok\",\n  \"version\": \"12.2.0\",\n  \"commit\": \"92f1fba9b4b6700328e99e97328d6639df8ddc3d\"\n}",
        ),
        path if path.starts_with("/api/") && !known => json(
            sys,
            visit,
            401,
            "{\"extra\":null,\"message\":\"Unauthorized\",\"messageId\":\"auth.unauthorized\",\"statusCode\":401,\"traceID\":\"\"}",
        ),
        "/api/datasources" | "/api/search" => json(sys, visit, 200, "[]"),
        "/api/org" => json(sys, visit, 200, "{\"id\":1,\"name\":\"Main Org.\"}"),
        _ => redirect(sys, visit, "/login"),
    }
}

pub(super) fn tomcat(sys: &mut Sys<'_>, visit: &Visit<'_>, _: u64, _: &[Outcome]) -> Turn {
    let uri = visit.request.path.clone();
    let file = format!(
        "/usr/local/tomcat/webapps/ROOT{}",
        if uri.ends_with('/') { format!("{uri}index.html") } else { uri.to_string() }
    );
    if let Ok(bytes) = sys.read_file(&file) {
        let body = String::from_utf8_lossy(&bytes).into_owned();
        return page(sys, visit, 200, web::media_type(&file).unwrap_or("text/plain"), "", &body);
    }
    page(
        sys,
        visit,
        404,
        "text/html;charset=utf-8",
        "",
        &format!(
            "<!doctype html><html lang=\"en\"><head><title>HTTP Status 404 – Not Found</title></head><body><h1>HTTP Status 404 – Not Found</h1><hr class=\"line\" /><p><b>Type</b> Status Report</p><p><b>Message</b> The requested resource [{uri}] is not available</p><p><b>Description</b> The origin server did not find a current representation for the target resource or is not willing to disclose that one exists.</p><hr class=\"line\" /><h3>Apache Tomcat/9.0.111</h3></body></html>"
        ),
    )
}

pub(super) fn jenkins_home(sys: &mut Sys<'_>) -> Option<(String, i32)> {
    _ = sys.make_folders("/var/jenkins_home/secrets");
    match sys.write_file("/var/jenkins_home/secrets/initialAdminPassword", b"5b1a7c90d3e24f68a1c7f0b2d4e6980f\n", false) {
        Ok(()) => None,
        Err(_) => Some(("touch: cannot touch '/var/jenkins_home/copy_reference_file.log': Permission denied\nCan not write to /var/jenkins_home/copy_reference_file.log. Wrong volume permissions?\n".into(), 1)),
    }
}

pub(super) fn jenkins(sys: &mut Sys<'_>, visit: &Visit<'_>, _: u64, _: &[Outcome]) -> Turn {
    match &*visit.request.path {
        "/login" => html(
            sys,
            visit,
            200,
            "<!DOCTYPE html><html><head><title>Sign in - Jenkins</title></head><body><h1>Getting Started</h1><h2>Unlock Jenkins</h2><p>To ensure Jenkins is securely set up by the administrator, a password has been written to the log and this file on the server: <code>/var/jenkins_home/secrets/initialAdminPassword</code></p></body></html>\n",
        ),
        _ => html(
            sys,
            visit,
            403,
            "<html><head><meta http-equiv='refresh' content='1;url=/login?from=%2F'/></head><body style='background-color:white; color:white;'>Authentication required</body></html>",
        ),
    }
}

pub(super) fn single_node(sys: &mut Sys<'_>) -> Option<(String, i32)> {
    let single = sys.env("discovery.type").is_some_and(|t| &*t == "single-node");
    let seeded =
        sys.env("discovery.seed_hosts").is_some() || sys.env("cluster.initial_master_nodes").is_some();
    (!single && !seeded).then(|| {
        ("ERROR: [1] bootstrap checks failed. You must address the points described in the following [1] lines before starting Elasticsearch.\nbootstrap check failure [1] of [1]: the default discovery settings are unsuitable for production use; at least one of [discovery.seed_hosts, discovery.seed_providers, cluster.initial_master_nodes] must be configured\n".into(), 78)
    })
}

pub(super) fn elasticsearch(sys: &mut Sys<'_>, visit: &Visit<'_>, _: u64, _: &[Outcome]) -> Turn {
    let host = sys.hostname();
    match &*visit.request.path {
        "/" => json(
            sys,
            visit,
            200,
            &format!(
                "{{\n  \"name\" : \"{host}\",\n  \"cluster_name\" : \"docker-cluster\",\n  \"cluster_uuid\" : \"q5W0mZ1vTzGqk3yC7w9xAA\",\n  \"version\" : {{\n    \"number\" : \"7.17.29\",\n    \"build_flavor\" : \"default\",\n    \"build_type\" : \"docker\"\n  }},\n  \"tagline\" : \"You Know, for Search\"\n}}\n"
            ),
        ),
        "/_cluster/health" => json(
            sys,
            visit,
            200,
            "{\"cluster_name\":\"docker-cluster\",\"status\":\"green\",\"timed_out\":false,\"number_of_nodes\":1,\"number_of_data_nodes\":1,\"active_primary_shards\":0,\"active_shards\":0}",
        ),
        "/_cat/indices" => text(sys, visit, 200, ""),
        path => json(
            sys,
            visit,
            404,
            &format!(
                "{{\"error\":{{\"root_cause\":[{{\"type\":\"index_not_found_exception\",\"reason\":\"no such index [{0}]\"}}],\"type\":\"index_not_found_exception\",\"reason\":\"no such index [{0}]\"}},\"status\":404}}",
                path.trim_matches('/')
            ),
        ),
    }
}

pub(super) fn kibana(sys: &mut Sys<'_>, visit: &Visit<'_>, _: u64, _: &[Outcome]) -> Turn {
    match &*visit.request.path {
        "/" => redirect(sys, visit, "/app/home"),
        "/api/status" => json(sys, visit, 200, "{\"status\":{\"overall\":{\"level\":\"available\"}}}"),
        _ => html(
            sys,
            visit,
            200,
            "<!DOCTYPE html><html lang=\"en\"><head><title>Elastic</title></head><body></body></html>",
        ),
    }
}

pub(super) fn rabbitmq(sys: &mut Sys<'_>, visit: &Visit<'_>, _: u64, _: &[Outcome]) -> Turn {
    match &*visit.request.path {
        "/" if visit.port == 15_672 => html(
            sys,
            visit,
            200,
            "<!doctype html>\n<html>\n  <head>\n    <title>RabbitMQ Management</title>\n  </head>\n  <body><div id=\"outer\"></div></body>\n</html>\n",
        ),
        path if path.starts_with("/api/") => {
            use base64::Engine;
            let given = visit.request.headers.get("Authorization").unwrap_or("").to_string();
            let known = crate::images::rabbit::users(sys).iter().any(|u| {
                let login = base64::engine::general_purpose::STANDARD.encode(format!("{}:{}", u.0, u.1));
                given == format!("Basic {login}")
            });
            match (known, path) {
                (false, _) => {
                    json(sys, visit, 401, "{\"error\":\"not_authorized\",\"reason\":\"Not_Authorized\"}")
                }
                (true, "/api/overview") => json(
                    sys,
                    visit,
                    200,
                    "{\"management_version\":\"3.13.7\",\"rabbitmq_version\":\"3.13.7\",\"object_totals\":{\"channels\":0,\"connections\":0,\"consumers\":0,\"exchanges\":7,\"queues\":0}}",
                ),
                (true, _) => json(sys, visit, 200, "[]"),
            }
        }
        _ => text(sys, visit, 404, "Not Found"),
    }
}
