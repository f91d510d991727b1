//! Lines into statements, commands and rows of COPY.

use super::*;

impl Client {
    /// Adds input and takes complete statements and commands out of it.
    pub(super) fn take(&mut self, text: &str, last: bool) {
        for line in text.split_inclusive('\n') {
            let plain = line.trim_end_matches(['\n', '\r']);
            if let Some((head, rows)) = &mut self.copy {
                if plain == "\\." {
                    let sql = copied(head, rows);
                    self.copy = None;
                    if !sql.is_empty() {
                        self.jobs.push_back(Job::Query(sql, self.line));
                    }
                } else {
                    rows.push(plain.to_string());
                }
                self.line += 1;
                continue;
            }
            let trimmed = plain.trim_start();
            if trimmed.starts_with('\\') && self.buffer.trim().is_empty() {
                self.buffer.clear();
                self.jobs.push_back(Job::Meta(trimmed.trim_end().to_string()));
                self.line += 1;
                continue;
            }
            // \gx and friends after a statement.
            let line = match plain
                .trim_end()
                .strip_suffix("\\gx")
                .or_else(|| plain.trim_end().strip_suffix("\\g"))
            {
                Some(sql) => format!("{sql};\n"),
                None => line.to_string(),
            };
            self.buffer += &line;
            let mut rest = String::new();
            for (part, complete) in lexer::split(&self.buffer, Dialect::Postgres, ";") {
                if !complete {
                    rest = part;
                    continue;
                }
                self.complete(&part);
            }
            self.buffer = rest;
            self.line += 1;
            if self.buffer.lines().all(|l| l.trim().is_empty() || l.trim_start().starts_with("--")) {
                self.buffer.clear();
            }
        }
        if last && !self.buffer.trim().is_empty() {
            let part = std::mem::take(&mut self.buffer);
            self.complete(&part);
        }
    }
    pub(super) fn complete(&mut self, part: &str) {
        let sql = part
            .lines()
            .skip_while(|l| l.trim().is_empty() || l.trim_start().starts_with("--"))
            .collect::<Vec<_>>()
            .join("\n");
        let sql = sql.trim().to_string();
        let low = sql.to_lowercase();
        if low.starts_with("copy ") && low.ends_with("from stdin") {
            self.copy = Some((sql, Vec::new()));
        } else if !sql.is_empty() {
            self.jobs.push_back(Job::Query(sql, self.line));
        }
    }
    pub(super) fn prompt(&self, sys: &Sys<'_>) -> String {
        // The superuser is the one of the image's environment.
        let first = sys.env("POSTGRES_USER").unwrap_or_else(|| "postgres".into());
        let sharp = if *self.user == *first { '#' } else { '>' };
        let mark = if self.mark == ' ' { String::new() } else { self.mark.to_string() };
        let state = match () {
            () if self.buffer.trim().is_empty() => '=',
            () if self.buffer.matches('\'').count() % 2 == 1 => '\'',
            () if self.buffer.matches('(').count() > self.buffer.matches(')').count() => '(',
            () => '-',
        };
        if self.copy.is_some() {
            return ">> ".into();
        }
        format!("{}{state}{mark}{sharp} ", self.database)
    }
    pub(super) fn read(&mut self, sys: &mut Sys<'_>) -> Step {
        if self.interactive && !self.prompted {
            let prompt = self.prompt(sys);
            sys.print(&prompt);
            self.prompted = true;
        }
        match sys.read_line(STDIN) {
            Read::Data(bytes) => {
                self.prompted = false;
                let line = String::from_utf8_lossy(&bytes).into_owned();
                let word = line.trim().trim_end_matches(';').to_lowercase();
                if self.interactive
                    && self.buffer.trim().is_empty()
                    && matches!(word.as_str(), "exit" | "quit")
                {
                    return Step::Exit(0);
                }
                if self.interactive && self.buffer.trim().is_empty() && word == "help" {
                    sys.print("You are using psql, the command-line interface to PostgreSQL.\nType:  \\copyright for distribution terms\n       \\h for help with SQL commands\n       \\? for help with psql commands\n       \\g or terminate with semicolon to execute query\n       \\q to quit\n");
                    return Step::Again;
                }
                self.take(&line, false);
                Step::Again
            }
            Read::Block => Step::wait(Wait::Readable(STDIN)),
            Read::End | Read::Failed(_) => {
                self.ended = true;
                self.options.push("\u{2}".into());
                self.take("", true);
                if self.interactive {
                    sys.print("\\q\n");
                    return Step::Exit(0);
                }
                Step::Again
            }
        }
    }
}

/// COPY's rows as an INSERT.
pub(super) fn copied(head: &str, rows: &[String]) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let target = head.get(5..).unwrap_or("");
    let end = target.to_lowercase().rfind("from stdin").unwrap_or(target.len());
    let values: Vec<String> = rows
        .iter()
        .map(|row| {
            let cells: Vec<String> = row
                .split('\t')
                .map(|c| match c {
                    "\\N" => "NULL".into(),
                    c => format!(
                        "'{}'",
                        c.replace("\\t", "\t").replace("\\n", "\n").replace("\\\\", "\\").replace('\'', "''")
                    ),
                })
                .collect();
            format!("({})", cells.join(", "))
        })
        .collect();
    format!("INSERT INTO {} VALUES {}", target.get(..end).unwrap_or(""), values.join(", "))
}
