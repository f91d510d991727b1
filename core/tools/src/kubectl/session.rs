//! A remote session: stdin, stdout and stderr over the channels of one stream, and the status at its
//! end. Used by exec, attach, run and debug.
//!
//! Follows `v5.channel.k8s.io`: 0 stdin, 1 stdout, 2 stderr, 3 status, 255 closes a channel. Left out:
//! terminal resizes (channel 4), the sandbox' terminals keep their size.

use super::client::Client;
use super::{Failure, podpick};
use drydock_container::fd::{Read, STDERR, STDIN, STDOUT};
use drydock_container::machine::Handled;
use drydock_container::machines::Frame;
use drydock_container::{Signal, Sys, Wait};
use drydock_machinery::{Value, json};
use drydock_network::http::{Request, Stream};

/// stdin is sent in pieces of this size.
const PIECE: usize = 32 * 1024;

/// What to connect.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Wanted {
    /// `exec` or `attach`.
    pub subresource: &'static str,
    /// For exec.
    pub command: Vec<String>,
    pub container: String,
    pub stdin: bool,
    pub tty: bool,
}

/// A session under way.
#[derive(Clone, Debug, PartialEq, Hash)]
pub struct Session {
    stream: Stream,
    stdin: bool,
    tty: bool,
    interrupted: bool,
    /// Where the output goes instead of stdout, for cp.
    pub captured: Option<Vec<u8>>,
    /// What the other side says on stderr is printed on stdout.
    pub joined: bool,
    /// What is sent instead of stdin.
    pub feed: Option<Vec<u8>>,
}

/// How far a session is.
pub enum Progress {
    /// Over, with the process' exit code.
    Done(i32),
    Wait(Vec<Wait>),
}

impl Session {
    /// Opens the stream.
    ///
    /// # Errors
    /// The server's refusal.
    pub fn open(
        sys: &mut Sys<'_>,
        client: &Client,
        pod: &Value,
        wanted: &Wanted,
    ) -> Result<Session, Failure> {
        let mut request = Request::get(podpick::pod_path(pod, wanted.subresource))
            .header("Connection", "Upgrade")
            .header("Upgrade", "websocket")
            .header("Sec-Websocket-Protocol", "v5.channel.k8s.io");
        for word in &wanted.command {
            request = request.query("command", word.as_str());
        }
        request = request.query("container", wanted.container.as_str()).query("stdout", "true");
        if wanted.stdin {
            request = request.query("stdin", "true");
        }
        // A terminal has one output only.
        request = if wanted.tty { request.query("tty", "true") } else { request.query("stderr", "true") };
        let stream = client.open(sys, request)?;
        Ok(Session {
            stream,
            stdin: wanted.stdin,
            tty: wanted.tty,
            interrupted: false,
            captured: None,
            joined: false,
            feed: None,
        })
    }
    /// Ctrl-C goes to the other side when that is a terminal.
    pub fn signal(&mut self, signal: Signal) -> Handled {
        if signal == Signal::Int && self.tty {
            self.interrupted = true;
            return Handled::Caught;
        }
        Handled::Default
    }
    /// Moves what there is to move.
    ///
    /// # Errors
    /// The command could not be run at all.
    pub fn poll(&mut self, sys: &mut Sys<'_>) -> Result<Progress, Failure> {
        if std::mem::take(&mut self.interrupted) {
            sys.write_stream(self.stream, 0, &[3]);
        }
        let reading = self.send_input(sys);
        loop {
            match sys.read_stream(self.stream) {
                Frame::Bytes { channel: 1, bytes } => match &mut self.captured {
                    Some(captured) => captured.extend(bytes),
                    None => sys.write(STDOUT, &bytes),
                },
                Frame::Bytes { channel: 2, bytes } => {
                    sys.write(if self.joined { STDOUT } else { STDERR }, &bytes);
                }
                Frame::Bytes { channel: 3, bytes } => {
                    let status = json::parse(&bytes).unwrap_or_default();
                    sys.close_stream(self.stream);
                    return finished(&status).map(Progress::Done);
                }
                Frame::Bytes { .. } => {}
                Frame::Json(status) => {
                    sys.close_stream(self.stream);
                    return finished(&status).map(Progress::Done);
                }
                Frame::End => return Ok(Progress::Done(0)),
                Frame::Pending => {
                    let mut waits = vec![Wait::Stream(self.stream)];
                    if reading {
                        waits.push(Wait::Readable(STDIN));
                    }
                    return Ok(Progress::Wait(waits));
                }
            }
        }
    }
    /// Sends stdin; whether there may be more of it.
    fn send_input(&mut self, sys: &mut Sys<'_>) -> bool {
        if let Some(bytes) = self.feed.take() {
            for piece in bytes.chunks(PIECE) {
                sys.write_stream(self.stream, 0, piece);
            }
            sys.write_stream(self.stream, 255, &[0]);
            self.stdin = false;
        }
        while self.stdin {
            match sys.read(STDIN, PIECE) {
                Read::Data(bytes) => sys.write_stream(self.stream, 0, &bytes),
                Read::Block => return true,
                Read::End | Read::Failed(_) => {
                    sys.write_stream(self.stream, 255, &[0]);
                    self.stdin = false;
                }
            }
        }
        false
    }
}

/// The exit code a closing status tells.
fn finished(status: &Value) -> Result<i32, Failure> {
    if status["status"] == "Success" {
        return Ok(0);
    }
    if status["reason"] == "NonZeroExitCode" {
        let causes = status["details"]["causes"].items();
        let code = causes.iter().find(|c| c["reason"] == "ExitCode").map(|c| c["message"].text());
        return Ok(code.and_then(|c| c.parse().ok()).unwrap_or(1));
    }
    Err(Failure::Message(status["message"].text().into()))
}

/// Whether `-t` can be had: stdin must be a terminal, and be sent.
pub fn terminal(sys: &mut Sys<'_>, stdin: bool, tty: bool, quiet: bool) -> bool {
    if !(tty && stdin) {
        return false;
    }
    if sys.is_tty(STDIN) {
        return true;
    }
    if !quiet {
        sys.eprint("Unable to use a TTY - input is not a terminal or the right kind of file\n");
    }
    false
}
