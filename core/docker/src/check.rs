//! What a container may be asked to be: dockerd's checks of settings before anything is made, in its
//! words. Follows `daemon/container.go` and `daemon_unix.go` of moby 26.1.

use crate::fault::Fault;
use drydock_machinery::Value;
use drydock_network::address::Ip;

/// The least memory a container may have, in bytes.
const LEAST_MEMORY: i64 = 6 << 20;

/// Checks a request's settings; gives warnings.
///
/// # Errors
/// The first thing that is wrong.
pub fn settings(body: &Value, host: &Value, cpus: u32) -> Result<Vec<String>, Fault> {
    let workdir = body["WorkingDir"].text();
    if !workdir.is_empty() && !workdir.starts_with('/') {
        return Err(Fault::invalid(format!(
            "the working directory '{workdir}' is invalid, it needs to be an absolute path"
        )));
    }
    for entry in body["Env"].items() {
        if entry.text().starts_with('=') || entry.text().is_empty() {
            return Err(Fault::invalid(format!("invalid environment variable: {}", entry.text())));
        }
    }
    if let signal @ ("0" | "SIG0") = body["StopSignal"].text() {
        return Err(Fault::invalid(format!("invalid signal: {signal}")));
    }
    health(&body["Healthcheck"])?;
    restart_policy(host)?;
    for extra in host["ExtraHosts"].items() {
        let text = extra.text();
        let Some((_, ip)) = text.split_once(':') else {
            return Err(Fault::invalid(format!("bad format for add-host: {text:?}")));
        };
        if Ip::parse(ip).is_none() && ip != "host-gateway" && !ip.contains(':') {
            return Err(Fault::invalid(format!("invalid IP address in add-host: {ip:?}")));
        }
    }
    for (port, _) in host["PortBindings"].entries() {
        let number = port.text().split('/').next().unwrap_or("");
        if number.parse::<u16>().is_err() || number == "0" {
            return Err(Fault::invalid(format!("invalid port specification: {:?}", port.text())));
        }
        for binding in host["PortBindings"].get(port.text()).items() {
            let given = binding["HostPort"].text();
            let parts = given.split('-');
            if !given.is_empty() && !parts.into_iter().all(|p| p.parse::<u16>().is_ok()) {
                return Err(Fault::invalid(format!("invalid port specification: {given:?}")));
            }
        }
    }
    resources(host, cpus)
}

/// `RestartPolicy`, alone and with `AutoRemove`.
///
/// # Errors
/// Unknown policies and misplaced counts.
pub fn restart_policy(host: &Value) -> Result<(), Fault> {
    let policy = &host["RestartPolicy"];
    let (name, count) = (policy["Name"].text(), policy["MaximumRetryCount"].int());
    match name {
        "" | "no" | "always" | "unless-stopped" if count != 0 => {
            let mut text = String::from(
                "invalid restart policy: maximum retry count can only be used with 'on-failure'",
            );
            if count < 0 {
                text.push_str(" and cannot be negative");
            }
            return Err(Fault::invalid(text));
        }
        "on-failure" if count < 0 => {
            return Err(Fault::invalid("invalid restart policy: maximum retry count cannot be negative"));
        }
        "" | "no" | "always" | "unless-stopped" | "on-failure" => {}
        other => {
            return Err(Fault::invalid(format!(
                "invalid restart policy: unknown policy '{other}'; use one of 'no', 'always', 'on-failure', or 'unless-stopped'"
            )));
        }
    }
    if host["AutoRemove"].bool() && !matches!(name, "" | "no") {
        return Err(Fault::invalid("can't create 'AutoRemove' container with restart policy"));
    }
    Ok(())
}

fn health(check: &Value) -> Result<(), Fault> {
    for field in ["Interval", "Timeout", "StartPeriod", "StartInterval"] {
        let value = check[field].int();
        if value != 0 && value < 1_000_000 {
            return Err(Fault::invalid(format!("{field} in Healthcheck cannot be less than 1ms")));
        }
    }
    if check["Retries"].int() < 0 {
        return Err(Fault::invalid("Retries in Healthcheck cannot be negative"));
    }
    Ok(())
}

/// Memory and processor limits; shared by create and update.
///
/// # Errors
/// What the kernel or the engine would not take.
pub fn resources(host: &Value, cpus: u32) -> Result<Vec<String>, Fault> {
    let number = |field: &str| host[field].int();
    let (memory, swap, reservation) = (number("Memory"), number("MemorySwap"), number("MemoryReservation"));
    let refuse = |text: &str| Err(Fault::invalid(text));
    if memory != 0 && memory < LEAST_MEMORY {
        return refuse("Minimum memory limit allowed is 6MB");
    }
    if memory > 0 && swap > 0 && swap < memory {
        return refuse("Minimum memoryswap limit should be larger than memory limit, see usage");
    }
    if memory == 0 && swap > 0 {
        return refuse("You should always set the Memory limit when using Memoryswap limit, see usage");
    }
    let swappiness = host["MemorySwappiness"].as_int().unwrap_or(-1);
    if !(-1..=100).contains(&swappiness) {
        return Err(Fault::invalid(format!(
            "Invalid value: {swappiness}, valid memory swappiness range is 0-100"
        )));
    }
    if reservation > 0 && reservation < LEAST_MEMORY {
        return refuse("Minimum memory reservation allowed is 6MB");
    }
    if memory > 0 && reservation > memory {
        return refuse("Minimum memory limit can not be less than memory reservation limit, see usage");
    }
    let nano = number("NanoCpus");
    if nano > 0 && number("CpuPeriod") > 0 {
        return refuse("Conflicting options: Nano CPUs and CPU Period cannot both be set");
    }
    if nano > 0 && number("CpuQuota") > 0 {
        return refuse("Conflicting options: Nano CPUs and CPU Quota cannot both be set");
    }
    if nano < 0 || nano > i64::from(cpus) * 1_000_000_000 {
        return Err(Fault::invalid(format!(
            "Range of CPUs is from 0.01 to {cpus}.00, as there are only {cpus} CPUs available"
        )));
    }
    let period = number("CpuPeriod");
    if period != 0 && !(1_000..=1_000_000).contains(&period) {
        return refuse(
            "CPU cfs period can not be less than 1ms (i.e. 1000) or larger than 1s (i.e. 1000000)",
        );
    }
    let quota = number("CpuQuota");
    if quota > 0 && quota < 1_000 {
        return refuse("CPU cfs quota can not be less than 1ms (i.e. 1000)");
    }
    cpuset(host["CpusetCpus"].text(), cpus)?;
    if host["OomKillDisable"].bool() && memory == 0 {
        return Ok(vec![
            "OOM killer is disabled for the container, but no memory limit is set, this can result in the system running out of resources.".into(),
        ]);
    }
    Ok(Vec::new())
}

fn cpuset(text: &str, cpus: u32) -> Result<(), Fault> {
    if text.is_empty() {
        return Ok(());
    }
    for part in text.split(',') {
        let (from, to) = part.split_once('-').unwrap_or((part, part));
        let (Ok(from), Ok(to)) = (from.trim().parse::<u32>(), to.trim().parse::<u32>()) else {
            return Err(Fault::invalid(format!("Invalid value {text} for cpuset cpus")));
        };
        if from > to {
            return Err(Fault::invalid(format!("Invalid value {text} for cpuset cpus")));
        }
        if to >= cpus {
            return Err(Fault::invalid(format!(
                "Requested CPUs are not available - requested {text}, available: 0-{}",
                cpus.saturating_sub(1)
            )));
        }
    }
    Ok(())
}
