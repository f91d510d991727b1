//! A BuildKit build drawn over itself at a terminal. Follows BuildKit's `progressui/display.go`: the same
//! cursor movements, a line for each vertex and status, blue when done, red when failed.

use super::graph::{Graph, Status, Vertex};
use super::plain;

/// What is on the screen.
#[derive(Clone, Debug, Default, PartialEq, Hash)]
pub struct Screen {
    /// Lines below the title.
    lines: usize,
    drawn: bool,
}

const FAINT: &str = "\x1b[2m";
const BLUE: &str = "\x1b[34m";
const RED: &str = "\x1b[31m";
const RESET: &str = "\x1b[0m";

fn fit(text: &str, width: usize) -> String {
    text.chars().take(width).collect()
}

/// Left text, right text at the edge.
fn align(left: &str, right: &str, width: usize) -> String {
    let room = width.saturating_sub(right.chars().count() + 1);
    format!("{left:<room$} {right}")
}

fn line(name: &str, status: &str, ms: i64, width: usize, colour: &str) -> String {
    let seconds = if ms < 50 { 0.0 } else { ms as f64 / 1000.0 };
    let timer = format!(" {seconds:.1}s\n");
    let mut left = width.saturating_sub(4 + timer.len() + 1);
    let shows = !status.is_empty() && left + status.len() > 20;
    if shows {
        left = left.saturating_sub(status.len() + 1);
    }
    if left < 12 {
        return String::new();
    }
    let mut text = format!(" => {}", fit(name, left));
    if shows {
        text = format!("{text} {status}");
    }
    let text = align(&text, &timer, width);
    if colour.is_empty() { text } else { format!("{colour}{text}{RESET}") }
}

fn status_text(status: &Status) -> String {
    match (status.current, status.total) {
        (current, total) if total != 0 => format!("{} / {}", plain::bytes(current), plain::bytes(total)),
        (0, _) => String::new(),
        (current, _) => plain::bytes(current),
    }
}

impl Screen {
    /// Draws the build as it is `now` milliseconds after it began.
    pub fn draw(&mut self, graph: &Graph, now: i64, width: usize, height: usize, over: bool) -> String {
        let mut out = String::new();
        // Nothing is drawn above the first frame.
        out.push_str(&"\x1b[1A".repeat(self.lines + 1));
        if !self.drawn {
            out.push_str("\x1b[1B");
        }
        self.drawn = true;
        out.push_str("\x1b[0G\x1b[?25l");
        let total = graph.vertexes.len();
        let done = graph.vertexes.iter().filter(|v| v.completed.is_some()).count();
        let end = graph.vertexes.iter().filter_map(|v| v.completed).max().unwrap_or(now).max(if over {
            0
        } else {
            now
        });
        let finished = if over { " FINISHED" } else { "" };
        let title = format!("[+] Building {:.1}s ({done}/{total}){finished}", end as f64 / 1000.0);
        out.push_str(&align(&title, "docker:default", width.saturating_sub(1)));
        out.push('\n');
        let mut body: Vec<String> = Vec::new();
        for vertex in &graph.vertexes {
            body.extend(rows(vertex, now, width));
        }
        // All of a finished build is shown; of one that goes on what fits.
        let room = height.saturating_sub(2).max(4);
        if !over && body.len() > room {
            body.drain(..body.len() - room);
        }
        let before = self.lines;
        self.lines = body.len();
        out.extend(body);
        if before > self.lines {
            let gone = before - self.lines;
            for _ in 0..gone {
                out.push_str(&" ".repeat(width));
                out.push('\n');
            }
            out.push_str(&format!("\x1b[{gone}A\x1b[0G"));
        }
        out.push_str("\x1b[?25h");
        out
    }
}

fn rows(vertex: &Vertex, now: i64, width: usize) -> Vec<String> {
    let (mark, colour) = match (vertex.completed, vertex.error.is_empty(), vertex.cached) {
        (Some(_), false, _) => ("ERROR ", RED),
        (Some(_), _, true) => ("CACHED ", BLUE),
        (Some(_), ..) => ("", BLUE),
        (None, ..) => ("", ""),
    };
    let name = format!("{mark}{}", vertex.name.replace('\t', " "));
    let took = vertex.completed.unwrap_or(now) - vertex.started;
    let mut out = vec![line(&name, "", took, width, colour)];
    for status in &vertex.statuses {
        let took = status.completed.unwrap_or(now) - status.started;
        let colour = if status.completed.is_some() { BLUE } else { "" };
        let id = status.id.trim_end_matches(':');
        let id = if id.len() == status.id.len() { id.to_string() } else { status.id.clone() };
        out.push(line(&format!("=> {id}"), &status_text(status), took, width, colour));
    }
    if vertex.completed.is_none() {
        for text in vertex.lines.iter().skip(vertex.lines.len().saturating_sub(6)) {
            let text = text.split_once(' ').map_or("", |t| t.1);
            out.push(format!("{FAINT} => => # {}\n{RESET}", fit(text, width.saturating_sub(10))));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_as_recorded() {
        let mut graph = Graph::default();
        let (name, status) =
            ("[internal] load .dockerignore".to_string(), "transferring context:".to_string());
        let statuses = vec![Status { id: status, current: 2, completed: Some(0), ..Status::default() }];
        graph.vertexes.push(Vertex { name, completed: Some(0), statuses, ..Vertex::default() });
        let mut screen = Screen::default();
        assert_eq!(
            screen.draw(&graph, 0, 80, 24, false),
            "\x1b[1A\x1b[1B\x1b[0G\x1b[?25l[+] Building 0.0s (1/1)                                          docker:default\n\x1b[34m => [internal] load .dockerignore                                          0.0s\n\x1b[0m\x1b[34m => => transferring context: 2B                                            0.0s\n\x1b[0m\x1b[?25h"
        );
        assert!(
            screen
                .draw(&graph, 0, 80, 24, true)
                .starts_with("\x1b[1A\x1b[1A\x1b[1A\x1b[0G\x1b[?25l[+] Building 0.0s (1/1) FINISHED ")
        );
    }
}
