//! Programs by name: what an executable file stands for. Utilities, image servers and the learner's
//! tools are all entries of such registries; an executable file names its program.

use crate::machine::Machine;
use crate::sys::Sys;

/// One program. `start` sees its arguments and environment through [`Sys`] and gives its first state.
#[derive(Clone, Copy)]
pub struct Program {
    /// The name executable files refer to; for utilities the command's own.
    pub name: &'static str,
    /// One line of help.
    pub about: &'static str,
    pub start: fn(&mut Sys<'_>) -> Box<dyn Machine>,
}

/// Registries in order of precedence, shared by all worlds.
#[derive(Clone, Copy, Default)]
pub struct Programs(pub &'static [&'static [Program]]);

impl Programs {
    #[must_use]
    pub fn find(self, name: &str) -> Option<&'static Program> {
        self.0.iter().flat_map(|list| list.iter()).find(|p| p.name == name)
    }
    pub fn iter(self) -> impl Iterator<Item = &'static Program> {
        self.0.iter().flat_map(|list| list.iter())
    }
}

impl std::fmt::Debug for Programs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.iter().map(|p| p.name)).finish()
    }
}
