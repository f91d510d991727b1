//! Programs that packages and images bring but that are not simulated: they tell their version, and refuse
//! everything else in words that say so.

use super::support::own_name;
use crate::sys::Sys;

/// Name, the word that asks for the version, and the answer.
const VERSIONS: &[(&str, &str, &str)] = &[
    ("gcc", "--version", "gcc (Debian 12.2.0-14+deb12u1) 12.2.0\n"),
    ("g++", "--version", "g++ (Debian 12.2.0-14+deb12u1) 12.2.0\n"),
    ("make", "--version", "GNU Make 4.3\nBuilt for x86_64-pc-linux-gnu\n"),
    ("cmake", "--version", "cmake version 3.25.1\n"),
    ("go", "version", "go version go1.25.3 linux/amd64\n"),
    (
        "java",
        "-version",
        "openjdk version \"17.0.17\" 2025-10-21\nOpenJDK Runtime Environment (build 17.0.17+10)\nOpenJDK 64-Bit Server VM (build 17.0.17+10, mixed mode, sharing)\n",
    ),
    ("java", "--version", "openjdk 17.0.17 2025-10-21\n"),
    ("javac", "-version", "javac 17.0.17\n"),
    ("mvn", "-v", "Apache Maven 3.8.7\n"),
    ("mvn", "--version", "Apache Maven 3.8.7\n"),
    ("php", "-v", "PHP 8.2.29 (cli)\n"),
    ("php", "--version", "PHP 8.2.29 (cli)\n"),
    ("ruby", "-v", "ruby 3.1.2p20 (2022-04-12 revision 4491bb740a) [x86_64-linux-gnu]\n"),
    ("ruby", "--version", "ruby 3.1.2p20 (2022-04-12 revision 4491bb740a) [x86_64-linux-gnu]\n"),
    ("yarn", "--version", "1.22.22\n"),
    ("yarn", "-v", "1.22.22\n"),
    ("socat", "-V", "socat by Gerhard Rieger and contributors\nsocat version 1.7.4.4\n"),
    ("rsync", "--version", "rsync  version 3.2.7  protocol version 31\n"),
    ("haproxy", "-v", "HAProxy version 2.6.12-1+deb12u2\n"),
    ("gpg", "--version", "gpg (GnuPG) 2.2.40\n"),
    ("ssh", "-V", "OpenSSH_9.2p1 Debian-2+deb12u7, OpenSSL 3.0.17 1 Jul 2025\n"),
    ("nmap", "--version", "Nmap version 7.93 ( https://nmap.org )\n"),
    ("iperf3", "--version", "iperf 3.12\n"),
    ("zsh", "--version", "zsh 5.9 (x86_64-debian-linux-gnu)\n"),
];

pub fn absent(sys: &mut Sys<'_>) -> i32 {
    let own = own_name(sys);
    let args = sys.args();
    let asked = args.get(1).map_or("", |a| a);
    match VERSIONS
        .iter()
        .find(|v| v.0 == own && (v.1 == asked || (asked == "--version" && v.1 != "-version")))
    {
        Some((_, "-version", text)) => {
            sys.eprint(text);
            0
        }
        Some((_, _, text)) => {
            sys.print(text);
            0
        }
        None => {
            sys.eprint(&format!("{own}: this program is not simulated in this sandbox\n"));
            1
        }
    }
}
