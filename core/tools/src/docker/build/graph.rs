//! What is known of a BuildKit build from its messages: vertexes with their statuses, logs and times.

use drydock_machinery::Value;

/// A part of a vertex.
#[derive(Clone, Debug, Default, PartialEq, Hash)]
pub struct Status {
    pub id: String,
    pub current: i64,
    pub total: i64,
    pub started: i64,
    pub completed: Option<i64>,
    /// It changed since it was last printed.
    pub fresh: bool,
}

/// A vertex. Times in milliseconds since the build began.
#[derive(Clone, Debug, Default, PartialEq, Hash)]
pub struct Vertex {
    pub name: String,
    pub started: i64,
    pub completed: Option<i64>,
    pub cached: bool,
    pub error: String,
    pub statuses: Vec<Status>,
    /// Whole lines with the seconds in front; a last one may still grow.
    pub lines: Vec<String>,
    /// Lines already printed.
    pub printed: usize,
    /// The last line has no end yet.
    pub partial: bool,
}

/// All of a build.
#[derive(Clone, Debug, Default, PartialEq, Hash)]
pub struct Graph {
    /// Stands in front of every name: the service compose builds.
    pub prefix: String,
    pub vertexes: Vec<Vertex>,
    /// The image's id, once known.
    pub image: String,
    /// What it failed with, and the lines that are to blame.
    pub error: Option<(String, Value)>,
}

impl Graph {
    /// Takes a message in; gives the vertex it is about, from 0.
    pub fn take(&mut self, message: &Value) -> Option<usize> {
        if let Some(error) = message.find("error") {
            self.error = Some((error.text().to_string(), message["source"].clone()));
            return None;
        }
        let aux = message.get("aux");
        if message["id"].text() == "moby.image.id" {
            self.image = aux["ID"].text().to_string();
            return None;
        }
        let at = usize::try_from(aux["vertex"].int()).ok()?.checked_sub(1)?;
        if aux.find("name").is_some() && at == self.vertexes.len() {
            let (name, started) = (self.named(aux["name"].text()), aux["started"].int());
            self.vertexes.push(Vertex { name, started, ..Vertex::default() });
            return Some(at);
        }
        let vertex = self.vertexes.get_mut(at)?;
        if let Some(id) = aux.find("status") {
            let status = Status {
                id: id.text().to_string(),
                current: aux["current"].int(),
                total: aux["total"].int(),
                started: aux["started"].int(),
                completed: aux.find("completed").map(Value::int),
                fresh: true,
            };
            match vertex.statuses.iter_mut().find(|s| s.id == status.id) {
                Some(old) => *old = status,
                None => vertex.statuses.push(status),
            }
        } else if let Some(log) = aux.find("log") {
            let seconds = seconds(aux["at"].int());
            for piece in log.text().split_inclusive('\n') {
                let text = piece.trim_end_matches('\n');
                match vertex.lines.last_mut().filter(|_| vertex.partial) {
                    Some(line) => line.push_str(text),
                    None => vertex.lines.push(format!("{seconds} {text}")),
                }
                vertex.partial = !piece.ends_with('\n');
            }
        } else if let Some(completed) = aux.find("completed") {
            vertex.completed = Some(completed.int());
            vertex.cached = aux["cached"].bool();
            vertex.error = aux["error"].text().to_string();
        }
        Some(at)
    }
    fn named(&self, name: &str) -> String {
        match (self.prefix.as_str(), name.strip_prefix('[')) {
            ("", _) => name.to_string(),
            (prefix, Some(rest)) => format!("[{prefix} {rest}"),
            (prefix, None) => format!("[{prefix}] {name}"),
        }
    }
    /// The failed vertex and the end of its log, the lines to blame, and the error: what stands below a
    /// failed build's progress.
    #[must_use]
    pub fn failure(&self) -> String {
        let Some((error, source)) = &self.error else { return String::new() };
        let mut out = String::new();
        for vertex in self.vertexes.iter().filter(|v| !v.error.is_empty()) {
            out.push_str(&format!("------\n > {}:\n", vertex.name));
            for line in vertex.lines.iter().skip(vertex.lines.len().saturating_sub(10)) {
                out.push_str(line);
                out.push('\n');
            }
            out.push_str("------\n");
        }
        out.push_str(&excerpt(source));
        let mark = if self.prefix.is_empty() { "ERROR: " } else { "" };
        out.push_str(&format!("{mark}failed to solve: {error}\n"));
        out
    }
}

/// Seconds as BuildKit puts them before a log line: five characters.
fn seconds(ms: i64) -> String {
    let text = format!("{:.4}", ms.max(0) as f64 / 1000.0);
    text.get(..5).unwrap_or(&text).to_string()
}

/// The lines around those to blame, marked.
#[must_use]
pub fn excerpt(source: &Value) -> String {
    let (start, end) = (source["start"].int(), source["end"].int());
    let lines: Vec<&str> = source["data"].text().split('\n').collect();
    let count = lines.len() as i64;
    if start < 1 || start > count {
        return String::new();
    }
    let end = end.clamp(start, count);
    let (mut first, mut last, mut shown) = (start, end, 0);
    let room = if first == last { 4 } else { 2 };
    while shown < room {
        if first > 1 {
            first -= 1;
            shown += 1;
        }
        if last != count {
            last += 1;
            shown += 1;
        }
        shown += 1;
    }
    let mut out = format!("{}:{start}\n--------------------\n", source["filename"].text());
    for number in first..=last {
        let mark = if (start..=end).contains(&number) { ">>>" } else { "   " };
        let line = usize::try_from(number - 1).ok().and_then(|n| lines.get(n)).copied().unwrap_or("");
        out.push_str(&format!(" {number:>3} | {mark} {line}\n"));
    }
    out.push_str("--------------------\n");
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use drydock_machinery::value;

    #[test]
    fn lines_to_blame_with_their_neighbours() {
        let of = |data: &str, start: i64, end: i64| {
            excerpt(&value!({ "filename": "Dockerfile", "start": start, "end": end, "data": data }))
        };
        assert_eq!(
            of("FROM a\nRUN false\n", 2, 2),
            "Dockerfile:2\n--------------------\n   1 |     FROM a\n   2 | >>> RUN false\n   3 |     \n--------------------\n"
        );
        assert_eq!(of("1\n2\n3\n4\n5\n6\n7\n", 4, 4).lines().count(), 5 + 3);
        assert_eq!(of("1\n2\n3\n4\n5\n6\n7\n", 3, 4).lines().count(), 4 + 3);
    }
    #[test]
    fn seconds_have_five_characters() {
        assert_eq!([0, 323, 12_340, 123_400].map(seconds), ["0.000", "0.323", "12.34", "123.4"]);
    }
}
