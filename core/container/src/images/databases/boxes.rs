//! Tables as the two clients draw them: mysql's boxes, psql's aligned columns.

/// Cells of a result; none for NULL.
pub type Cells = Vec<Vec<Option<String>>>;

/// Columns on a terminal: East Asian characters take two.
fn width(text: &str) -> usize {
    text.chars().map(|c| if matches!(c, '\u{1100}'..='\u{115F}' | '\u{2E80}'..='\u{A4CF}' | '\u{AC00}'..='\u{D7A3}' | '\u{F900}'..='\u{FAFF}' | '\u{FF00}'..='\u{FF60}') { 2 } else { 1 }).sum()
}
fn pad(text: &str, to: usize, right: bool) -> String {
    let fill = " ".repeat(to.saturating_sub(width(text)));
    if right { fill + text } else { format!("{text}{fill}") }
}

/// mysql's box.
#[must_use]
pub fn mysql(columns: &[(String, bool)], rows: &Cells) -> String {
    let shown = |c: &Option<String>| c.clone().unwrap_or_else(|| "NULL".into());
    let widths: Vec<usize> = columns
        .iter()
        .enumerate()
        .map(|(at, (name, _))| {
            rows.iter()
                .filter_map(|r| r.get(at))
                .map(|c| width(&shown(c)))
                .max()
                .unwrap_or(0)
                .max(width(name))
        })
        .collect();
    let line: String = widths.iter().map(|w| format!("+{}", "-".repeat(w + 2))).collect::<String>() + "+\n";
    let mut out = line.clone();
    for ((name, _), w) in columns.iter().zip(&widths) {
        out += &format!("| {} ", pad(name, *w, false));
    }
    out += "|\n";
    out += &line;
    for row in rows {
        for ((cell, (_, number)), w) in row.iter().zip(columns).zip(&widths) {
            out += &format!("| {} ", pad(&shown(cell), *w, *number));
        }
        out += "|\n";
    }
    out + &line
}

/// mysql's `\G`.
#[must_use]
pub fn vertical(columns: &[(String, bool)], rows: &Cells) -> String {
    let widest = columns.iter().map(|c| width(&c.0)).max().unwrap_or(0);
    let mut out = String::new();
    for (n, row) in rows.iter().enumerate() {
        let stars = "*".repeat(27);
        out += &format!("{stars} {}. row {stars}\n", n + 1);
        for ((name, _), cell) in columns.iter().zip(row) {
            out += &format!("{}: {}\n", pad(name, widest, true), cell.as_deref().unwrap_or("NULL"));
        }
    }
    out
}

/// mysql's batch mode: tabs.
#[must_use]
pub fn tabs(columns: &[(String, bool)], rows: &Cells, names: bool, raw: bool) -> String {
    let mut out = String::new();
    if names {
        out += &columns.iter().map(|c| c.0.as_str()).collect::<Vec<_>>().join("\t");
        out.push('\n');
    }
    let escaped = |c: &Option<String>| match c {
        None => "NULL".into(),
        Some(t) if raw => t.clone(),
        Some(t) => t.replace('\\', "\\\\").replace('\n', "\\n").replace('\t', "\\t"),
    };
    for row in rows {
        out += &row.iter().map(escaped).collect::<Vec<_>>().join("\t");
        out.push('\n');
    }
    out
}

/// How psql prints.
#[derive(Clone, Debug, Default, Hash)]
pub struct Psql {
    pub tuples: bool,
    pub unaligned: bool,
    pub expanded: bool,
    pub csv: bool,
    pub separator: String,
    pub null: String,
}

impl Psql {
    fn row(&self, cells: &[String], numbers: &[bool], widths: &[usize]) -> String {
        let parts: Vec<Vec<&str>> = cells.iter().map(|c| c.split('\n').collect()).collect();
        let height = parts.iter().map(Vec::len).max().unwrap_or(1);
        let mut out = String::new();
        for line in 0..height {
            let mut text = String::new();
            for (at, part) in parts.iter().enumerate() {
                let last = at + 1 == parts.len();
                let cell = part.get(line).copied().unwrap_or("");
                let more = line + 1 < part.len();
                let number = numbers.get(at).copied().unwrap_or(false);
                let w = widths.get(at).copied().unwrap_or(0);
                let shown = if last && !number && !more { cell.to_string() } else { pad(cell, w, number) };
                text += &format!(
                    "{}{shown}{}",
                    if at == 0 { " " } else { "| " },
                    if more {
                        "+"
                    } else if last {
                        ""
                    } else {
                        " "
                    }
                );
            }
            out += &text;
            out.push('\n');
        }
        out
    }
    /// A table with its title and notes.
    #[must_use]
    pub fn table(&self, title: &str, columns: &[(String, bool)], rows: &Cells, notes: &[String]) -> String {
        let text: Vec<Vec<String>> = rows
            .iter()
            .map(|r| r.iter().map(|c| c.clone().unwrap_or_else(|| self.null.clone())).collect())
            .collect();
        let count = if rows.len() == 1 { "(1 row)".to_string() } else { format!("({} rows)", rows.len()) };
        let footer = if notes.is_empty() { count } else { notes.join("\n") };
        let mut out = String::new();
        if self.csv || self.unaligned {
            let by = if self.csv { "," } else { &self.separator };
            let quote = |t: &str| match self.csv && (t.contains([',', '"', '\n'])) {
                true => format!("\"{}\"", t.replace('"', "\"\"")),
                false => t.to_string(),
            };
            if !title.is_empty() && !self.csv && !self.tuples {
                out += &format!("{title}\n");
            }
            if !self.tuples {
                out += &columns.iter().map(|c| quote(&c.0)).collect::<Vec<_>>().join(by);
                out.push('\n');
            }
            for row in &text {
                out += &row.iter().map(|c| quote(c)).collect::<Vec<_>>().join(by);
                out.push('\n');
            }
            if !self.tuples && !self.csv {
                out += &format!("{footer}\n");
            }
            return out;
        }
        if self.expanded {
            return self.records(columns, &text);
        }
        let widths: Vec<usize> = columns
            .iter()
            .enumerate()
            .map(|(at, (name, _))| {
                text.iter()
                    .filter_map(|r| r.get(at))
                    .flat_map(|c| c.split('\n'))
                    .map(width)
                    .max()
                    .unwrap_or(0)
                    .max(width(name))
            })
            .collect();
        let total: usize = widths.iter().map(|w| w + 3).sum::<usize>().saturating_sub(1);
        if !self.tuples {
            if !title.is_empty() {
                let left = total.saturating_sub(width(title)) / 2;
                out += &format!("{}{title}\n", " ".repeat(left));
            }
            for (at, ((name, _), w)) in columns.iter().zip(&widths).enumerate() {
                let space = w - width(name);
                let (left, right) = (" ".repeat(space / 2), " ".repeat(space.div_ceil(2)));
                out += &format!("{} {left}{name}{right} ", if at == 0 { "" } else { "|" });
            }
            out.push('\n');
            out += &widths.iter().map(|w| "-".repeat(w + 2)).collect::<Vec<_>>().join("+");
            out.push('\n');
        }
        let numbers: Vec<bool> = columns.iter().map(|c| c.1).collect();
        for row in &text {
            out += &self.row(row, &numbers, &widths);
        }
        if !self.tuples {
            out += &format!("{footer}\n");
        }
        out + "\n"
    }
    /// `\x`
    fn records(&self, columns: &[(String, bool)], rows: &[Vec<String>]) -> String {
        if rows.is_empty() {
            return "(0 rows)\n\n".into();
        }
        let widest = columns.iter().map(|c| width(&c.0)).max().unwrap_or(0);
        let values = rows.iter().flatten().map(|c| width(c)).max().unwrap_or(0);
        let mut out = String::new();
        for (n, row) in rows.iter().enumerate() {
            let head = format!("-[ RECORD {} ]", n + 1);
            let (left, right) = (widest + 1, values + 1);
            let line = match head.len() {
                l if l <= left => format!("{head}{}+{}", "-".repeat(left - l), "-".repeat(right)),
                l => format!("{head}{}", "-".repeat((left + 1 + right).saturating_sub(l))),
            };
            out += &format!("{line}\n");
            for ((name, _), cell) in columns.iter().zip(row) {
                out += format!("{} | {cell}", pad(name, widest, false)).trim_end();
                out.push('\n');
            }
        }
        out + "\n"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(rows: &[&[&str]]) -> Cells {
        rows.iter().map(|r| r.iter().map(|c| (*c != "~").then(|| (*c).to_string())).collect()).collect()
    }

    #[test]
    fn tables_are_drawn_as_by_the_real_clients() {
        let columns = [("id".to_string(), true), ("name".to_string(), false)];
        let rows = cells(&[&["1", "Alice"], &["12", "~"]]);
        assert_eq!(
            mysql(&columns, &rows),
            "+----+-------+\n| id | name  |\n+----+-------+\n|  1 | Alice |\n| 12 | NULL  |\n+----+-------+\n"
        );
        let psql = Psql { separator: "|".into(), ..Psql::default() };
        assert_eq!(
            psql.table("", &columns, &rows, &[]),
            " id | name  \n----+-------\n  1 | Alice\n 12 | \n(2 rows)\n\n"
        );
        let bare = Psql { tuples: true, unaligned: true, ..psql };
        assert_eq!(bare.table("", &columns, &rows, &[]), "1|Alice\n12|\n");
    }
}
