//! The messages of pull, push, import and load as lines, or as bars that are drawn over at a terminal.
//! Follows `jsonmessage.DisplayJSONMessagesStream` of moby 28.

use super::api::{Failure, Messages, Next};
use super::units;
use drydock_container::fd::FdNum;
use drydock_container::{Sys, Wait};
use drydock_machinery::Value;

/// A stream of messages being shown.
#[derive(Clone, Debug, PartialEq, Hash)]
pub struct Display {
    messages: Messages,
    /// Where to; nowhere when quiet.
    fd: Option<FdNum>,
    /// Ids with a line of their own, in the order of their lines.
    ids: Vec<String>,
    /// The `aux` documents that came.
    pub aux: Vec<Value>,
    /// The last status or stream line.
    pub last: String,
}

impl Display {
    #[must_use]
    pub fn new(messages: Messages, fd: Option<FdNum>) -> Display {
        Display { messages, fd, ids: Vec::new(), aux: Vec::new(), last: String::new() }
    }
    /// Shows what has come; none when it is over.
    ///
    /// # Errors
    /// The error the stream ended with.
    pub fn poll(&mut self, sys: &mut Sys<'_>) -> Result<Option<Wait>, Failure> {
        loop {
            match self.messages.next(sys) {
                Next::Message(message) => self.show(sys, &message)?,
                Next::Wait(wait) => return Ok(Some(wait)),
                Next::End => return Ok(None),
            }
        }
    }
    fn show(&mut self, sys: &mut Sys<'_>, message: &Value) -> Result<(), Failure> {
        if let Some(aux) = message.find("aux") {
            self.aux.push(aux.clone());
            return Ok(());
        }
        let tty = self.fd.is_some_and(|fd| sys.is_tty(fd));
        let text = self.line(message, tty, columns(sys));
        if let Some(fd) = self.fd {
            sys.write(fd, text.as_bytes());
        }
        let error = match message.find("errorDetail") {
            Some(detail) => detail["message"].text().to_string(),
            None => message["error"].text().to_string(),
        };
        if error.is_empty() { Ok(()) } else { Err(Failure::new(error)) }
    }
    fn line(&mut self, message: &Value, tty: bool, columns: usize) -> String {
        let id = message["id"].text();
        let progress = message.find("progressDetail").or_else(|| message.find("progress"));
        let mut out = String::new();
        let mut diff = 0;
        if !id.is_empty() && progress.is_some() {
            let line = match self.ids.iter().position(|known| known == id) {
                Some(line) => line,
                None => {
                    self.ids.push(id.into());
                    if tty {
                        out.push('\n');
                    }
                    self.ids.len() - 1
                }
            };
            diff = self.ids.len() - line;
            if tty {
                out += &format!("\x1b[{diff}A");
            }
        } else {
            self.ids.clear();
        }
        if message.find("error").is_none() && message.find("errorDetail").is_none() {
            out += &self.body(message, progress, tty, columns);
        }
        if !id.is_empty() && tty && diff > 0 {
            out += &format!("\x1b[{diff}B");
        }
        out
    }
    fn body(&mut self, message: &Value, progress: Option<&Value>, tty: bool, columns: usize) -> String {
        let id = message["id"].text();
        let stream = message["stream"].text();
        let bar = progress.map(|p| bar(p, columns)).unwrap_or_default();
        let mut out = String::new();
        let drawn_over = tty && stream.is_empty() && progress.is_some();
        if drawn_over {
            out += "\x1b[2K\r";
        } else if !bar.is_empty() {
            return out;
        }
        if !id.is_empty() {
            out += &format!("{id}: ");
        }
        if drawn_over {
            out += &format!("{} {bar}\r", message["status"].text());
        } else if !stream.is_empty() {
            self.last = stream.into();
            out += stream;
        } else {
            self.last = message["status"].text().into();
            out += &format!("{}\n", message["status"].text());
        }
        out
    }
}

/// Columns of the caller's terminal; 200 without one.
fn columns(sys: &Sys<'_>) -> usize {
    sys.tty().and_then(|id| sys.machines.tty(id)).map_or(200, |tty| usize::from(tty.columns))
}

/// `[=====>     ]  15MB/29MB`.
fn bar(progress: &Value, columns: usize) -> String {
    let (current, total) = (progress["current"].int(), progress["total"].int());
    if current <= 0 && total <= 0 {
        return String::new();
    }
    if total <= 0 {
        return match progress["units"].text() {
            "" => format!("{:>8}", units::size(current)),
            unit => format!("{current} {unit}"),
        };
    }
    let done = usize::try_from(current * 100 / total / 2).unwrap_or(0).min(50);
    let mut out = String::new();
    if columns > 110 {
        out += &format!("[{}>{}] ", "=".repeat(done), " ".repeat(50 - done));
    }
    let current_text = units::size(current);
    out += &if current > total {
        format!("{current_text:>8}")
    } else {
        format!("{current_text:>8}/{}", units::size(total))
    };
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use drydock_machinery::value;

    #[test]
    fn lines_and_bars() {
        let mut display = Display::new(Messages::Ready(Vec::new()), None);
        let message =
            value!({"id": "a", "status": "Downloading", "progressDetail": {"current": 92, "total": 92}});
        assert_eq!(
            display.line(&message, true, 80),
            "\n\x1b[1A\x1b[2K\ra: Downloading      92B/92B\r\x1b[1B"
        );
        assert_eq!(display.line(&message, false, 80), "");
        let done = value!({"id": "a", "status": "Pull complete", "progressDetail": {}});
        assert_eq!(display.line(&done, false, 80), "a: Pull complete\n");
        assert_eq!(bar(&value!({"current": 5, "total": 10}), 120).len(), 50 + 4 + 12);
    }
}
