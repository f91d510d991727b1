//! The utilities: one file each or a tight family, one line each in [`PROGRAMS`].

pub mod accounts;
pub mod awk;
mod awk_parse;
pub mod chmod;
pub mod coverage;
pub mod curl;
pub mod date;
pub mod diff;
pub mod disk;
pub mod edit;
pub mod expr;
pub mod files;
pub mod find;
pub mod grep;
pub mod jq;
mod jq_functions;
pub mod launch;
pub mod list;
pub mod network;
pub mod printf;
pub mod process;
pub mod regex;
pub mod sed;
pub mod small;
pub mod sort;
pub mod sums;
pub mod support;
pub mod tail;
pub mod tar;
pub mod text;

use crate::machine::Once;
use crate::program::Program;

/// A program that does its work in one step.
macro_rules! once {
    ($name:literal, $about:literal, $run:path) => {
        Program { name: $name, about: $about, start: |_| Box::new(Once($run)) }
    };
}
macro_rules! program {
    ($name:literal, $about:literal, $start:path) => {
        Program { name: $name, about: $about, start: $start }
    };
}

pub const PROGRAMS: &[Program] = &[
    once!("[", "check file types and compare values", small::test),
    once!("arch", "print machine hardware name", small::arch),
    once!("basename", "strip directory and suffix from filenames", small::basename),
    program!("cat", "concatenate files and print on the standard output", text::cat),
    once!("chgrp", "change group ownership", chmod::chown),
    once!("chmod", "change file mode bits", chmod::chmod),
    once!("chown", "change file owner and group", chmod::chown),
    once!("clear", "clear the terminal screen", small::clear),
    once!("cp", "copy files and directories", files::cp),
    program!("cut", "remove sections from each line of files", text::cut),
    once!("date", "print the system date and time", date::run),
    once!("dirname", "strip last component from file name", small::dirname),
    once!("dmesg", "print the kernel ring buffer", small::dmesg),
    once!("echo", "display a line of text", small::echo),
    program!("egrep", "print lines that match patterns", grep::grep),
    program!("env", "run a program in a modified environment", launch::env),
    once!("false", "do nothing, unsuccessfully", small::false_),
    program!("fgrep", "print lines that match patterns", grep::grep),
    program!("fold", "wrap each input line to fit in specified width", text::fold),
    program!("grep", "print lines that match patterns", grep::grep),
    once!("groups", "print the groups a user is in", accounts::groups),
    program!("head", "output the first part of files", text::head),
    once!("hostname", "show the system's host name", small::hostname_),
    once!("id", "print real and effective user and group IDs", accounts::id),
    once!("ln", "make links between files", files::ln),
    once!("ls", "list directory contents", list::ls),
    once!("mkdir", "make directories", files::mkdir),
    once!("mktemp", "create a temporary file or directory", small::mktemp),
    once!("mv", "move (rename) files", files::mv),
    program!("nice", "run a program with modified scheduling priority", launch::nice),
    program!("nl", "number lines of files", text::nl),
    program!("nohup", "run a command immune to hangups", launch::nohup),
    once!("nproc", "print the number of processing units available", small::nproc),
    program!("paste", "merge lines of files", text::paste),
    once!("printenv", "print all or part of environment", small::printenv),
    once!("printf", "format and print data", small::printf),
    once!("pwd", "print name of current/working directory", small::pwd),
    once!("readlink", "print resolved symbolic links", files::readlink),
    once!("realpath", "print the resolved path", files::realpath),
    once!("reset", "terminal initialization", small::clear),
    program!("rev", "reverse lines characterwise", text::rev),
    once!("rm", "remove files or directories", files::rm),
    once!("rmdir", "remove empty directories", files::rmdir),
    program!("sed", "stream editor", sed::sed),
    once!("seq", "print a sequence of numbers", small::seq),
    program!("sleep", "delay for a specified amount of time", small::sleep),
    program!("sort", "sort lines of text files", sort::sort),
    once!("sync", "synchronize cached writes to persistent storage", small::nothing),
    program!("tac", "concatenate and print files in reverse", text::tac),
    program!("tail", "output the last part of files", tail::tail),
    program!("tar", "an archiving utility", tar::tar),
    program!("tee", "read from standard input and write to standard output and files", text::tee),
    once!("test", "check file types and compare values", small::test),
    program!("time", "time a simple command", launch::time),
    program!("timeout", "run a command with a time limit", launch::timeout),
    once!("touch", "change file timestamps", files::touch),
    program!("tr", "translate or delete characters", text::tr),
    once!("true", "do nothing, successfully", small::true_),
    once!("truncate", "shrink or extend the size of a file", files::truncate),
    once!("tty", "print the file name of the terminal connected to standard input", small::tty),
    once!("uname", "print system information", small::uname),
    program!("uniq", "report or omit repeated lines", text::uniq),
    once!("unlink", "call the unlink function to remove a file", files::unlink),
    once!("uptime", "tell how long the system has been running", small::uptime),
    program!("usleep", "sleep some number of microseconds", small::usleep),
    program!("watch", "execute a program periodically", launch::watch),
    program!("wc", "print newline, word, and byte counts for each file", text::wc),
    once!("which", "locate a command", small::which),
    once!("whoami", "print effective user name", accounts::whoami),
    program!("xargs", "build and execute command lines from standard input", launch::xargs),
    program!("yes", "output a string repeatedly until killed", small::yes),
    program!("awk", "pattern scanning and processing language", awk::awk),
    program!("base64", "base64 encode/decode data and print to standard output", sums::whole),
    program!("curl", "transfer a URL", curl::curl),
    once!("df", "report file system space usage", disk::df),
    program!("cmp", "compare two files byte by byte", diff::cmp),
    program!("comm", "compare two sorted files line by line", diff::comm),
    program!("diff", "compare files line by line", diff::diff),
    once!("expr", "evaluate expressions", expr::expr),
    once!("dig", "DNS lookup utility", network::dig),
    once!("du", "estimate file space usage", disk::du),
    program!("find", "search for files in a directory hierarchy", find::find),
    once!("free", "display amount of free and used memory in the system", process::free),
    once!("getent", "get entries from Name Service Switch libraries", network::getent),
    program!("hexdump", "display file contents in hexadecimal", sums::whole),
    once!("host", "DNS lookup utility", network::host),
    once!("ifconfig", "show network interfaces", network::ifconfig),
    once!("ip", "show addresses and routes", network::ip),
    program!("jq", "command-line JSON processor", jq::jq),
    once!("kill", "send a signal to a process", process::kill),
    once!("killall", "kill processes by name", process::by_name),
    program!("less", "display the contents of a file", edit::pager),
    once!("man", "an interface to the system reference manuals", edit::man),
    program!("md5sum", "compute and check MD5 message digest", sums::whole),
    program!("more", "display the contents of a file", edit::pager),
    once!("mount", "show mounted file systems", disk::mount),
    program!("nano", "edit a file", edit::edit),
    program!("nc", "arbitrary TCP connections", network::nc),
    once!("netstat", "print network connections", network::listening),
    once!("nslookup", "query Internet name servers", network::nslookup),
    program!("od", "dump files in octal and other formats", sums::whole),
    once!("pgrep", "look up processes by name", process::by_name),
    once!("pidof", "find the process ID of a running program", process::by_name),
    program!("ping", "send ICMP ECHO_REQUEST to network hosts", network::ping),
    once!("pkill", "signal processes by name", process::by_name),
    once!("ps", "report a snapshot of the current processes", process::ps),
    program!("sha256sum", "compute and check SHA256 message digest", sums::whole),
    program!("sha512sum", "compute and check SHA512 message digest", sums::whole),
    once!("ss", "another utility to investigate sockets", network::listening),
    once!("stat", "display file status", disk::stat),
    program!("top", "display processes", process::top),
    program!("vi", "edit a file", edit::edit),
    program!("vim", "edit a file", edit::edit),
    program!("wget", "the non-interactive network downloader", network::wget),
];
