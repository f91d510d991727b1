//! What `STATUS` says: durations in words (`go-units.HumanDuration`) and the state in front of them.

use crate::container::{Container, Status};

/// `About a minute`, `3 hours`, `2 weeks`.
#[must_use]
pub fn human_duration(ms: u64) -> String {
    let seconds = ms / 1000;
    let minutes = seconds / 60;
    // Hours are rounded to the nearest, days and all above are cut.
    let hours = (ms + 1_800_000) / 3_600_000;
    match (seconds, minutes, hours) {
        (0, ..) => "Less than a second".into(),
        (1, ..) => "1 second".into(),
        (s, ..) if s < 60 => format!("{s} seconds"),
        (_, 1, _) => "About a minute".into(),
        (_, m, _) if m < 60 => format!("{m} minutes"),
        (_, _, 1) => "About an hour".into(),
        (_, _, h) if h < 48 => format!("{h} hours"),
        (_, _, h) if h < 24 * 7 * 2 => format!("{} days", h / 24),
        (_, _, h) if h < 24 * 30 * 2 => format!("{} weeks", h / 24 / 7),
        (_, _, h) if h < 24 * 365 * 2 => format!("{} months", h / 24 / 30),
        _ => format!("{} years", ms / 3_600_000 / 24 / 365),
    }
}

/// The `Status` field of a container.
#[must_use]
pub fn text(container: &Container, now: u64) -> String {
    let state = &container.state;
    let since = |moment: Option<u64>| human_duration(now.saturating_sub(moment.unwrap_or(now)));
    match state.status {
        Status::Running => match &state.health {
            Some(health) if &*health.status == "starting" => {
                format!("Up {} (health: starting)", since(state.started))
            }
            Some(health) => format!("Up {} ({})", since(state.started), health.status),
            None => format!("Up {}", since(state.started)),
        },
        Status::Paused => format!("Up {} (Paused)", since(state.started)),
        Status::Restarting => format!("Restarting ({}) {} ago", state.exit_code, since(state.finished)),
        Status::Removing => "Removal In Progress".into(),
        Status::Dead => "Dead".into(),
        Status::Created => "Created".into(),
        Status::Exited => format!("Exited ({}) {} ago", state.exit_code, since(state.finished)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_as_docker_writes_them() {
        for (seconds, text) in [
            (0, "Less than a second"),
            (1, "1 second"),
            (59, "59 seconds"),
            (119, "About a minute"),
            (120, "2 minutes"),
            (3_599, "59 minutes"),
            (5_399, "About an hour"),
            (5_400, "2 hours"),
            (86_399, "24 hours"),
            (172_800, "2 days"),
            (1_209_599, "2 weeks"),
            (2_592_000, "4 weeks"),
            (31_536_000, "12 months"),
        ] {
            assert_eq!(human_duration(seconds * 1000), text, "{seconds}");
        }
    }
}
