//! Servers of known products: their start-up words and the pages people look at first.

use super::pages::{html, page, redirect, said, text};
use super::products::{
    elasticsearch, grafana, jenkins, jenkins_home, kibana, prometheus, rabbitmq, registry, single_node,
    tomcat,
};
use super::stored::{result, wordpress};
use super::{Outcome, Site, Turn, no_check};
use crate::images::redis::resp::Reply;
use crate::images::serve::Visit;
use crate::sys::Sys;
use drydock_network::exchange::{Answer, Payload};
use drydock_network::http::Method;

macro_rules! site {
    ($name:literal, $commands:expr, $ports:expr, $starting:expr, $ready:expr, $ms:literal, $term:expr, $check:path, $answer:path) => {
        Site {
            name: $name,
            commands: $commands,
            ports: $ports,
            starting: $starting,
            ready: $ready,
            ready_ms: $ms,
            on_term: $term,
            check: $check,
            answer: $answer,
        }
    };
}

pub const SITES: &[Site] = &[
    site!(
        "registry",
        &["registry"],
        &[5000],
        "time=\"%t\" level=warning msg=\"No HTTP secret provided - generated random secret.\" go.version=go1.20.8 service=registry version=2.8.3\n",
        "time=\"%t\" level=info msg=\"listening on [::]:5000\" go.version=go1.20.8 service=registry version=2.8.3\n",
        200,
        Some(2),
        no_check,
        registry
    ),
    site!(
        "prometheus",
        &["prometheus"],
        &[9090],
        "time=%t level=INFO source=main.go:625 msg=\"Starting Prometheus Server\" mode=server version=\"(version=3.7.1, branch=HEAD)\"\ntime=%t level=INFO source=web.go:654 msg=\"Start listening for connections\" component=web address=0.0.0.0:9090\n",
        "time=%t level=INFO source=main.go:1273 msg=\"Server is ready to receive web requests.\"\n",
        800,
        Some(0),
        no_check,
        prometheus
    ),
    site!(
        "grafana",
        &["run.sh", "grafana-server", "grafana"],
        &[3000],
        "logger=settings t=%t level=info msg=\"Starting Grafana\" version=12.2.0\n",
        "logger=http.server t=%t level=info msg=\"HTTP Server Listen\" address=[::]:3000 protocol=http subUrl= socket=\n",
        3_000,
        Some(0),
        no_check,
        grafana
    ),
    site!(
        "tomcat",
        &["catalina.sh"],
        &[8080],
        "%s INFO [main] org.apache.catalina.startup.VersionLoggerListener.log Server version name:   Apache Tomcat/9.0.111\n",
        "%s INFO [main] org.apache.coyote.AbstractProtocol.start Starting ProtocolHandler [\"http-nio-8080\"]\n%s INFO [main] org.apache.catalina.startup.Catalina.start Server startup in [52] milliseconds\n",
        1_500,
        Some(143),
        no_check,
        tomcat
    ),
    site!(
        "jenkins",
        &["jenkins.sh"],
        &[8080, 50000],
        "Running from: /usr/share/jenkins/jenkins.war\nwebroot: /var/jenkins_home/war\n",
        "*************************************************************\n\nJenkins initial setup is required. An admin user has been created and a password generated.\nPlease use the following password to proceed to installation:\n\n5b1a7c90d3e24f68a1c7f0b2d4e6980f\n\nThis may also be found at: /var/jenkins_home/secrets/initialAdminPassword\n\n*************************************************************\n\n%s.000+0000 [id=30]\tINFO\thudson.lifecycle.Lifecycle#onReady: Jenkins is fully up and running\n",
        15_000,
        Some(143),
        jenkins_home,
        jenkins
    ),
    site!(
        "elasticsearch",
        &["eswrapper", "elasticsearch"],
        &[9200, 9300],
        "{\"@timestamp\":\"%t\", \"log.level\": \"INFO\", \"message\":\"initialized\", \"service.name\":\"ES_ECS\"}\n",
        "{\"@timestamp\":\"%t\", \"log.level\": \"INFO\", \"message\":\"started\", \"service.name\":\"ES_ECS\"}\n",
        12_000,
        Some(143),
        single_node,
        elasticsearch
    ),
    site!(
        "kibana",
        &["kibana-docker", "kibana"],
        &[5601],
        "[%t][INFO ][node] Kibana process configured with roles: [background_tasks, ui]\n",
        "[%t][INFO ][status] Kibana is now available\n",
        10_000,
        Some(143),
        no_check,
        kibana
    ),
    site!(
        "rabbitmq",
        &["rabbitmq-server"],
        &[5672, 15672, 25672],
        "%s.000000+00:00 [notice] <0.44.0> Application syslog exited with reason: stopped\n\n  ##  ##      RabbitMQ 3.13.7\n  ##  ##\n  ##########  Copyright (c) 2007-2024 Broadcom Inc and/or its subsidiaries\n  ######  ##\n  ##########  Licensed under the MPL 2.0. Website: https://rabbitmq.com\n\n",
        "%s.000000+00:00 [info] <0.8.0> Server startup complete; 4 plugins started.\n completed with 4 plugins.\n",
        6_000,
        Some(0),
        no_check,
        rabbitmq
    ),
    site!(
        "fluentd",
        &["fluentd"],
        &[24224, 5140],
        "%s +0000 [info]: init supervisor logger path=nil rotate_age=nil rotate_size=nil\n%s +0000 [info]: parsing config file is succeeded path=\"/fluentd/etc/fluent.conf\"\n%s +0000 [info]: starting fluentd-1.16.5 pid=7 ruby=\"3.2.4\"\n",
        "%s +0000 [info]: #0 starting fluentd worker pid=16 ppid=7 worker=0\n%s +0000 [info]: #0 fluentd worker is now running worker=0\n",
        1_500,
        Some(0),
        no_check,
        plain_404
    ),
    site!(
        "getting-started",
        &["nginx"],
        &[80],
        "/docker-entrypoint.sh: Configuration complete; ready for start up\n",
        "",
        100,
        Some(0),
        no_check,
        getting_started
    ),
    site!(
        "wordpress",
        &["apache2-foreground"],
        &[80],
        "WordPress not found in /var/www/html - copying now...\nComplete! WordPress has been successfully copied to /var/www/html\nAH00558: apache2: Could not reliably determine the server's fully qualified domain name, using %i. Set the 'ServerName' directive globally to suppress this message\n",
        "[mpm_prefork:notice] [pid 1] AH00163: Apache/2.4.65 (Debian) PHP/8.3.26 configured -- resuming normal operations\n",
        1_500,
        Some(0),
        no_check,
        wordpress
    ),
    site!(
        "gb-frontend",
        &["apache2-foreground"],
        &[80],
        "AH00558: apache2: Could not reliably determine the server's fully qualified domain name, using %i. Set the 'ServerName' directive globally to suppress this message\n",
        "[mpm_prefork:notice] [pid 1] AH00163: Apache/2.4.52 (Debian) PHP/7.4.28 configured -- resuming normal operations\n",
        300,
        Some(0),
        no_check,
        guestbook
    ),
    site!(
        "vote",
        &["gunicorn"],
        &[80],
        "[%s +0000] [1] [INFO] Starting gunicorn 22.0.0\n",
        "[%s +0000] [1] [INFO] Listening at: http://0.0.0.0:80 (1)\n",
        400,
        Some(0),
        no_check,
        vote
    ),
    site!("result", &["node"], &[80], "", "App running on port 80\n", 500, None, no_check, result),
    site!(
        "worker",
        &["Worker", "dotnet"],
        &[],
        "Waiting for db\n",
        "Connected to db\nConnecting to redis\n",
        1_000,
        Some(143),
        no_check,
        plain_404
    ),
    site!(
        "kubectl-proxy",
        &["kubectl-proxy.sh"],
        &[8001],
        "",
        "Starting to serve on 127.0.0.1:8001\n",
        300,
        None,
        no_check,
        plain_404
    ),
    site!(
        "chartmuseum",
        &["chartmuseum"],
        &[8080],
        "",
        "{\"L\":\"INFO\",\"M\":\"Starting ChartMuseum\",\"port\":8080}\n",
        300,
        Some(0),
        no_check,
        plain_404
    ),
    site!(
        "adminer",
        &["php"],
        &[8080],
        "",
        "[%s] PHP 8.4.13 Development Server (http://[::]:8080) started\n",
        200,
        Some(0),
        no_check,
        adminer
    ),
];

fn plain_404(sys: &mut Sys<'_>, visit: &Visit<'_>, _: u64, _: &[Outcome]) -> Turn {
    text(sys, visit, 404, "404 page not found\n")
}

fn getting_started(sys: &mut Sys<'_>, visit: &Visit<'_>, _: u64, _: &[Outcome]) -> Turn {
    match &*visit.request.path {
        "/" => redirect(sys, visit, "/tutorial/"),
        "/tutorial/" => page(
            sys,
            visit,
            200,
            "text/html",
            "nginx/1.23.3",
            "<!doctype html>\n<html lang=\"en\">\n<head><title>Getting Started</title></head>\n<body><h1>Getting Started</h1><p>Congratulations! You have started the container for this tutorial!</p></body>\n</html>\n",
        ),
        _ => page(
            sys,
            visit,
            404,
            "text/html",
            "nginx/1.23.3",
            "<html>\r\n<head><title>404 Not Found</title></head>\r\n<body>\r\n<center><h1>404 Not Found</h1></center>\r\n<hr><center>nginx/1.23.3</center>\r\n</body>\r\n</html>\r\n",
        ),
    }
}

/// The guestbook of the Kubernetes tutorial: messages live in redis.
fn guestbook(sys: &mut Sys<'_>, visit: &Visit<'_>, _: u64, calls: &[Outcome]) -> Turn {
    const KIND: &str = "text/html; charset=UTF-8";
    const SERVER: &str = "Apache/2.4.52 (Debian)";
    if &*visit.request.path != "/guestbook.php" {
        return match &*visit.request.path {
            "/" | "/index.html" => page(
                sys,
                visit,
                200,
                "text/html",
                SERVER,
                "<html ng-app=\"redis\">\n  <head>\n    <title>Guestbook</title>\n  </head>\n  <body ng-controller=\"RedisCtrl\">\n    <div style=\"width: 50%; margin-left: 20px\">\n      <h2>Guestbook</h2>\n    <form>\n    <input ng-model=\"msg\" placeholder=\"Messages\" class=\"form-control\" type=\"text\" name=\"input\"><br>\n    <button type=\"button\" class=\"btn btn-primary\" ng-click=\"controller.onRedis()\">Submit</button>\n    </form>\n    </div>\n  </body>\n</html>\n",
            ),
            path => page(
                sys,
                visit,
                404,
                "text/html; charset=iso-8859-1",
                SERVER,
                &format!(
                    "<!DOCTYPE HTML PUBLIC \"-//IETF//DTD HTML 2.0//EN\">\n<html><head>\n<title>404 Not Found</title>\n</head><body>\n<h1>Not Found</h1>\n<p>The requested URL {path} was not found on this server.</p>\n</body></html>\n"
                ),
            ),
        };
    }
    let key = visit.request.param("key").unwrap_or("").to_string();
    let value = visit.request.param("value").unwrap_or("").to_string();
    let setting = visit.request.param("cmd") == Some("set");
    // Both generations of the tutorial: leader and follower, master and slave.
    let names = match (sys.env("GET_HOSTS_FROM").as_deref(), setting) {
        (Some("env"), true) => ["REDIS_LEADER_SERVICE_HOST", "REDIS_MASTER_SERVICE_HOST"]
            .map(|n| sys.env(n).unwrap_or_default().to_string()),
        (Some("env"), false) => ["REDIS_FOLLOWER_SERVICE_HOST", "REDIS_SLAVE_SERVICE_HOST"]
            .map(|n| sys.env(n).unwrap_or_default().to_string()),
        (_, true) => ["redis-leader".into(), "redis-master".into()],
        (_, false) => ["redis-follower".into(), "redis-slave".into()],
    };
    let last = calls.last().map(said);
    let again = matches!(last, Some(Err("Name or service not known"))) && calls.len() < names.len();
    if calls.is_empty() || again {
        let words: Vec<&str> = if setting { vec!["SET", &key, &value] } else { vec!["GET", &key] };
        let command =
            Reply::Many(words.iter().map(|w| Reply::Bulk(w.as_bytes().to_vec())).collect()).encode();
        let host = names.get(calls.len()).cloned().unwrap_or_default();
        return Turn::Call { host, port: 6379, payload: Payload::Bytes(command.into()) };
    }
    match calls.last() {
        Some(Ok(Answer::Bytes(bytes))) => match Reply::decode(bytes) {
            Some((Reply::Bulk(data), _)) => {
                let data = drydock_machinery::json::quote(&String::from_utf8_lossy(&data));
                page(sys, visit, 200, "application/json", SERVER, &format!("{{\"data\": {data}}}"))
            }
            Some((Reply::Status(_), _)) => {
                page(sys, visit, 200, "application/json", SERVER, "{\"message\": \"Updated\"}")
            }
            Some((Reply::Error(why), _)) => page(
                sys,
                visit,
                500,
                KIND,
                SERVER,
                &format!("PHP Fatal error:  Uncaught Predis\\Response\\ServerException: {why}\n"),
            ),
            _ => page(sys, visit, 200, "application/json", SERVER, "{\"data\": \"\"}"),
        },
        Some(outcome) => {
            let why = said(outcome).err().unwrap_or("Connection closed");
            let host = names.first().cloned().unwrap_or_default();
            sys.eprint(&format!("PHP Fatal error:  Uncaught Predis\\Connection\\ConnectionException: {why} [tcp://{host}:6379]\n"));
            page(sys, visit, 500, KIND, SERVER, "")
        }
        None => page(sys, visit, 500, KIND, SERVER, ""),
    }
}

fn vote(sys: &mut Sys<'_>, visit: &Visit<'_>, _: u64, calls: &[Outcome]) -> Turn {
    let option =
        |sys: &Sys<'_>, name: &str, or: &str| sys.env(name).map_or_else(|| or.to_string(), |v| v.to_string());
    let (a, b) = (option(sys, "OPTION_A", "Cats"), option(sys, "OPTION_B", "Dogs"));
    let body = String::from_utf8_lossy(&visit.request.body.bytes()).into_owned();
    let chosen = body.split('&').find_map(|p| p.strip_prefix("vote=")).map(|v| v.to_string());
    // A voter is known by a cookie, and may change its mind.
    let cookies = visit.request.headers.get("Cookie").unwrap_or("").to_string();
    let known = cookies.split(';').find_map(|c| c.trim().strip_prefix("voter_id=")).map(String::from);
    let fresh = || {
        let seed = format!("{}:{}", visit.from, visit.from_port);
        format!("{:015x}", drydock_machinery::digest::hash_bytes(seed.as_bytes()) >> 4)
    };
    let voter = known.unwrap_or_else(fresh);
    if visit.request.method == Method::Post && calls.is_empty() {
        let text =
            format!("{{\"voter_id\": \"{voter}\", \"vote\": \"{}\"}}", chosen.as_deref().unwrap_or("a"));
        let words = [&b"RPUSH"[..], b"votes", text.as_bytes()];
        let command = Reply::Many(words.iter().map(|w| Reply::Bulk(w.to_vec())).collect()).encode();
        return Turn::Call { host: "redis".into(), port: 6379, payload: Payload::Bytes(command.into()) };
    }
    if let Some(Err(_)) = calls.first() {
        return html(
            sys,
            visit,
            500,
            "<!doctype html>\n<html lang=en>\n<title>500 Internal Server Error</title>\n<h1>Internal Server Error</h1>\n<p>The server encountered an internal error and was unable to complete your request. Either the server is overloaded or there is an error in the application.</p>\n",
        );
    }
    let host = sys.hostname();
    let body = format!(
        "<!DOCTYPE html>\n<html>\n  <head>\n    <title>{a} vs {b}!</title>\n  </head>\n  <body>\n    <h3>{a} vs {b}!</h3>\n    <form id=\"choice\" name='form' method=\"POST\" action=\"/\">\n      <button id=\"a\" type=\"submit\" name=\"vote\" class=\"a\" value=\"a\">{a}</button>\n      <button id=\"b\" type=\"submit\" name=\"vote\" class=\"b\" value=\"b\">{b}</button>\n    </form>\n    <div id=\"hostname\">Processed by container ID {host}</div>\n  </body>\n</html>\n"
    );
    let (date, length, cookie) = (
        crate::images::web::http_date(sys.unix()),
        body.len().to_string(),
        format!("voter_id={voter}; Path=/"),
    );
    let headers = [
        ("Server", "gunicorn"),
        ("Date", &*date),
        ("Connection", "close"),
        ("Content-Type", "text/html; charset=utf-8"),
        ("Content-Length", &*length),
        ("Set-Cookie", &*cookie),
    ];
    Turn::Answer(crate::images::web::reply(visit.request, 200, &headers, body.as_bytes()))
}

fn adminer(sys: &mut Sys<'_>, visit: &Visit<'_>, _: u64, _: &[Outcome]) -> Turn {
    html(
        sys,
        visit,
        200,
        "<!DOCTYPE html>\n<html lang=\"en\">\n<title>Login - Adminer</title>\n<body class=\"ltr nojs\"><h2>Login</h2></body></html>\n",
    )
}
