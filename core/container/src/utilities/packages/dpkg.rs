//! dpkg: what is installed. Left out: unpacking .deb files, of which there are none.

use super::apt::installed;
use super::apt_table::{BASE, TABLE};
use super::{Package, find, table};
use crate::sys::Sys;
use drydock_machinery::sort::Arrange;

pub fn dpkg(sys: &mut Sys<'_>) -> i32 {
    let args = sys.args();
    let there = installed(sys);
    let mut all: Vec<Package> =
        table(BASE).chain(table(TABLE).filter(|p| there.iter().any(|t| t == p.name))).collect();
    all.arrange_by_key(|p| p.name);
    let names: Vec<&str> = args.iter().skip(2).map(|a| &**a).collect();
    let fits = |p: &Package| {
        names.is_empty()
            || names
                .iter()
                .any(|n| n.strip_suffix('*').map_or(p.name == *n, |start| p.name.starts_with(start)))
    };
    match args.get(1).map_or("", |a| a) {
        "-l" | "--list" => {
            let rows: Vec<&Package> = all.iter().filter(|p| fits(p)).collect();
            if rows.is_empty() {
                for name in names {
                    sys.eprint(&format!("dpkg-query: no packages found matching {name}\n"));
                }
                return 1;
            }
            let name = rows.iter().map(|p| p.name.len()).max().unwrap_or(4).max(14);
            let version = rows.iter().map(|p| p.version.len()).max().unwrap_or(7).max(12);
            let mut out = format!(
                "Desired=Unknown/Install/Remove/Purge/Hold\n| Status=Not/Inst/Conf-files/Unpacked/halF-conf/Half-inst/trig-aWait/Trig-pend\n|/ Err?=(none)/Reinst-required (Status,Err: uppercase=bad)\n||/ {:name$} {:version$} Architecture Description\n+++-{}-{}-============-=================================\n",
                "Name",
                "Version",
                "=".repeat(name),
                "=".repeat(version)
            );
            for p in rows {
                out.push_str(&format!(
                    "ii  {:name$} {:version$} amd64        {}\n",
                    p.name, p.version, p.name
                ));
            }
            sys.print(&out);
            0
        }
        "-s" | "--status" => {
            let mut code = 0;
            for name in names {
                match all.iter().find(|p| p.name == name) {
                    Some(p) => sys.print(&format!(
                        "Package: {}\nStatus: install ok installed\nPriority: optional\nInstalled-Size: {}\nArchitecture: amd64\nVersion: {}\n",
                        p.name,
                        p.kb * 3,
                        p.version
                    )),
                    None => {
                        sys.eprint(&format!(
                            "dpkg-query: package '{name}' is not installed and no information is available\nUse dpkg --info (= dpkg-deb --info) to examine archive files.\n"
                        ));
                        code = 1;
                    }
                }
            }
            code
        }
        "-L" | "--listfiles" => {
            let mut code = 0;
            for name in names {
                match all.iter().find(|p| p.name == name) {
                    Some(p) => {
                        let files: String = p.programs().map(|f| format!("{}\n", f.0)).collect();
                        sys.print(&format!("/.\n/usr\n/usr/bin\n{files}"));
                    }
                    None => {
                        sys.eprint(&format!("dpkg-query: package '{name}' is not installed\n"));
                        code = 1;
                    }
                }
            }
            code
        }
        "-S" | "--search" => {
            let mut code = 0;
            for name in names {
                let base = name.rsplit('/').next().unwrap_or(name);
                match all
                    .iter()
                    .find(|p| p.programs().any(|f| f.0 == name || f.0.ends_with(&format!("/{base}"))))
                {
                    Some(p) => sys.print(&format!("{}: {name}\n", p.name)),
                    None => {
                        sys.eprint(&format!("dpkg-query: no path found matching pattern {name}\n"));
                        code = 1;
                    }
                }
            }
            code
        }
        "--get-selections" => {
            let out: String = all.iter().map(|p| format!("{:<48}install\n", p.name)).collect();
            sys.print(&out);
            0
        }
        "--print-architecture" => {
            sys.print("amd64\n");
            0
        }
        "--configure" | "--add-architecture" => 0,
        "--version" => {
            sys.print("Debian 'dpkg' package management program version 1.21.22 (amd64).\n");
            0
        }
        "-i" | "--install" => {
            for name in names {
                sys.eprint(&format!(
                    "dpkg: error: cannot access archive '{name}': No such file or directory\n"
                ));
            }
            2
        }
        "" => {
            sys.eprint("dpkg: error: need an action option\n\nType dpkg --help for help about installing and deinstalling packages [*];\n");
            2
        }
        other if find(TABLE, other).is_none() => {
            sys.eprint(&format!("dpkg: error: unknown option {other}\n"));
            2
        }
        _ => 2,
    }
}
