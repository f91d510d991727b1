//! `kubectl port-forward`: listens on the laptop's loopback and hands what comes in to a pod's port.
//!
//! One stream to the API server stands for the tunnel; messages then go straight to the pod. Left out:
//! SPDY framing, which nobody can see in here.

use super::Failure;
use super::client::{Client, PROTO, klog_line};
use super::podpick::{self, pick};
use crate::cli::{Command, Error, Flag, Flow, Invocation, Outcome};
use drydock_container::machine::Behave;
use drydock_container::{Step, Sys, Wait};
use drydock_machinery::{Value, quote};
use drydock_network::address::Ip;
use drydock_network::exchange::{Failure as Lost, Target};
use drydock_network::http::{Request, Stream};

pub const COMMAND: Command = Command {
    name: "port-forward",
    usage: "port-forward TYPE/NAME [options] [LOCAL_PORT:]REMOTE_PORT [...[LOCAL_PORT_N:]REMOTE_PORT_N]",
    short: "Forward one or more local ports to a pod",
    long: "Forward one or more local ports to a pod.\n\n Use resource type/name such as deployment/mydeployment to select a pod. Resource type defaults to 'pod' if omitted.\n\n If there are multiple pods matching the criteria, a pod will be selected automatically. The forwarding session ends when the selected pod terminates, and a rerun of the command is needed to resume forwarding.",
    examples: "# Listen on ports 5000 and 6000 locally, forwarding data to/from ports 5000 and 6000 in the pod\nkubectl port-forward pod/mypod 5000 6000\n\n# Listen on port 8443 locally, forwarding to the targetPort of the service's port named \"https\" in a pod selected by the service\nkubectl port-forward service/myservice 8443:https",
    flags: &[FLAGS],
    run,
    ..Command::BASE
};

const FLAGS: &[Flag] = &[
    Flag::slice(
        "address",
        '\0',
        "Addresses to listen on (comma separated). Only accepts IP addresses or localhost as a value. When localhost is supplied, kubectl will try to bind on both 127.0.0.1 and ::1 and will fail if neither of these addresses are available to bind.",
    ),
    Flag::duration(
        "pod-running-timeout",
        "1m0s",
        "The length of time (like 5s, 2m, or 3h, higher than zero) to wait until at least one pod is running",
    ),
];

/// How long the tunnel waits for the pod's answer.
const ANSWER_MS: u64 = 30_000;

fn run(invocation: &mut Invocation<'_, '_>) -> Outcome {
    let (word, ports) = match invocation.args.split_first() {
        Some((word, ports)) if !ports.is_empty() => (word.clone(), ports.to_vec()),
        _ => return Err(usage(invocation)),
    };
    let mut client = Client::new(invocation)?;
    let picked = pick(invocation, &mut client, &word)?;
    let mut pairs = Vec::new();
    for text in &ports {
        pairs.push(parse(text, &picked.named.object, &picked.pod)?);
    }
    let path = podpick::pod_path(&picked.pod, "");
    let pod = client.get(invocation.sys, path.trim_end_matches('/'), PROTO)?;
    let phase = pod["status"]["phase"].text();
    if phase != "Running" {
        return Err(Error::new(format_args!(
            "unable to forward port because pod is not running. Current status={phase}"
        )));
    }
    let request = Request::get(podpick::pod_path(&pod, "portforward"))
        .header("Connection", "Upgrade")
        .header("Upgrade", "websocket")
        .header("Sec-Websocket-Protocol", "SPDY/3.1+portforward.k8s.io");
    let stream = client
        .open(invocation.sys, request)
        .map_err(|failure| Failure::Message(format!("error upgrading connection: {}", failure.text())))?;
    let Some(address) = Ip::parse(pod["status"]["podIP"].text()) else {
        return Err(Error::new("unable to forward port because pod has no address"));
    };
    let addresses = match invocation.list("address") {
        list if list.is_empty() => vec!["localhost".to_string()],
        list => list,
    };
    for (local, remote) in &mut pairs {
        if *local == 0 {
            *local = 32_768
                + u16::try_from(invocation.sys.machines.clock.chance(u64::from(invocation.sys.pid), 28_000))
                    .unwrap_or(0);
        }
        if invocation.sys.listen(*local).is_err() {
            invocation.eprint(&format!(
                "Unable to listen on port {local}: Listeners failed to create with the following errors: [unable to create listener: Error listen tcp4 127.0.0.1:{local}: bind: address already in use]\n"
            ));
            return Err(Error::new(format_args!(
                "unable to listen on any of the requested ports: [{{{local} {remote}}}]"
            )));
        }
        for address in &addresses {
            let lines = match address.as_str() {
                "localhost" => format!(
                    "Forwarding from 127.0.0.1:{local} -> {remote}\nForwarding from [::1]:{local} -> {remote}\n"
                ),
                other => format!("Forwarding from {other}:{local} -> {remote}\n"),
            };
            invocation.print(&lines);
        }
    }
    Ok(Flow::Continue(Box::new(Forward {
        stream,
        address,
        pairs,
        pod: pod["metadata"]["name"].text().to_string(),
        lost: false,
        under_way: Vec::new(),
    })))
}

fn usage(invocation: &Invocation<'_, '_>) -> Error {
    invocation.usage_error("TYPE/NAME and list of ports are required for port-forward")
}

/// `8080`, `8080:80`, `:80`, `8080:http`: local and pod port. A Service's port becomes its target.
fn parse(text: &str, named: &Value, pod: &Value) -> Result<(u16, u16), Error> {
    let (local, remote) = match text.split_once(':') {
        Some((local, remote)) => (Some(local), remote),
        None => (None, text),
    };
    let is_service = named["kind"] == "Service";
    let remote_number =
        if is_service { service_port(remote, named, pod)? } else { pod_port(remote, named, pod)? };
    let local = match local {
        Some("") => 0,
        Some(local) => number(local)?,
        // `5000` listens on 5000 even where the Service's target differs.
        None => remote.parse().unwrap_or(remote_number),
    };
    Ok((local, remote_number))
}

fn number(text: &str) -> Result<u16, Error> {
    let why = match text.parse::<u16>() {
        Ok(number) => return Ok(number),
        Err(_) if text.bytes().all(|b| b.is_ascii_digit()) && !text.is_empty() => "value out of range",
        Err(_) => "invalid syntax",
    };
    let quoted = quote::go(text);
    Err(Error::new(format_args!(
        "error parsing local port '{text}': strconv.ParseUint: parsing {quoted}: {why}"
    )))
}

fn service_port(text: &str, service: &Value, pod: &Value) -> Result<u16, Error> {
    let ports = service["spec"]["ports"].items();
    let found = match text.parse::<i64>() {
        Ok(number) => ports.iter().find(|p| p["port"].int() == number),
        Err(_) => ports.iter().find(|p| p["name"] == text),
    };
    let name = service["metadata"]["name"].text();
    let Some(port) = found else {
        return Err(Error::new(format_args!("Service {name} does not have a service port {text}")));
    };
    match &port["targetPort"] {
        Value::Int(number) if *number > 0 => Ok(u16::try_from(*number).unwrap_or(0)),
        target if target.as_str().is_some() => container_port(target.text(), pod).ok_or_else(|| {
            let pod = pod["metadata"]["name"].text();
            Error::new(format_args!("Pod '{pod}' does not have a named port '{}'", target.text()))
        }),
        _ => Ok(u16::try_from(port["port"].int()).unwrap_or(0)),
    }
}

fn pod_port(text: &str, _named: &Value, pod: &Value) -> Result<u16, Error> {
    if text.is_empty() || text.bytes().all(|b| b.is_ascii_digit()) {
        return match text.parse::<u16>() {
            Ok(0) => Err(Error::new("remote port must be > 0")),
            Ok(number) => Ok(number),
            Err(_) => {
                let quoted = quote::go(text);
                let why = if text.is_empty() { "invalid syntax" } else { "value out of range" };
                Err(Error::new(format_args!(
                    "error parsing remote port '{text}': strconv.ParseUint: parsing {quoted}: {why}"
                )))
            }
        };
    }
    container_port(text, pod).ok_or_else(|| {
        let pod = pod["metadata"]["name"].text();
        Error::new(format_args!("Pod '{pod}' does not have a named port '{text}'"))
    })
}

fn container_port(name: &str, pod: &Value) -> Option<u16> {
    let containers = pod["spec"]["containers"].items().iter();
    let port = containers.flat_map(|c| c["ports"].items()).find(|p| p["name"] == name)?;
    u16::try_from(port["containerPort"].int()).ok()
}

/// The process while it forwards.
#[derive(Clone, Hash)]
struct Forward {
    stream: Stream,
    address: Ip,
    pairs: Vec<(u16, u16)>,
    pod: String,
    lost: bool,
    /// Messages handed on: what came in, what was sent, on which pair.
    under_way: Vec<(u64, u64, u16)>,
}

impl Forward {
    fn local_of(&self, remote: u16) -> u16 {
        self.pairs.iter().find(|pair| pair.1 == remote).map_or(remote, |pair| pair.0)
    }
    fn accept(&mut self, sys: &mut Sys<'_>) {
        while let Some(incoming) = sys.accept() {
            let Some((local, remote)) = self.pairs.iter().copied().find(|p| p.0 == incoming.port) else {
                sys.reset(incoming.id);
                continue;
            };
            sys.print(&format!("Handling connection for {local}\n"));
            let to = Target { ip: self.address, port: remote };
            let sent = sys.send(to, incoming.payload, ANSWER_MS);
            self.under_way.push((incoming.id, sent, remote));
        }
    }
    fn hand_back(&mut self, sys: &mut Sys<'_>) {
        let mut rest = Vec::new();
        for (incoming, sent, port) in std::mem::take(&mut self.under_way) {
            match sys.answer(sent) {
                None => rest.push((incoming, sent, port)),
                Some(Ok(answer)) => sys.respond(incoming, answer),
                Some(Err(why)) => {
                    if why == Lost::Refused {
                        let head = klog_line(sys, 'E', "portforward.go:424");
                        let (local, pod) = (self.local_of(port), &self.pod);
                        sys.eprint(&format!(
                            "{head}\"Unhandled Error\" err=\"an error occurred forwarding {local} -> {port}: error forwarding port {port} to pod {pod}, uid : failed to execute portforward in network namespace: failed to connect to localhost:{port} inside namespace, IPv4: dial tcp4 127.0.0.1:{port}: connect: connection refused IPv6 dial tcp6 [::1]:{port}: connect: connection refused \"\n"
                        ));
                    }
                    sys.reset(incoming);
                    // The runtime closes the whole tunnel with a connection it could not make.
                    self.lost = true;
                }
            }
        }
        self.under_way = rest;
    }
}

impl Behave for Forward {
    fn step(&mut self, sys: &mut Sys<'_>) -> Step {
        self.accept(sys);
        self.hand_back(sys);
        if self.lost {
            sys.eprint("error: lost connection to pod\n");
            return Step::Exit(1);
        }
        let mut waits = vec![Wait::Accept];
        waits.extend(self.under_way.iter().map(|(_, sent, _)| Wait::Answer(*sent)));
        match sys.read_stream(self.stream) {
            drydock_container::machines::Frame::End => {
                sys.eprint("error: lost connection to pod\n");
                Step::Exit(1)
            }
            drydock_container::machines::Frame::Pending => {
                waits.push(Wait::Stream(self.stream));
                Step::Wait(waits)
            }
            _ => Step::Again,
        }
    }
}
