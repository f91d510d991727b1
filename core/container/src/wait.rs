//! What a process can wait for. Wake-ups are level-triggered: a woken machine looks again and may
//! find nothing.

use crate::fd::FdNum;
use crate::process::Pid;
use drydock_network::http::Stream;

/// One thing to wait for, as a program says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Wait {
    /// This moment of simulated time, in milliseconds.
    Until(u64),
    /// Input or end of input on a descriptor.
    Readable(FdNum),
    /// Any child of mine ending or stopping.
    Child,
    /// The answer to an exchange this process started.
    Answer(u64),
    /// A connection to a port this process listens on.
    Accept,
    /// Something new on an outside stream.
    Stream(Stream),
    /// The learner to finish editing a file.
    Editor,
    /// A signal only.
    Signal,
}

/// What the kernel files waiting processes under.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Key {
    Pipe(u32),
    PipeRoom(u32),
    Tty(u32),
    Children(Pid),
    Answer(u64),
    Accept(Pid),
    Streams,
    Editor(Pid),
    /// A file, by filesystem and inode.
    Ino(u64, u64),
}

impl Key {
    /// The key of a file's changes.
    #[must_use]
    pub fn of_file(space: crate::SpaceId, volume: Option<u32>, ino: u64) -> Key {
        let filesystem = match volume {
            Some(volume) => match crate::path::shared_root(volume) {
                Some(host) => u64::from(host.0) << 1,
                None => u64::from(volume) << 1 | 1,
            },
            None => u64::from(space.0) << 1,
        };
        Key::Ino(filesystem, ino)
    }
}
