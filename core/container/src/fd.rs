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
    /// The log of the process' own container (its main process' stdout and stderr). Naming no space
    /// lets all containers share one descriptor table.
    Log { error: bool },
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
    /// The bytes of a file that has no inode (anymore): one of `/proc`, or one removed while open.
    pub detached: Option<std::sync::Arc<[u8]>>,
}

/// How to open a file; the default opens nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OpenOptions {
    pub read: bool,
    pub write: bool,
    pub append: bool,
    pub create: bool,
    pub truncate: bool,
    /// Fails with EEXIST when the file is there (noclobber).
    pub create_new: bool,
}

impl OpenOptions {
    /// `<`
    pub const READ: OpenOptions = OpenOptions {
        read: true,
        write: false,
        append: false,
        create: false,
        truncate: false,
        create_new: false,
    };
    /// `>`
    pub const WRITE: OpenOptions =
        OpenOptions { read: false, write: true, create: true, truncate: true, ..OpenOptions::READ };
    /// `>>`
    pub const APPEND: OpenOptions =
        OpenOptions { read: false, write: true, append: true, create: true, ..OpenOptions::READ };
    /// `<>`
    pub const READ_WRITE: OpenOptions = OpenOptions { write: true, create: true, ..OpenOptions::READ };
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
