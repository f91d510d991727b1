//! What there is of a project already: its containers, by service and number.

use super::body::project_filter;
use crate::docker::api::{Engine, Failure};
use drydock_container::Sys;
use drydock_machinery::Value;
use drydock_machinery::sort::Arrange;
use drydock_network::http::Request;

/// A container of a project.
#[derive(Clone, Debug, Default, PartialEq, Hash)]
pub struct Found {
    pub id: String,
    pub name: String,
    pub service: String,
    pub number: i64,
    pub hash: String,
    /// Id of its image when it was made.
    pub image_id: String,
    pub state: String,
    pub oneoff: bool,
    /// As `GET /containers/json` gives it.
    pub summary: Value,
}

impl Found {
    #[must_use]
    pub fn is_running(&self) -> bool {
        matches!(self.state.as_str(), "running" | "paused" | "restarting")
    }
    /// `web-1`, as logs name it.
    #[must_use]
    pub fn short(&self, project: &str) -> String {
        self.name.strip_prefix(&format!("{project}-")).unwrap_or(&self.name).to_string()
    }
}

/// A container from its summary.
#[must_use]
pub fn found(summary: &Value) -> Found {
    let label = |key: &str| summary["Labels"].get(&format!("com.docker.compose.{key}")).text().to_string();
    Found {
        id: summary["Id"].text().into(),
        name: summary["Names"]
            .items()
            .first()
            .map(|n| n.text().trim_start_matches('/').to_string())
            .unwrap_or_default(),
        service: label("service"),
        number: label("container-number").parse().unwrap_or(0),
        hash: label("config-hash"),
        image_id: label("image"),
        state: summary["State"].text().into(),
        oneoff: label("oneoff") == "True",
        summary: summary.clone(),
    }
}

/// The project's containers by service and number; one-off ones only when asked for.
///
/// # Errors
/// The daemon's refusal.
pub fn containers(
    sys: &mut Sys<'_>,
    engine: &Engine,
    project: &str,
    oneoff: bool,
) -> Result<Vec<Found>, Failure> {
    let request =
        Request::get("/containers/json").query("all", "1").query("filters", project_filter(project));
    let list = engine.call(sys, request)?.json();
    let mut all: Vec<Found> = list.items().iter().map(found).filter(|f| oneoff || !f.oneoff).collect();
    all.arrange_by(|a, b| (&a.service, a.number, &a.name).cmp(&(&b.service, b.number, &b.name)));
    Ok(all)
}

/// The id of an image; "" when there is none.
#[must_use]
pub fn image_id(sys: &mut Sys<'_>, engine: &Engine, image: &str) -> String {
    let found = engine.get(sys, format!("/images/{image}/json"));
    found.map(|image| image["Id"].text().to_string()).unwrap_or_default()
}
