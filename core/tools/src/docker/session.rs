//! A connection to a container's or an exec's stdin, stdout and stderr, with detach keys, Ctrl-C and
//! `--sig-proxy`.
//!
//! Channels are the daemon's: 0 input, 255 end of input, 1 and 2 output. Left out: terminal resizes.

use super::api::Engine;
use drydock_container::fd::{Read, STDERR, STDIN, STDOUT};
use drydock_container::machine::Handled;
use drydock_container::machines::Frame;
use drydock_container::{Signal, Sys, Wait};
use drydock_network::http::{Method, Request, Stream};

/// stdin is sent in pieces of this size.
const PIECE: usize = 32 * 1024;

/// A connection under way.
#[derive(Clone, Debug, PartialEq, Hash)]
pub struct Session {
    stream: Stream,
    stdin: bool,
    tty: bool,
    keys: Vec<u8>,
    /// How many of the detach keys were pressed already.
    matched: usize,
    /// The container that gets our signals, when it has no terminal.
    proxy: Option<String>,
    signals: Vec<Signal>,
}

/// How far it is.
pub enum Progress {
    Over,
    Detached,
    Wait(Vec<Wait>),
}

impl Session {
    #[must_use]
    pub fn new(stream: Stream, stdin: bool, tty: bool, keys: Vec<u8>, proxy: Option<String>) -> Session {
        Session { stream, stdin, tty, keys, matched: 0, proxy, signals: Vec::new() }
    }
    /// Signals are sent on by the next [`Session::poll`].
    pub fn signal(&mut self, signal: Signal) -> Handled {
        if matches!(signal, Signal::Kill | Signal::Stop | Signal::Chld | Signal::Pipe | Signal::Winch) {
            return Handled::Default;
        }
        if (self.tty && signal == Signal::Int) || self.proxy.is_some() {
            self.signals.push(signal);
            return Handled::Caught;
        }
        Handled::Default
    }
    /// Moves what there is to move.
    pub fn poll(&mut self, sys: &mut Sys<'_>, engine: &Engine) -> Progress {
        for signal in std::mem::take(&mut self.signals) {
            if self.tty && signal == Signal::Int {
                sys.write_stream(self.stream, 0, &[3]);
            } else if let Some(id) = &self.proxy {
                let name = signal.name();
                let name = name.strip_prefix("SIG").unwrap_or(name).to_string();
                let request = Request::new(Method::Post, format!("/containers/{id}/kill"));
                engine.begin(sys, request.query("signal", name));
            }
        }
        let reading = match self.send_input(sys) {
            Some(reading) => reading,
            None => {
                sys.close_stream(self.stream);
                return Progress::Detached;
            }
        };
        loop {
            match sys.read_stream(self.stream) {
                Frame::Bytes { channel: 2, bytes } => sys.write(STDERR, &bytes),
                Frame::Bytes { bytes, .. } => sys.write(STDOUT, &bytes),
                Frame::Json(_) => {}
                Frame::End => return Progress::Over,
                Frame::Pending => {
                    let mut waits = vec![Wait::Stream(self.stream)];
                    if reading {
                        waits.push(Wait::Readable(STDIN));
                    }
                    return Progress::Wait(waits);
                }
            }
        }
    }
    /// Sends stdin: whether there may be more of it, nothing when the detach keys were pressed.
    fn send_input(&mut self, sys: &mut Sys<'_>) -> Option<bool> {
        while self.stdin {
            match sys.read(STDIN, PIECE) {
                Read::Data(bytes) => {
                    let bytes = self.without_keys(&bytes)?;
                    sys.write_stream(self.stream, 0, &bytes);
                }
                Read::Block => return Some(true),
                // Ctrl-D at our terminal is Ctrl-D at theirs.
                Read::End if self.tty && sys.is_tty(STDIN) => {
                    sys.write_stream(self.stream, 0, &[4]);
                    return Some(true);
                }
                Read::End | Read::Failed(_) => {
                    sys.write_stream(self.stream, 255, &[0]);
                    self.stdin = false;
                }
            }
        }
        Some(false)
    }
    /// The input but for a beginning of the detach keys; nothing when they are complete.
    fn without_keys(&mut self, bytes: &[u8]) -> Option<Vec<u8>> {
        if !self.tty || self.keys.is_empty() {
            return Some(bytes.to_vec());
        }
        let mut out = Vec::with_capacity(bytes.len());
        for byte in bytes {
            if self.keys.get(self.matched) == Some(byte) {
                self.matched += 1;
                if self.matched == self.keys.len() {
                    return None;
                }
                continue;
            }
            out.extend(self.keys.iter().take(self.matched));
            self.matched = usize::from(self.keys.first() == Some(byte));
            if self.matched == 0 {
                out.push(*byte);
            }
        }
        Some(out)
    }
}

/// The bytes of `ctrl-p,ctrl-q` or `a,ctrl-x`.
///
/// # Errors
/// `invalid detach keys (foo): Unknown character: 'foo'`.
pub fn detach_keys(text: &str) -> Result<Vec<u8>, String> {
    if text.is_empty() {
        return Ok(vec![16, 17]);
    }
    let mut out = Vec::new();
    for key in text.split(',') {
        let code = match key.as_bytes() {
            [byte] => *byte,
            [b'c', b't', b'r', b'l', b'-', c] if c.is_ascii_alphabetic() => c.to_ascii_lowercase() - b'a' + 1,
            [b'c', b't', b'r', b'l', b'-', c @ (b'@' | b'[' | b'\\' | b']' | b'^' | b'_')] => c - b'@',
            _ if key.eq_ignore_ascii_case("del") => 127,
            _ => return Err(format!("invalid detach keys ({text}): Unknown character: '{key}'")),
        };
        out.push(code);
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn detach_keys_are_found_across_pieces() {
        let mut session = Session::new(Stream(1), true, true, detach_keys("").unwrap(), None);
        assert_eq!(session.without_keys(b"ls\n\x10").unwrap(), b"ls\n");
        assert_eq!(session.without_keys(b"x").unwrap(), b"\x10x");
        assert_eq!(session.without_keys(b"\x10"), Some(Vec::new()));
        assert_eq!(session.without_keys(b"\x11"), None);
        assert_eq!(detach_keys("ctrl-a,x").unwrap(), [1, b'x']);
        assert!(detach_keys("foo").is_err());
    }
}
