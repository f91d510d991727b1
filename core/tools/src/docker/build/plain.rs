//! A BuildKit build as lines of text: `--progress=plain`, and whenever stderr is no terminal. Follows
//! BuildKit's `progressui/printer.go`.

use super::graph::{Graph, Status};

/// What was printed so far.
#[derive(Clone, Debug, Default, PartialEq, Hash)]
pub struct Plain {
    begun: bool,
    /// The vertex whose block is open, from 0.
    current: Option<usize>,
}

/// `161B`, `1.23kB`.
#[must_use]
pub fn bytes(n: i64) -> String {
    const UNITS: [&str; 6] = ["B", "kB", "MB", "GB", "TB", "PB"];
    let (mut value, mut unit) = (n as f64, 0);
    while value >= 1000.0 && unit + 1 < UNITS.len() {
        value /= 1000.0;
        unit += 1;
    }
    let name = UNITS.get(unit).copied().unwrap_or("B");
    if unit == 0 { format!("{n}{name}") } else { format!("{value:.2}{name}") }
}

fn amount(status: &Status) -> String {
    match (status.current, status.total) {
        (current, total) if total != 0 => format!(" {} / {}", bytes(current), bytes(total)),
        (0, _) => String::new(),
        (current, _) => format!(" {}", bytes(current)),
    }
}

fn seconds(ms: i64) -> String {
    format!("{:.1}s", ms.max(0) as f64 / 1000.0)
}

impl Plain {
    /// The text that says what a message changed at a vertex.
    pub fn show(&mut self, graph: &mut Graph, at: usize) -> String {
        let mut out = String::new();
        if !self.begun {
            self.begun = true;
            out.push_str("#0 building with \"default\" instance using docker driver\n");
        }
        let Some(vertex) = graph.vertexes.get_mut(at) else { return out };
        let number = at + 1;
        if self.current != Some(at) {
            if let Some(open) = self.current {
                out.push_str(&format!("#{} ...\n", open + 1));
            }
            out.push_str(&format!("\n#{number} {}\n", vertex.name));
            self.current = Some(at);
        }
        for status in vertex.statuses.iter_mut().filter(|s| s.fresh) {
            status.fresh = false;
            let took = status.completed.map_or(0, |c| c - status.started);
            let time = if took > 10 { format!(" {}", seconds(took)) } else { String::new() };
            let done = if status.completed.is_some() { " done" } else { "" };
            out.push_str(&format!("#{number} {}{}{time}{done}\n", status.id, amount(status)));
        }
        let over = vertex.completed.is_some();
        let whole = vertex.lines.len() - usize::from(vertex.partial && !over && !vertex.lines.is_empty());
        for line in vertex.lines.iter().take(whole).skip(vertex.printed) {
            out.push_str(&format!("#{number} {line}\n"));
        }
        vertex.printed = vertex.printed.max(whole);
        if let Some(completed) = vertex.completed {
            self.current = None;
            out.push_str(&match (&vertex.error, vertex.cached) {
                (error, _) if error.ends_with("context canceled") => format!("#{number} CANCELED\n"),
                (error, _) if !error.is_empty() => format!("#{number} ERROR: {error}\n"),
                (_, true) => format!("#{number} CACHED\n"),
                _ => format!("#{number} DONE {}\n", seconds(completed - vertex.started)),
            });
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use drydock_machinery::value;

    #[test]
    fn a_vertex_from_start_to_end() {
        let (mut graph, mut plain, mut out) = (Graph::default(), Plain::default(), String::new());
        for aux in [
            value!({ "vertex": 1, "name": "[2/2] RUN x", "started": 10 }),
            value!({ "vertex": 1, "status": "transferring context:", "current": 2_340, "started": 10, "completed": 60 }),
            value!({ "vertex": 1, "log": "a\nb", "at": 323 }),
            value!({ "vertex": 1, "log": "c\n", "at": 400 }),
            value!({ "vertex": 1, "completed": 410 }),
        ] {
            let at = graph.take(&value!({ "aux": aux })).unwrap();
            out += &plain.show(&mut graph, at);
        }
        assert_eq!(
            out,
            "#0 building with \"default\" instance using docker driver\n\n#1 [2/2] RUN x\n#1 transferring context: 2.34kB 0.1s done\n#1 0.323 a\n#1 0.323 bc\n#1 DONE 0.4s\n"
        );
    }
}
