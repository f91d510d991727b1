//! What a file descriptor refers to.

use crate::errno::Errno;

/// A descriptor's number within its process.
pub type FdNum = u32;
pub const STDIN: FdNum = 0;
pub const STDOUT: FdNum = 1;
pub const STDERR: FdNum = 2;

/// An open file description; copied on dup and fork.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Fd {
    /// `/dev/null`.
    Null,
    /// A pipe's reading end.
    PipeRead(u32),
    /// A pipe's writing end.
    PipeWrite(u32),
    /// A terminal. `error` marks the descriptor that stands for stderr, so that a transcript can tell
    /// the two apart.
    Tty { tty: u32, error: bool },
    /// A file of the process' filesystem. Dup'ed descriptors share their offset through `offsets` in
    /// the kernel, found by `open`.
    File { open: u64 },
    /// The log of a container (its main process' stdout and stderr).
    Log { space: u32, error: bool },
}

/// An open regular file.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct OpenFile {
    pub path: std::sync::Arc<str>,
    pub ino: u64,
    /// The filesystem: a volume's number, or none for the space's own root.
    pub volume: Option<u32>,
    pub space: u32,
    pub offset: u64,
    pub append: bool,
    pub readable: bool,
    pub writable: bool,
    /// Descriptors that refer to it.
    pub users: u32,
}

/// What reading gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Read {
    Data(Vec<u8>),
    /// End of file.
    End,
    /// Nothing yet: wait for `Wait::Readable`.
    Block,
    Failed(Errno),
}
