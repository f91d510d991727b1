//! Signals by Linux' numbers and what they do by default.

/// A signal that can be sent to a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Signal {
    Hup = 1,
    Int = 2,
    Quit = 3,
    Abrt = 6,
    Kill = 9,
    Usr1 = 10,
    Segv = 11,
    Usr2 = 12,
    Pipe = 13,
    Alrm = 14,
    Term = 15,
    Chld = 17,
    Cont = 18,
    Stop = 19,
    Tstp = 20,
    Winch = 28,
}

impl Signal {
    const ALL: [(Signal, &'static str); 16] = [
        (Signal::Hup, "HUP"),
        (Signal::Int, "INT"),
        (Signal::Quit, "QUIT"),
        (Signal::Abrt, "ABRT"),
        (Signal::Kill, "KILL"),
        (Signal::Usr1, "USR1"),
        (Signal::Segv, "SEGV"),
        (Signal::Usr2, "USR2"),
        (Signal::Pipe, "PIPE"),
        (Signal::Alrm, "ALRM"),
        (Signal::Term, "TERM"),
        (Signal::Chld, "CHLD"),
        (Signal::Cont, "CONT"),
        (Signal::Stop, "STOP"),
        (Signal::Tstp, "TSTP"),
        (Signal::Winch, "WINCH"),
    ];
    #[must_use]
    pub fn number(self) -> u8 {
        self as u8
    }
    /// The name without SIG.
    #[must_use]
    pub fn name(self) -> &'static str {
        Signal::ALL.iter().find(|s| s.0 == self).map_or("", |s| s.1)
    }
    /// `TERM`, `SIGTERM`, `term` or `15`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Signal> {
        let upper = text.to_ascii_uppercase();
        let name = upper.strip_prefix("SIG").unwrap_or(&upper);
        let number = name.parse::<u8>().ok();
        Signal::ALL.iter().find(|s| s.1 == name || Some(s.0.number()) == number).map(|s| s.0)
    }
    /// What shells call a process it ended.
    #[must_use]
    pub fn description(self) -> &'static str {
        match self {
            Signal::Hup => "Hangup",
            Signal::Int => "Interrupt",
            Signal::Quit => "Quit",
            Signal::Abrt => "Aborted",
            Signal::Kill => "Killed",
            Signal::Usr1 => "User defined signal 1",
            Signal::Usr2 => "User defined signal 2",
            Signal::Segv => "Segmentation fault",
            Signal::Pipe => "Broken pipe",
            Signal::Alrm => "Alarm clock",
            _ => "Terminated",
        }
    }
    /// Whether the default action ends the process.
    #[must_use]
    pub fn is_fatal(self) -> bool {
        !matches!(self, Signal::Chld | Signal::Cont | Signal::Stop | Signal::Tstp | Signal::Winch)
    }
}
