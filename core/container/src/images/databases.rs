//! Images of databases: MySQL, MariaDB, PostgreSQL with the SQL engine behind them, MongoDB. Their start
//! scripts, servers and clients are in `databases/`.

mod boxes;
pub mod link;
pub mod mongo;
mod mysql;
mod mysql_cli;
mod postgres;
mod psql;
mod server;

use crate::images::{Catalogued, Draft, Flavour, base, linux};
use crate::program::{Program, Programs};
use crate::signal::Signal;

pub const SERVERS: &[Program] = &[mysql::PROGRAM, postgres::PROGRAM];
pub const MYSQL_TOOLS: &[Program] = mysql_cli::PROGRAMS;
pub const POSTGRES_TOOLS: &[Program] = psql::PROGRAMS;
pub const MONGO_TOOLS: &[Program] = mongo::PROGRAMS;

pub const MYSQL: Catalogued = Catalogued {
    names: &["docker.io/library/mysql"],
    tags: &[
        "latest",
        "9",
        "9.4",
        "lts",
        "8",
        "8.0",
        "8.0.36",
        "8.0.43",
        "8.4",
        "8.4.6",
        "5.7",
        "5.7.44",
        "5.6",
        "8-debian",
        "8.0-debian",
    ],
    make: |_, tag, programs| {
        let full = version("mysql", tag);
        let old = full.starts_with("5.");
        let major = full.rsplit_once('.').map_or("", |v| v.0).to_string();
        let env = [
            ("GOSU_VERSION", "1.17".to_string()),
            ("MYSQL_MAJOR", if old { major } else { major.replace("9.4", "innovation") }),
            ("MYSQL_VERSION", format!("{full}-1.{}", if old { "el7" } else { "el9" })),
            ("MYSQL_SHELL_VERSION", "8.0.43-1.el9".into()),
        ];
        let make = Make {
            family: "mysqld",
            full: &full,
            size: 590_000_000,
            exposed: &["3306/tcp", "33060/tcp"],
            volumes: &["/var/lib/mysql"],
            cmd: &["mysqld"],
        };
        draft(programs, &make, &env, |root| {
            root.program("/usr/local/bin/docker-entrypoint.sh", "mysql-server", 14_000)
                .link("/entrypoint.sh", "usr/local/bin/docker-entrypoint.sh");
            root.program("/usr/sbin/mysqld", "mysql-server", 60_000_000);
            clients(root, &[("mysql", "mysql"), ("mysqladmin", "mysqladmin"), ("mysqldump", "mysqldump")]);
            root.dirs(&["/docker-entrypoint-initdb.d", "/etc/mysql/conf.d"]).file("/etc/my.cnf", "[mysqld]\nskip-host-cache\nskip-name-resolve\ndatadir=/var/lib/mysql\nsocket=/var/run/mysqld/mysqld.sock\nsecure-file-priv=/var/lib/mysql-files\nuser=mysql\n\npid-file=/var/run/mysqld/mysqld.pid\n[client]\nsocket=/var/run/mysqld/mysqld.sock\n\n!includedir /etc/mysql/conf.d/\n");
        })
    },
};
pub const MARIADB: Catalogued = Catalogued {
    names: &["docker.io/library/mariadb"],
    tags: &["latest", "12", "11", "11.8", "11.4", "10", "10.5", "10.6", "10.11", "lts"],
    make: |_, tag, programs| {
        let full = version("mariadb", tag);
        let env = [
            ("GOSU_VERSION", "1.17".to_string()),
            ("LANG", "C.UTF-8".into()),
            ("MARIADB_VERSION", format!("1:{full}+maria~ubu2404")),
        ];
        let make = Make {
            family: "mariadbd",
            full: &full,
            size: 407_000_000,
            exposed: &["3306/tcp"],
            volumes: &["/var/lib/mysql"],
            cmd: &["mariadbd"],
        };
        draft(programs, &make, &env, |root| {
            root.program("/usr/local/bin/docker-entrypoint.sh", "mysql-server", 24_000);
            root.program("/usr/sbin/mariadbd", "mysql-server", 26_000_000);
            clients(
                root,
                &[("mariadb", "mysql"), ("mariadb-admin", "mysqladmin"), ("mariadb-dump", "mysqldump")],
            );
            // Version 11 took the names of MySQL away.
            if full.starts_with("10.") {
                root.program("/usr/sbin/mysqld", "mysql-server", 26_000_000);
                clients(
                    root,
                    &[("mysql", "mysql"), ("mysqladmin", "mysqladmin"), ("mysqldump", "mysqldump")],
                );
            }
            root.script("/usr/local/bin/healthcheck.sh", "#!/bin/bash\nmariadb-admin ping -h localhost >/dev/null 2>&1 || mysqladmin ping -h localhost >/dev/null 2>&1\n");
            root.dirs(&["/docker-entrypoint-initdb.d", "/etc/mysql/conf.d"]);
        })
    },
};
pub const POSTGRES: Catalogued = Catalogued {
    names: &["docker.io/library/postgres"],
    tags: &[
        "latest",
        "18",
        "17",
        "17.6",
        "16",
        "16.10",
        "15",
        "15.14",
        "14",
        "13",
        "12",
        "11",
        "10",
        "9.6",
        "9.4",
        "18-alpine",
        "17-alpine",
        "16-alpine",
        "15-alpine",
        "14-alpine",
        "13-alpine",
        "12-alpine",
        "alpine",
        "15-alpine3.22",
        "bookworm",
        "16-bookworm",
    ],
    make: |_, tag, programs| {
        let full = version("postgres", tag);
        let alpine = tag.contains("alpine");
        let major = full.split('.').next().unwrap_or("").to_string();
        // Version 18 moved its data a folder down.
        let new = major == "18";
        let data = if new { "/var/lib/postgresql/18/docker" } else { "/var/lib/postgresql/data" };
        let env = [
            ("GOSU_VERSION", "1.18".to_string()),
            ("LANG", "en_US.utf8".into()),
            ("PG_MAJOR", major.clone()),
            ("PG_VERSION", format!("{full}{}", if alpine { "" } else { "-1.pgdg12+1" })),
            ("PGDATA", data.into()),
        ];
        let volumes: &[&str] = if new { &["/var/lib/postgresql"] } else { &["/var/lib/postgresql/data"] };
        let size = if alpine { 276_000_000 } else { 432_000_000 };
        let make = Make {
            family: if alpine { "postgres-alpine" } else { "postgres" },
            full: &full,
            size,
            exposed: &["5432/tcp"],
            volumes,
            cmd: &["postgres"],
        };
        let made = draft(programs, &make, &env, |root| {
            root.program("/usr/local/bin/docker-entrypoint.sh", "postgres-server", 14_000);
            let bin = if alpine {
                "/usr/local/bin".to_string()
            } else {
                format!("/usr/lib/postgresql/{major}/bin")
            };
            root.program(&format!("{bin}/postgres"), "postgres-server", 9_000_000);
            clients(
                root,
                &[
                    ("psql", "psql"),
                    ("pg_isready", "pg_isready"),
                    ("createdb", "createdb"),
                    ("dropdb", "dropdb"),
                    ("pg_dump", "pg_dump"),
                ],
            );
            root.dirs(&["/docker-entrypoint-initdb.d", "/var/run/postgresql"]);
            root.owner(999).dir(data, 0o1777).owner(0);
        });
        Draft { stop_signal: Some(Signal::Int), ..made }
    },
};
pub const MONGO: Catalogued = Catalogued {
    names: &["docker.io/library/mongo"],
    tags: &["latest", "8", "8.0", "7", "7.0", "6", "6.0", "5", "5.0", "4.4", "4.2", "4", "3.6"],
    make: |_, tag, programs| {
        let full = version("mongo", tag);
        let major = full.rsplit_once('.').map_or("", |v| v.0).to_string();
        let env = [
            ("GOSU_VERSION", "1.17".to_string()),
            ("MONGO_MAJOR", major.clone()),
            ("MONGO_VERSION", full.clone()),
        ];
        let make = Make {
            family: "mongod",
            full: &full,
            size: 800_000_000,
            exposed: &["27017/tcp"],
            volumes: &["/data/configdb", "/data/db"],
            cmd: &["mongod"],
        };
        draft(programs, &make, &env, |root| {
            root.program("/usr/local/bin/docker-entrypoint.sh", "mongo-server", 14_000);
            root.program("/usr/bin/mongod", "mongo-server", 180_000_000);
            // The old shell went with version 6; the new one came with 5.
            let old = major.starts_with(['3', '4', '5']);
            clients(
                root,
                if major.starts_with('5') {
                    &[("mongo", "mongosh"), ("mongosh", "mongosh")]
                } else if old {
                    &[("mongo", "mongosh")]
                } else {
                    &[("mongosh", "mongosh")]
                },
            );
            root.dirs(&["/docker-entrypoint-initdb.d", "/data/configdb", "/data/db"]);
        })
    },
};

fn clients(root: &mut base::Root, list: &[(&str, &str)]) {
    for (name, program) in list {
        root.program(&format!("/usr/bin/{name}"), program, 6_000_000);
    }
}

/// The full version a tag stands for.
fn version(name: &str, tag: &str) -> String {
    let number = tag.split('-').next().unwrap_or("");
    let number = if number.starts_with(|c: char| c.is_ascii_digit()) { number } else { "" };
    let full = match (name, number) {
        ("mysql", "" | "9" | "9.4") if tag != "lts" => "9.4.0",
        ("mysql", "8" | "8.4" | "") => "8.4.6",
        ("mysql", "8.0") => "8.0.43",
        ("mysql", "5.7") => "5.7.44",
        ("mysql", "5.6") => "5.6.51",
        ("mariadb", "12") => "12.0.2",
        ("mariadb", "" | "11" | "11.8") => "11.8.3",
        ("mariadb", "11.4") => "11.4.8",
        ("mariadb", "10" | "10.11") => "10.11.14",
        ("mariadb", "10.6") => "10.6.23",
        ("mariadb", "10.5") => "10.5.29",
        ("postgres", "18") => "18.0",
        ("postgres", "" | "17") => "17.6",
        ("postgres", "16") => "16.10",
        ("postgres", "15") => "15.14",
        ("postgres", "14") => "14.19",
        ("postgres", "13") => "13.22",
        ("postgres", "12") => "12.22",
        ("postgres", "11") => "11.22",
        ("postgres", "10") => "10.23",
        ("postgres", "9.6") => "9.6.24",
        ("postgres", "9.4") => "9.4.26",
        ("mongo", "" | "8" | "8.0") => "8.0.13",
        ("mongo", "7" | "7.0") => "7.0.24",
        ("mongo", "6" | "6.0") => "6.0.26",
        ("mongo", "5" | "5.0") => "5.0.31",
        ("mongo", "4" | "4.4") => "4.4.29",
        ("mongo", "4.2") => "4.2.24",
        ("mongo", "3.6") => "3.6.23",
        (_, number) => number,
    };
    full.to_string()
}

/// What the images differ in.
struct Make<'a> {
    family: &'static str,
    full: &'a str,
    size: u64,
    exposed: &'static [&'static str],
    volumes: &'static [&'static str],
    cmd: &'static [&'static str],
}

fn draft(
    programs: Programs,
    make: &Make<'_>,
    variables: &[(&str, String)],
    fill: impl Fn(&mut base::Root),
) -> Draft {
    let created = 1_727_400_000;
    let alpine = make.family.ends_with("alpine");
    let mut root = match alpine {
        true => base::alpine(programs, created, linux::alpine_version("3.22")),
        false => base::debian(programs, created, &linux::debian_release("12")),
    };
    let (user, id) = match make.family {
        f if f.starts_with("postgres") => ("postgres", if alpine { 70 } else { 999 }),
        "mongod" => ("mongodb", 999),
        _ => ("mysql", 999),
    };
    if !alpine {
        root.file("/etc/passwd", &format!("root:x:0:0:root:/root:/bin/bash\nnobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n{user}:x:{id}:{id}::/var/lib/{user}:/bin/bash\n"));
        root.file("/etc/group", &format!("root:x:0:\nnogroup:x:65534:\n{user}:x:{id}:\n"));
    } else {
        root.file("/etc/passwd", &format!("root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/sbin/nologin\n{user}:x:{id}:{id}:Linux User,,,:/var/lib/{user}:/bin/sh\n"));
        root.file("/etc/group", &format!("root:x:0:root\nnobody:x:65534:\n{user}:x:{id}:\n"));
    }
    root.owner(id).dirs(make.volumes).owner(0);
    fill(&mut root);
    let mut env = linux::path();
    if make.family == "postgres"
        && let Some((_, path)) = env.iter_mut().find(|e| e.0 == "PATH")
    {
        let major = make.full.split('.').next().unwrap_or("");
        path.push_str(&format!(":/usr/lib/postgresql/{major}/bin"));
    }
    env.extend(variables.iter().map(|(n, v)| ((*n).to_string(), v.clone())));
    Draft {
        family: make.family,
        version: make.full.to_string(),
        base: if alpine { "alpine" } else { "debian-slim" },
        base_size: if alpine { 7_797_760 } else { 74_800_000 },
        layers: 10,
        size: make.size,
        entrypoint: &["docker-entrypoint.sh"],
        cmd: make.cmd,
        env,
        exposed: make.exposed,
        volumes: make.volumes,
        created,
        flavour: if alpine { Flavour::Busybox } else { Flavour::Gnu },
        root: root.fs,
        ..Draft::default()
    }
}
