//! `GET /images/search`: the index of Docker Hub, a few names of it.

use crate::door::Call;
use crate::fault::Fault;
use crate::filters::Filters;
use crate::json;
use crate::json::Json;
use crate::system::answer;
use drydock_network::http::Response;

/// Name, description, stars, official.
const INDEX: &[(&str, &str, i64, bool)] = &[
    ("nginx", "Official build of Nginx.", 20_645, true),
    ("nginx/nginx-ingress", "NGINX and  NGINX Plus Ingress Controllers for Kubernetes", 100, false),
    ("bitnami/nginx", "Bitnami container image for NGINX", 198, false),
    ("ubuntu/nginx", "", 123, false),
    (
        "redis",
        "Redis is the world's fastest data platform for caching, vector search and NoSQL.",
        13_321,
        true,
    ),
    ("bitnami/redis", "Bitnami container image for Redis", 345, false),
    ("busybox", "Busybox base image.", 3_403, true),
    ("alpine", "A minimal Docker image based on Alpine Linux with a complete package index.", 11_336, true),
    ("ubuntu", "Ubuntu is a Debian-based Linux operating system based on free software.", 17_528, true),
    ("debian", "Debian is a Linux distribution that's composed entirely of free software.", 5_123, true),
    ("mysql", "MySQL is a widely used, open-source relational database management system.", 15_802, true),
    ("mariadb", "MariaDB Server is a high performing open source relational database.", 6_001, true),
    ("postgres", "The PostgreSQL object-relational database system provides reliability.", 14_218, true),
    ("mongo", "MongoDB document databases provide high availability and easy scalability.", 10_493, true),
    ("node", "Node.js is a JavaScript-based platform for server-side applications.", 13_873, true),
    ("python", "Python is an interpreted, interactive, object-oriented language.", 10_151, true),
    ("golang", "Go (golang) is a general purpose, higher-level, imperative language.", 5_025, true),
    ("httpd", "The Apache HTTP Server Project", 4_839, true),
    ("hello-world", "Hello World! (an example of minimal Dockerization)", 2_412, true),
    ("registry", "Distribution implementation for storing and distributing container images.", 4_137, true),
    (
        "wordpress",
        "The WordPress rich content management system can utilize plugins and themes.",
        5_870,
        true,
    ),
    ("centos", "DEPRECATED; The official build of CentOS.", 7_784, true),
    ("rabbitmq", "RabbitMQ is an open source multi-protocol messaging broker.", 5_226, true),
    ("memcached", "Free & open source, high-performance, distributed memory object caching.", 2_326, true),
    ("traefik", "Traefik, The Cloud Native Edge Router", 3_500, true),
    ("prom/prometheus", "The Prometheus monitoring system and time series database.", 2_000, false),
    ("grafana/grafana", "The official Grafana docker container", 3_200, false),
    ("luksa/kubia", "", 26, false),
];

/// Answers the request.
///
/// # Errors
/// Limits out of range, unknown filters.
pub fn search(call: &Call<'_>) -> Result<Response, Fault> {
    let limit = match call.param("limit") {
        "" => 25,
        text => text
            .parse::<i64>()
            .map_err(|_| Fault::invalid(format!("strconv.Atoi: parsing {text:?}: invalid syntax")))?,
    };
    let limit = if limit == 0 { 25 } else { limit };
    if !(1..=100).contains(&limit) {
        return Err(Fault::invalid(format!("limit {limit} is outside the range of [1, 100]")));
    }
    let filters = Filters::of(call.request, &["is-automated", "is-official", "stars"])?;
    let official = filters.flag("is-official")?;
    let automated = filters.flag("is-automated")?;
    let mut stars = 0;
    for value in filters.values("stars") {
        stars = value.parse().map_err(|_| Fault::invalid(format!("invalid filter 'stars=[{value}]'")))?;
    }
    let term = call.param("term").trim_start_matches("docker.io/").trim_start_matches("library/");
    let found = INDEX.iter().filter(|e| {
        e.0.contains(term) && official.is_none_or(|o| o == e.3) && automated != Some(true) && e.2 >= stars
    });
    let rows = found.take(limit as usize).map(|(name, description, stars, official)| {
        json!({
            "star_count": *stars, "is_official": *official, "name": *name, "is_automated": false,
            "description": *description,
        })
    });
    Ok(answer(200, &Json::list(rows)))
}
