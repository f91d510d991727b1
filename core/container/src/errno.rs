//! System call errors with the texts of `strerror(3)` (glibc).

macro_rules! errnos {
    ($($name:ident $text:literal,)*) => {
        /// Why a system call failed.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Errno { $($name,)* }
        impl Errno {
            /// glibc's text, as utilities print it after the colon.
            #[must_use]
            pub fn text(self) -> &'static str {
                match self { $(Errno::$name => $text,)* }
            }
        }
    };
}

errnos! {
    Eperm "Operation not permitted",
    Enoent "No such file or directory",
    Esrch "No such process",
    E2big "Argument list too long",
    Enoexec "Exec format error",
    Ebadf "Bad file descriptor",
    Echild "No child processes",
    Eagain "Resource temporarily unavailable",
    Enomem "Cannot allocate memory",
    Eacces "Permission denied",
    Ebusy "Device or resource busy",
    Eexist "File exists",
    Exdev "Invalid cross-device link",
    Enotdir "Not a directory",
    Eisdir "Is a directory",
    Einval "Invalid argument",
    Enotty "Inappropriate ioctl for device",
    Etxtbsy "Text file busy",
    Efbig "File too large",
    Enospc "No space left on device",
    Espipe "Illegal seek",
    Erofs "Read-only file system",
    Epipe "Broken pipe",
    Enametoolong "File name too long",
    Enotempty "Directory not empty",
    Emfile "Too many open files",
    Enxio "No such device or address",
    Eloop "Too many levels of symbolic links",
    Eaddrinuse "Address already in use",
    Econnrefused "Connection refused",
    Etimedout "Connection timed out",
    Ehostunreach "No route to host",
    Econnreset "Connection reset by peer",
}

impl std::fmt::Display for Errno {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.text())
    }
}
