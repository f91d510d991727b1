//! The flags themselves, in groups.

use super::checks;
use crate::cli::{Flag, Kind};
use crate::docker::units::{check_memory, check_swap};

const fn list(name: &'static str, short: char, about: &'static str) -> Flag {
    Flag::array(name, short, about).called("list")
}
const fn text(name: &'static str, short: char, about: &'static str) -> Flag {
    Flag::string(name, short, "", about)
}
const fn int(name: &'static str, short: char, about: &'static str) -> Flag {
    Flag::int(name, short, "0", about)
}
const fn memory(name: &'static str, short: char, about: &'static str) -> Flag {
    Flag::string(name, short, "", about).checked("bytes", check_memory)
}

/// What only `run` takes.
pub const RUN_ONLY: &[Flag] = &[
    Flag::bool("detach", 'd', false, "Leave the container in the background and print its ID"),
    Flag::bool("sig-proxy", '\0', true, "Pass signals on to the container's process"),
    text("detach-keys", '\0', "Keys that leave the container running, instead of ctrl-p,ctrl-q"),
];

/// What `run` and `create` take beside the limits.
pub const CREATE: &[Flag] = &[
    list("add-host", '\0', "Another line for /etc/hosts (name:address)").checked("list", checks::host),
    Flag::new(Kind::Array, "annotation", '\0', "[]", "Annotation for the OCI runtime").called("map"),
    list("attach", 'a', "Attach to STDIN, STDOUT or STDERR").checked("list", checks::attach),
    list("blkio-weight-device", '\0', "Relative block IO weight of a device"),
    list("cap-add", '\0', "Give a Linux capability"),
    list("cap-drop", '\0', "Take a Linux capability away"),
    text("cgroup-parent", '\0', "Control group to be created in"),
    text("cgroupns", '\0', "Control group namespace (host|private)"),
    text("cidfile", '\0', "File to write the container's ID to"),
    int("cpu-count", '\0', "Number of processors (Windows only)"),
    int("cpu-percent", '\0', "Percentage of the processors (Windows only)"),
    list("device", '\0', "Device of the host to hand in"),
    list("device-cgroup-rule", '\0', "Rule for the devices control group"),
    list("device-read-bps", '\0', "Most bytes per second read from a device"),
    list("device-read-iops", '\0', "Most reads per second from a device"),
    list("device-write-bps", '\0', "Most bytes per second written to a device"),
    list("device-write-iops", '\0', "Most writes per second to a device"),
    Flag::bool("disable-content-trust", '\0', true, "Do not verify the image's signature"),
    list("dns", '\0', "Name server to ask").checked("list", checks::address),
    list("dns-opt", '\0', "Option for the resolver").hidden(),
    list("dns-option", '\0', "Option for the resolver"),
    list("dns-search", '\0', "Domain to search names in").checked("list", checks::domain),
    text("domainname", '\0', "NIS domain name"),
    text("entrypoint", '\0', "Program to start instead of the image's entry point"),
    list("env", 'e', "Environment variable (NAME=value, or NAME to pass one on)")
        .checked("list", checks::variable),
    list("env-file", '\0', "File of environment variables"),
    list("expose", '\0', "Port or range of ports to expose"),
    text("gpus", '\0', "Graphics processors to hand in ('all' for every one)")
        .checked("gpu-request", checks::gpus),
    list("group-add", '\0', "Another group for the user"),
    text("health-cmd", '\0', "Command that tells whether the container is healthy"),
    Flag::duration("health-interval", "0s", "Time between two health checks"),
    int("health-retries", '\0', "Failures in a row that make the container unhealthy"),
    Flag::duration("health-start-interval", "0s", "Time between checks during the start period"),
    Flag::duration("health-start-period", "0s", "Time a container may take to start before failures count"),
    Flag::duration("health-timeout", "0s", "Longest time one check may take"),
    text("hostname", 'h', "Host name inside"),
    Flag::bool("init", '\0', false, "Put a small init in front that reaps zombies and passes signals on"),
    Flag::bool("interactive", 'i', false, "Keep STDIN open"),
    text("io-maxbandwidth", '\0', "Most IO bandwidth (Windows only)").called("bytes"),
    int("io-maxiops", '\0', "Most IO operations (Windows only)").called("uint"),
    text("ip", '\0', "IPv4 address to have"),
    text("ip6", '\0', "IPv6 address to have"),
    text("ipc", '\0', "IPC namespace to be in"),
    text("isolation", '\0', "Isolation technology (Windows)"),
    memory("kernel-memory", '\0', "Kernel memory limit"),
    list("label", 'l', "Label of the container").checked("list", checks::label),
    list("label-file", '\0', "File of labels"),
    list("link", '\0', "Link to another container").checked("list", checks::link),
    list("link-local-ip", '\0', "Link-local address"),
    text("log-driver", '\0', "What keeps the log"),
    list("log-opt", '\0', "Option of the log driver"),
    text("mac-address", '\0', "MAC address to have"),
    Flag::int("memory-swappiness", '\0', "-1", "How readily memory is swapped out (0 to 100)"),
    list("mount", '\0', "Volume, folder or tmpfs to mount").checked("mount", checks::mount),
    text("name", '\0', "Name of the container"),
    list("net", '\0', "Network to attach to").checked("network", checks::network).hidden(),
    list("net-alias", '\0', "Name in that network").hidden(),
    list("network", '\0', "Network to attach to").checked("network", checks::network),
    list("network-alias", '\0', "Another name in that network"),
    Flag::bool("no-healthcheck", '\0', false, "Do without the image's health check"),
    Flag::bool("oom-kill-disable", '\0', false, "Do not kill when memory runs out"),
    int("oom-score-adj", '\0', "Adjustment of the OOM killer's score (-1000 to 1000)"),
    text("pid", '\0', "PID namespace to be in"),
    text("platform", '\0', "Platform of the image, where there are several"),
    Flag::bool("privileged", '\0', false, "Give all privileges"),
    list("publish", 'p', "Port of the container to reach from the host (host:container)"),
    Flag::bool("publish-all", 'P', false, "Publish all exposed ports on free ones of the host"),
    Flag::string("pull", '\0', "missing", "When to pull the image (\"always\", \"missing\", \"never\")"),
    Flag::bool("quiet", 'q', false, "Do not show the pull"),
    Flag::bool("read-only", '\0', false, "Mount the root filesystem read-only"),
    Flag::bool("rm", '\0', false, "Remove the container and its anonymous volumes when it ends"),
    text("runtime", '\0', "OCI runtime"),
    list("security-opt", '\0', "Security option"),
    memory("shm-size", '\0', "Size of /dev/shm"),
    text("stop-signal", '\0', "Signal that stops the container"),
    int("stop-timeout", '\0', "Seconds to wait for a stop"),
    list("storage-opt", '\0', "Option of the storage driver"),
    Flag::new(Kind::Array, "sysctl", '\0', "[]", "Kernel parameter").checked("map", checks::sysctl),
    list("tmpfs", '\0', "Folder to mount a tmpfs on"),
    Flag::bool("tty", 't', false, "Give it a terminal"),
    list("ulimit", '\0', "Limit of the process").checked("ulimit", checks::ulimit),
    Flag::bool("use-api-socket", '\0', false, "Hand in the Docker socket and logins"),
    text("user", 'u', "User to run as (name or uid, with :group)"),
    text("userns", '\0', "User namespace to be in"),
    text("uts", '\0', "UTS namespace to be in"),
    list("volume", 'v', "Volume or folder to mount (name-or-path:path[:ro])"),
    text("volume-driver", '\0', "Driver of volumes"),
    list("volumes-from", '\0', "Container whose volumes to mount"),
    text("workdir", 'w', "Folder to start in"),
];

/// Limits and the restart policy: what can be changed later too.
pub const RUNNING: &[Flag] = &[
    text("blkio-weight", '\0', "Relative block IO weight (10 to 1000, 0 for none)")
        .checked("uint16", checks::uint16),
    int("cpu-period", '\0', "Length of a period of the CPU quota"),
    int("cpu-quota", '\0', "CPU time per period"),
    int("cpu-rt-period", '\0', "Length of a real-time period in microseconds"),
    int("cpu-rt-runtime", '\0', "Real-time CPU per period in microseconds"),
    int("cpu-shares", 'c', "Relative weight of CPU time"),
    text("cpus", '\0', "Number of processors").checked("decimal", checks::cpus),
    text("cpuset-cpus", '\0', "Processors to run on (0-3, 0,1)"),
    text("cpuset-mems", '\0', "Memory nodes to use (0-3, 0,1)"),
    memory("memory", 'm', "Most memory"),
    memory("memory-reservation", '\0', "Memory to fall back to under pressure"),
    text("memory-swap", '\0', "Most memory and swap together ('-1' for no limit)")
        .checked("bytes", check_swap),
    int("pids-limit", '\0', "Most processes (-1 for no limit)"),
    Flag::string("restart", '\0', "no", "What to do when the container ends"),
];
