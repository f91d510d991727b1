//! The utilities: one file each or a tight family, one line each in [`PROGRAMS`].

pub mod absent;
pub mod accounts;
pub mod awk;
pub mod bc;
pub mod bench;
pub mod cat;
pub mod chmod;
pub mod copy;
pub mod coverage;
pub mod curl;
pub mod cut;
pub mod date;
pub mod dd;
pub mod diff;
pub mod disk;
pub mod dns;
pub mod dump;
pub mod echo;
pub mod edit;
pub mod environment;
pub mod expr;
pub mod filter;
pub mod find;
pub mod git;
pub mod grep;
pub mod gzip;
pub mod head;
pub mod interfaces;
pub mod join;
pub mod jq;
pub mod launch;
pub mod lines;
pub mod links;
pub mod list;
pub mod make;
pub mod names;
pub mod nc;
pub mod numbers;
pub mod numfmt;
pub mod openssl;
pub mod packages;
pub mod pager;
pub mod paste;
pub mod ping;
pub mod placing;
pub mod printf;
pub mod privilege;
pub mod process;
pub mod regex;
pub mod remove;
pub mod repeat;
pub mod screen;
pub mod sed;
pub mod services;
pub mod shuf;
pub mod sleep;
pub mod sort;
pub mod spaces;
pub mod split;
pub mod sums;
pub mod support;
pub mod system;
pub mod tail;
pub mod tar;
pub mod tee;
pub mod texts;
pub mod timeout;
pub mod tr;
pub mod uniq;
pub mod url;
pub mod users;
pub mod visual;
pub mod watch;
pub mod wc;
pub mod wget;
pub mod xargs;
pub mod zip;

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
    once!("[", "check file types and compare values", echo::test),
    once!("arch", "print machine hardware name", system::arch),
    program!("bc", "an arbitrary precision calculator", bc::bc),
    once!("basename", "strip directory and suffix from filenames", names::basename),
    program!("cat", "concatenate files and print on the standard output", cat::cat),
    once!("chgrp", "change group ownership", chmod::chown),
    once!("chmod", "change file mode bits", chmod::chmod),
    once!("chown", "change file owner and group", chmod::chown),
    once!("clear", "clear the terminal screen", system::clear),
    once!("cp", "copy files and directories", copy::cp),
    program!("cut", "remove sections from each line of files", cut::cut),
    once!("date", "print the system date and time", date::run),
    once!("dirname", "strip last component from file name", names::dirname),
    once!("dmesg", "print the kernel ring buffer", system::dmesg),
    once!("echo", "display a line of text", echo::echo),
    program!("egrep", "print lines that match patterns", grep::grep),
    program!("env", "run a program in a modified environment", launch::env),
    once!("false", "do nothing, unsuccessfully", system::false_),
    program!("fgrep", "print lines that match patterns", grep::grep),
    program!("fold", "wrap each input line to fit in specified width", lines::fold),
    program!("grep", "print lines that match patterns", grep::grep),
    once!("groups", "print the groups a user is in", accounts::groups),
    program!("head", "output the first part of files", head::head),
    once!("hostname", "show the system's host name", system::hostname_),
    once!("id", "print real and effective user and group IDs", accounts::id),
    once!("ln", "make links between files", links::ln),
    once!("ls", "list directory contents", list::ls),
    once!("mkdir", "make directories", make::mkdir),
    once!("mktemp", "create a temporary file or directory", names::mktemp),
    once!("mv", "move (rename) files", copy::mv),
    program!("nice", "run a program with modified scheduling priority", launch::nice),
    program!("nl", "number lines of files", lines::nl),
    program!("nohup", "run a command immune to hangups", launch::nohup),
    program!("numfmt", "convert numbers from and to human-readable strings", numfmt::numfmt),
    once!("nproc", "print the number of processing units available", system::nproc),
    program!("paste", "merge lines of files", paste::paste),
    once!("printenv", "print all or part of environment", environment::printenv),
    once!("printf", "format and print data", echo::printf),
    once!("pwd", "print name of current/working directory", names::pwd),
    once!("readlink", "print resolved symbolic links", links::readlink),
    once!("realpath", "print the resolved path", links::realpath),
    once!("reset", "terminal initialization", system::clear),
    program!("rev", "reverse lines characterwise", lines::rev),
    once!("rm", "remove files or directories", remove::rm),
    once!("rmdir", "remove empty directories", remove::rmdir),
    program!("sed", "stream editor", sed::sed),
    once!("seq", "print a sequence of numbers", repeat::seq),
    program!("sleep", "delay for a specified amount of time", sleep::sleep),
    program!("sort", "sort lines of text files", sort::sort),
    once!("sync", "synchronize cached writes to persistent storage", system::nothing),
    program!("tac", "concatenate and print files in reverse", lines::tac),
    program!("tail", "output the last part of files", tail::tail),
    program!("tar", "an archiving utility", tar::tar),
    program!("tee", "read from standard input and write to standard output and files", tee::tee),
    once!("test", "check file types and compare values", echo::test),
    program!("time", "time a simple command", timeout::time),
    program!("timeout", "run a command with a time limit", timeout::timeout),
    once!("touch", "change file timestamps", make::touch),
    program!("tr", "translate or delete characters", tr::tr),
    once!("true", "do nothing, successfully", system::true_),
    once!("truncate", "shrink or extend the size of a file", make::truncate),
    once!("tty", "print the file name of the terminal connected to standard input", system::tty),
    once!("uname", "print system information", system::uname),
    program!("uniq", "report or omit repeated lines", uniq::uniq),
    once!("unlink", "call the unlink function to remove a file", remove::unlink),
    once!("uptime", "tell how long the system has been running", system::uptime),
    program!("usleep", "sleep some number of microseconds", sleep::usleep),
    program!("watch", "execute a program periodically", watch::watch),
    program!("wc", "print newline, word, and byte counts for each file", wc::wc),
    once!("which", "locate a command", environment::which),
    once!("whoami", "print effective user name", accounts::whoami),
    program!("xargs", "build and execute command lines from standard input", xargs::xargs),
    program!("yes", "output a string repeatedly until killed", repeat::yes),
    program!("awk", "pattern scanning and processing language", awk::awk),
    program!("base64", "base64 encode/decode data and print to standard output", sums::whole),
    program!("curl", "transfer a URL", curl::curl),
    once!("df", "report file system space usage", disk::df),
    program!("cmp", "compare two files byte by byte", diff::cmp),
    program!("comm", "compare two sorted files line by line", diff::comm),
    program!("diff", "compare files line by line", diff::diff),
    once!("expr", "evaluate expressions", expr::expr),
    once!("dig", "DNS lookup utility", dns::dig),
    once!("du", "estimate file space usage", disk::du),
    program!("find", "search for files in a directory hierarchy", find::find),
    once!("free", "display amount of free and used memory in the system", process::free),
    once!("getent", "get entries from Name Service Switch libraries", dns::getent),
    program!("hexdump", "display file contents in hexadecimal", dump::hexdump),
    once!("host", "DNS lookup utility", dns::host),
    once!("ifconfig", "show network interfaces", interfaces::ifconfig),
    once!("ip", "show addresses and routes", interfaces::ip),
    program!("jq", "command-line JSON processor", jq::jq),
    once!("kill", "send a signal to a process", process::kill),
    once!("killall", "kill processes by name", process::by_name),
    program!("less", "display the contents of a file", pager::pager),
    once!("man", "an interface to the system reference manuals", edit::man),
    program!("md5sum", "compute and check MD5 message digest", sums::whole),
    program!("more", "display the contents of a file", pager::pager),
    once!("mount", "show mounted file systems", disk::mount),
    program!("nano", "edit a file", edit::edit),
    program!("nc", "arbitrary TCP connections", nc::nc),
    once!("netstat", "print network connections", interfaces::listening),
    once!("nslookup", "query Internet name servers", dns::nslookup),
    program!("od", "dump files in octal and other formats", dump::od),
    once!("pgrep", "look up processes by name", process::by_name),
    once!("pidof", "find the process ID of a running program", process::by_name),
    program!("ping", "send ICMP ECHO_REQUEST to network hosts", ping::ping),
    once!("pkill", "signal processes by name", process::by_name),
    once!("ps", "report a snapshot of the current processes", process::ps),
    program!("sha256sum", "compute and check SHA256 message digest", sums::whole),
    program!("sha512sum", "compute and check SHA512 message digest", sums::whole),
    once!("ss", "another utility to investigate sockets", interfaces::listening),
    once!("stat", "display file status", disk::stat),
    program!("top", "display processes", process::top),
    program!("vi", "edit a file", edit::edit),
    program!("vim", "edit a file", edit::edit),
    program!("wget", "the non-interactive network downloader", wget::wget),
    program!("dd", "convert and copy a file", dd::dd),
    program!("expand", "convert tabs to spaces", lines::expand),
    program!("gunzip", "expand compressed files", gzip::gzip),
    program!("gzip", "compress files", gzip::gzip),
    program!("hd", "display file contents in hexadecimal", dump::hexdump),
    program!("join", "join lines of two files on a common field", join::join),
    program!("shuf", "generate random permutations", shuf::shuf),
    program!("split", "split a file into pieces", split::split),
    program!("unexpand", "convert spaces to tabs", lines::expand),
    program!("xxd", "make a hexdump or do the reverse", dump::xxd),
    program!("zcat", "expand compressed files to standard output", gzip::gzip),
    program!("apk", "Alpine's package manager", packages::apk::apk),
    program!("apt", "Debian's package manager", packages::apt::apt),
    program!("apt-cache", "query the package lists", packages::apt_query::cache),
    program!("apt-get", "Debian's package manager", packages::apt::apt),
    program!("dnf", "Red Hat's package manager", packages::rpm::yum),
    once!("dpkg", "Debian's packages", packages::dpkg::dpkg),
    program!("microdnf", "Red Hat's package manager", packages::rpm::yum),
    program!("npm", "JavaScript's package manager", packages::npm::npm),
    program!("pip", "Python's package manager", packages::pip::pip),
    once!("rpm", "Red Hat's packages", packages::rpm::rpm),
    program!("yum", "Red Hat's package manager", packages::rpm::yum),
    once!("not-simulated", "stands for programs that are not simulated", absent::absent),
    program!("cksum", "checksum and count the bytes in a file", sums::whole),
    program!("openssl", "keys, certificates and digests", openssl::openssl),
    program!("sha1sum", "compute and check SHA1 message digest", sums::whole),
    program!("sha224sum", "compute and check SHA224 message digest", sums::whole),
    program!("sha384sum", "compute and check SHA384 message digest", sums::whole),
    program!("sum", "checksum and count the blocks in a file", sums::whole),
    program!("ab", "Apache's load maker", bench::bench),
    once!("addgroup", "add a group to the system", users::manage),
    once!("adduser", "add a user to the system", users::manage),
    once!("crontab", "maintain crontab files", services::crontab),
    once!("delgroup", "remove a group from the system", users::manage),
    once!("deluser", "remove a user from the system", users::manage),
    program!("gosu", "run a command as another user", privilege::su),
    once!("groupadd", "create a new group", users::manage),
    once!("groupdel", "delete a group", users::manage),
    program!("hey", "a load maker", bench::bench),
    once!("iptables", "show packet filter rules", services::iptables),
    once!("iptables-save", "show packet filter rules", services::iptables),
    once!("journalctl", "show the journal", services::refused),
    once!("lsof", "list open sockets", services::lsof),
    once!("mkfifo", "make named pipes", services::refused),
    once!("screen", "terminal multiplexer", services::refused),
    program!("service", "run a System V init script", services::service),
    once!("strace", "trace system calls", services::refused),
    program!("su", "run a command as another user", privilege::su),
    program!("sudo", "execute a command as another user", privilege::sudo),
    once!("systemctl", "control services", services::systemctl),
    once!("tcpdump", "dump traffic on a network", services::refused),
    once!("tmux", "terminal multiplexer", services::refused),
    once!("unzip", "extract files in a ZIP archive", zip::unzip),
    once!("useradd", "create a new user", users::manage),
    once!("userdel", "delete a user account", users::manage),
    once!("usermod", "modify a user account", users::manage),
    program!("wrk", "a load maker", bench::bench),
    once!("zip", "package and compress files", zip::zip),
    program!("git", "the stupid content tracker", git::git),
    once!("cal", "display a calendar", numbers::cal),
    program!("column", "columnate lists", texts::column),
    program!("envsubst", "substitute environment variables", texts::envsubst),
    program!("factor", "factor numbers", numbers::factor),
    once!("file", "determine file type", texts::file),
    once!("install", "copy files and set attributes", placing::install),
    once!("link", "make a link to a file", placing::link),
    once!("lsns", "list namespaces", spaces::lsns),
    program!("nsenter", "run a program in other namespaces", spaces::unshare),
    once!("ssh-keygen", "make authentication keys", spaces::ssh_keygen),
    program!("strings", "print the printable characters in files", texts::strings),
    once!("stty", "change and print terminal line settings", spaces::stty),
    program!("telnet", "connect to a port", spaces::telnet),
    once!("tree", "list contents of directories in a tree", placing::tree),
    program!("tsort", "topological sort", numbers::tsort),
    program!("unshare", "run a program with some namespaces unshared", spaces::unshare),
    once!("w", "show who is logged on", spaces::who),
    once!("who", "show who is logged on", spaces::who),
    program!("yq", "command-line YAML processor", texts::yq),
];
