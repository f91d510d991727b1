//! How a pod's phase is shown: a colour, a border and a glyph, so that colour never stands alone.
use crate::world::Phase;

/// The name in `data-look`, which the style sheet colours.
pub fn name(phase: Phase) -> &'static str {
    match phase {
        Phase::Ready => "run",
        Phase::Pending | Phase::Creating | Phase::Running | Phase::Unknown => "pend",
        Phase::Failing | Phase::Failed => "err",
        Phase::Terminating => "term",
        Phase::Succeeded => "done",
    }
}

/// The phase as a word, for `data-phase` and screen readers.
pub fn word(phase: Phase) -> &'static str {
    match phase {
        Phase::Pending => "Pending",
        Phase::Creating => "Creating",
        Phase::Running => "Running",
        Phase::Ready => "Ready",
        Phase::Failing => "Failing",
        Phase::Terminating => "Terminating",
        Phase::Succeeded => "Succeeded",
        Phase::Failed => "Failed",
        Phase::Unknown => "Unknown",
    }
}

/// A glyph on a 10 × 10 field, and whether it is filled.
pub fn glyph(phase: Phase) -> (&'static str, bool) {
    match phase {
        Phase::Ready => ("M5 1.2a3.8 3.8 0 1 0 0 7.6a3.8 3.8 0 1 0 0-7.6", true),
        Phase::Running => ("M5 1.2a3.8 3.8 0 1 0 0 7.6a3.8 3.8 0 1 0 0-7.6", false),
        Phase::Pending => ("M1.2 5h.1M5 5h.1M8.8 5h.1", false),
        Phase::Creating => ("M5 1v6M2.4 4.6 5 7.2l2.6-2.6M1.5 9.2h7", false),
        Phase::Failing => ("M1 7l2-4 2.5 4L8 3l1.2 2.4", false),
        Phase::Failed => ("m2 2 6 6M8 2 2 8", false),
        Phase::Terminating => ("M1.5 5h7", false),
        Phase::Succeeded => ("m1.5 5.2 2.4 2.6 4.6-5.4", false),
        Phase::Unknown => ("M3.2 3.4a1.9 1.9 0 1 1 2.7 1.7c-.6.3-.9.6-.9 1.3M5 8.8v.1", false),
    }
}
