//! `docker stats`: CPU, memory, network and disk of containers, once or again and again.

use crate::cli::{Command, Flag, Flow, Invocation, Outcome};
use crate::docker::api::{Engine, Failure, Messages, Next};
use crate::docker::formatter::{self, Kind, Row};
use crate::docker::{filters, units, usage};
use drydock_container::machine::Behave;
use drydock_container::{Step, Sys, Wait};
use drydock_machinery::{Value, value};
use drydock_network::http::Request;

pub const COMMAND: Command = Command {
    name: "stats",
    usage: "[OPTIONS] [CONTAINER...]",
    short: "Show what containers use, as it changes",
    long: "docker container stats, docker stats",
    flags: &[FLAGS],
    run,
    ..Command::BASE
};

const FLAGS: &[Flag] = &[
    Flag::bool("all", 'a', false, "Those that do not run too"),
    Flag::string("format", '\0', "", filters::FORMAT_ABOUT),
    Flag::bool("no-stream", '\0', false, "Only one look"),
    Flag::bool("no-trunc", '\0', false, "Do not shorten anything"),
];

const KIND: Kind = Kind {
    context: "*container.statsContext",
    columns: &[
        ("Container", "CONTAINER"),
        ("Name", "NAME"),
        ("ID", "CONTAINER ID"),
        ("CPUPerc", "CPU %"),
        ("MemUsage", "MEM USAGE / LIMIT"),
        ("MemPerc", "MEM %"),
        ("NetIO", "NET I/O"),
        ("BlockIO", "BLOCK I/O"),
        ("PIDs", "PIDS"),
    ],
};
const TABLE: &str = "table {{.ID}}\t{{.Name}}\t{{.CPUPerc}}\t{{.MemUsage}}\t{{.MemPerc}}\t{{.NetIO}}\t{{.BlockIO}}\t{{.PIDs}}";

fn run(invocation: &mut Invocation<'_, '_>) -> Outcome {
    let _ = usage::at_least(invocation, 0);
    let engine = Engine::connect(invocation)?;
    let mut names = invocation.args.clone();
    let named = !names.is_empty();
    if !named {
        let mut request = Request::get("/containers/json");
        if invocation.bool("all") {
            request = request.query("all", "1");
        }
        let list = engine.call(invocation.sys, request)?.json();
        names = list.items().iter().map(|c| formatter::short_id(c["Id"].text())).collect();
    }
    let mut format = invocation.str("format").to_string();
    if format.is_empty() {
        format = engine.settings.format("statsFormat").into();
    }
    let once = invocation.bool("no-stream");
    let streams = names
        .iter()
        .map(|name| {
            let request = Request::get(format!("/containers/{name}/stats"))
                .query("stream", if once { "0" } else { "1" });
            (name.clone(), engine.messages(invocation.sys, request), None)
        })
        .collect();
    let truncate = !invocation.bool("no-trunc");
    let watching = Watching { streams, format, once, truncate, next: 0, named };
    Ok(Flow::Continue(Box::new(watching)))
}

type Watched = (String, Result<Messages, Failure>, Option<Value>);

#[derive(Clone, Hash)]
struct Watching {
    /// Container, its stream, and the last that came of it.
    streams: Vec<Watched>,
    format: String,
    once: bool,
    truncate: bool,
    next: u64,
    named: bool,
}

impl Watching {
    /// Takes what has come; whether anything is missing still.
    fn take(&mut self, sys: &mut Sys<'_>) -> Option<Vec<Wait>> {
        let mut waits = Vec::new();
        let mut missing = false;
        for (_, stream, last) in &mut self.streams {
            let Ok(messages) = stream else { continue };
            loop {
                if self.once && last.is_some() {
                    break;
                }
                match messages.next(sys) {
                    Next::Message(message) => *last = Some(message),
                    Next::Wait(wait) => {
                        waits.push(wait);
                        missing |= last.is_none();
                        break;
                    }
                    Next::End => break,
                }
            }
        }
        missing.then_some(waits)
    }
    fn print(&self, sys: &mut Sys<'_>) -> Result<(), crate::cli::Error> {
        let rows: Vec<Row> = self
            .streams
            .iter()
            .filter(|s| s.1.is_ok())
            .map(|(name, _, last)| row(name, last.as_ref().unwrap_or(&Value::Null), self.truncate))
            .collect();
        let text = formatter::render(&KIND, &self.format, TABLE, &rows)?;
        let clear = if self.once { "" } else { "\x1b[2J\x1b[H" };
        sys.print(&format!("{clear}{text}"));
        Ok(())
    }
}

/// One line; zeroes before the first message.
fn row(name: &str, stats: &Value, truncate: bool) -> Row {
    let id = stats["id"].text();
    let id = if truncate { formatter::short_id(id) } else { id.to_string() };
    let (cpu, before) = (&stats["cpu_stats"], &stats["precpu_stats"]);
    let spent = cpu["cpu_usage"]["total_usage"].int() - before["cpu_usage"]["total_usage"].int();
    let system = cpu["system_cpu_usage"].int() - before["system_cpu_usage"].int();
    let processors = cpu["online_cpus"].int().max(1);
    let percent =
        if spent > 0 && system > 0 { spent as f64 / system as f64 * processors as f64 * 100.0 } else { 0.0 };
    let memory = &stats["memory_stats"];
    let inactive = memory["stats"]["total_inactive_file"].int().max(memory["stats"]["inactive_file"].int());
    let usage = memory["usage"].int();
    let used = if inactive < usage { usage - inactive } else { usage };
    let limit = memory["limit"].int();
    let share = if limit > 0 { used as f64 / limit as f64 * 100.0 } else { 0.0 };
    let sum = |field: &str| stats["networks"].entries().iter().map(|(_, n)| n[field].int()).sum::<i64>();
    let block = |kind: &str| {
        stats["blkio_stats"]["io_service_bytes_recursive"]
            .items()
            .iter()
            .filter(|e| e["op"].text().eq_ignore_ascii_case(kind))
            .map(|e| e["value"].int())
            .sum::<i64>()
    };
    let title = stats["name"].text().trim_start_matches('/');
    let title = if title.is_empty() { "--" } else { title };
    Row::new(value!({
        "Container": name, "ID": (id), "Name": title, "CPUPerc": (format!("{percent:.2}%")),
        "MemUsage": (format!("{} / {}", units::memory(used), units::memory(limit))),
        "MemPerc": (format!("{share:.2}%")),
        "NetIO": (format!("{} / {}", units::size3(sum("rx_bytes")), units::size3(sum("tx_bytes")))),
        "BlockIO": (format!("{} / {}", units::size3(block("read")), units::size3(block("write")))),
        "PIDs": (stats["pids_stats"]["current"].int().to_string())
    }))
}

impl Behave for Watching {
    fn step(&mut self, sys: &mut Sys<'_>) -> Step {
        let failed: Vec<String> =
            self.streams.iter().filter_map(|s| s.1.as_ref().err()).map(|f| f.text.clone()).collect();
        if !failed.is_empty() && self.named {
            sys.eprint(&(failed.join("\n") + "\n"));
            return Step::Exit(1);
        }
        let missing = self.take(sys);
        if let Some(waits) = missing {
            return Step::Wait(waits);
        }
        if !self.once && sys.now() < self.next {
            return Step::wait(Wait::Until(self.next));
        }
        if let Err(error) = self.print(sys) {
            sys.eprint(&error.text);
            return Step::Exit(error.code);
        }
        if self.once {
            return Step::Exit(0);
        }
        self.next = sys.now() + 500;
        Step::wait(Wait::Until(self.next))
    }
}
