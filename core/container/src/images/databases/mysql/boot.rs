//! Before the server runs: checks, the first start, accounts and scripts.

use super::*;

impl Server {
    /// The beginning: checks, and the first start's initialisation.
    pub(super) fn boot(&mut self, sys: &mut Sys<'_>, args: &[Arc<str>]) -> Result<(), ()> {
        let (product, version) = (self.product(), self.version());
        let full = if self.maria() {
            "1:".to_string() + &version.replace("-MariaDB-", "+maria~")
        } else {
            sys.env("MYSQL_VERSION").map_or_else(|| version.to_string(), |v| v.to_string())
        };
        if self.entered {
            self.note(sys, "Note", &format!("Entrypoint script for {product} Server {full} started."));
            self.note(sys, "Note", "Switching to dedicated user 'mysql'");
            self.note(sys, "Note", &format!("Entrypoint script for {product} Server {full} started."));
        }
        let major: u32 = version.split('.').next().and_then(|v| v.parse().ok()).unwrap_or(9);
        let gone = args.iter().find_map(|a| {
            a.strip_prefix("--").filter(|a| {
                a.starts_with("default-authentication-plugin")
                    && (major >= 9 || version.starts_with("8.4"))
                    && !self.maria()
            })
        });
        let unknown = args.iter().filter_map(|a| a.strip_prefix("--")).find(|a| !known_option(a));
        if let Some(option) = gone.or(unknown) {
            if self.entered && !self.maria() {
                self.note(sys, "ERROR", "mysqld failed while attempting to check config\n\tcommand was: mysqld --verbose --help --log-bin-index=/tmp/tmp.1");
            }
            let what = if option.contains('=') { "variable" } else { "option" };
            let shown = if option.contains('=') { option.to_string() } else { format!("--{option}") };
            self.log(
                sys,
                0,
                "ERROR",
                "MY-000067",
                &format!(
                    "{}unknown {what} '{shown}'{}",
                    if self.maria() { "mariadbd: " } else { "" },
                    if self.maria() { "" } else { "." }
                ),
            );
            self.log(sys, 0, "ERROR", "MY-010119", "Aborting");
            return Err(());
        }
        if self.served.initialised(sys) {
            self.served.load(sys);
            if self.entered && self.maria() {
                self.note(sys, "Note", "MariaDB upgrade not required");
            }
            self.begin(sys, if self.maria() { 900 } else { 1_400 });
            return Ok(());
        }
        if !self.entered {
            self.log(sys, 1, "ERROR", "MY-011011", "Failed to find valid data directory.");
            self.log(sys, 0, "ERROR", "MY-010020", "Data Dictionary initialization failed.");
            self.log(sys, 0, "ERROR", "MY-010119", "Aborting");
            return Err(());
        }
        self.verify(sys)?;
        self.note(sys, "Note", "Initializing database files");
        let data = self.served.data.clone();
        let files = self.served.foreign_files(sys);
        if !files.is_empty() && !files.iter().all(|f| f == "lost+found") && !self.maria() {
            self.log(
                sys,
                0,
                "ERROR",
                "MY-010457",
                "--initialize specified but the data directory has files in it. Aborting.",
            );
            self.log(sys, 0, "ERROR", "MY-013236", "The designated data directory /var/lib/mysql/ is unusable. You can remove all files that the server added to it.");
            self.log(sys, 0, "ERROR", "MY-010119", "Aborting");
            return Err(());
        }
        if sys.make_folders(&data).is_err()
            || sys
                .write_file(
                    &format!("{data}/auto.cnf"),
                    b"[auto]\nserver-uuid=6ccd780c-baba-1026-9564-5b8c656024db\n",
                    false,
                )
                .is_err()
        {
            self.note(sys, "ERROR", &format!("mkdir: cannot create directory '{data}': Permission denied"));
            return Err(());
        }
        if !self.maria() {
            self.log(
                sys,
                0,
                "System",
                "MY-013169",
                &format!(
                    "/usr/sbin/mysqld (mysqld {version}) initializing of server in progress as process 80"
                ),
            );
            self.log(sys, 1, "System", "MY-013576", "InnoDB initialization has started.");
        }
        self.state = State::Making(sys.now() + if self.maria() { 3_000 } else { 6_000 });
        Ok(())
    }
    /// What the start script insists on.
    pub(super) fn verify(&self, sys: &mut Sys<'_>) -> Result<(), ()> {
        let names: &[&str] =
            if self.maria() { &["ROOT_PASSWORD", "ROOT_PASSWORD_HASH"] } else { &["ROOT_PASSWORD"] };
        let mut given = false;
        for name in names.iter().chain(&["DATABASE", "USER", "PASSWORD"]) {
            match self.secret(sys, name) {
                Ok(value) => given |= value.is_some() && name.starts_with("ROOT"),
                Err(text) => {
                    self.note(sys, "ERROR", &text);
                    return Err(());
                }
            }
        }
        let set = |sys: &Sys<'_>, n: &str| {
            ["MYSQL_", "MARIADB_"].iter().any(|p| sys.env(&format!("{p}{n}")).is_some_and(|v| !v.is_empty()))
        };
        given |= set(sys, "ALLOW_EMPTY_PASSWORD")
            || set(sys, "RANDOM_ROOT_PASSWORD")
            || (self.maria() && set(sys, "ALLOW_EMPTY_ROOT_PASSWORD"));
        if !given {
            let text = match self.maria() {
                true => {
                    "Database is uninitialized and password option is not specified\n\tYou need to specify one of MARIADB_ROOT_PASSWORD, MARIADB_ROOT_PASSWORD_HASH, MARIADB_ALLOW_EMPTY_ROOT_PASSWORD and MARIADB_RANDOM_ROOT_PASSWORD"
                }
                false => {
                    "Database is uninitialized and password option is not specified\n    You need to specify one of the following as an environment variable:\n    - MYSQL_ROOT_PASSWORD\n    - MYSQL_ALLOW_EMPTY_PASSWORD\n    - MYSQL_RANDOM_ROOT_PASSWORD"
                }
            };
            self.note(sys, "ERROR", text);
            return Err(());
        }
        if !self.maria() && self.secret(sys, "USER").ok().flatten().as_deref() == Some("root") {
            self.note(sys, "ERROR", "MYSQL_USER=\"root\", MYSQL_USER and MYSQL_PASSWORD are for configuring a regular user and cannot be used for the root user\n    Remove MYSQL_USER=\"root\" and use one of the following to control the root user password:\n    - MYSQL_ROOT_PASSWORD\n    - MYSQL_ALLOW_EMPTY_PASSWORD\n    - MYSQL_RANDOM_ROOT_PASSWORD");
            return Err(());
        }
        Ok(())
    }
    /// Accounts, the database and the user of the environment.
    pub(super) fn setup(&mut self, sys: &mut Sys<'_>) {
        let mut store = fresh();
        let mut password = self.secret(sys, "ROOT_PASSWORD").ok().flatten().unwrap_or_default();
        let random = ["MYSQL_RANDOM_ROOT_PASSWORD", "MARIADB_RANDOM_ROOT_PASSWORD"]
            .iter()
            .any(|n| sys.env(n).is_some_and(|v| !v.is_empty()));
        if random {
            password = sys.machines.clock.random.suffix(32);
            self.note(sys, "Note", &format!("GENERATED ROOT PASSWORD: {password}"));
        }
        let account = |name: &str, host: &str| Account { name: name.into(), host: host.into() };
        let hosts =
            sys.env("MYSQL_ROOT_HOST").or_else(|| sys.env("MARIADB_ROOT_HOST")).unwrap_or_else(|| "%".into());
        for host in ["localhost", &hosts] {
            store.accounts.insert(account("root", host), superuser(Some(&password)));
        }
        let locked = User { password: Some("*LOCKED".into()), ..User::default() };
        let system: &[&str] = if self.maria() {
            &["mariadb.sys", "healthcheck"]
        } else {
            &["mysql.infoschema", "mysql.session", "mysql.sys"]
        };
        for name in system {
            store.accounts.insert(account(name, "localhost"), locked.clone());
        }
        let database = self.secret(sys, "DATABASE").ok().flatten();
        if let Some(name) = &database {
            self.note(sys, "Note", &format!("Creating database {name}"));
            let version = store.fresh();
            store.databases.insert(
                name.as_str().into(),
                Database { owner: "root".into(), version, ..Database::default() },
            );
        }
        let user = (self.secret(sys, "USER").ok().flatten(), self.secret(sys, "PASSWORD").ok().flatten());
        if let (Some(name), Some(password)) = &user {
            self.note(sys, "Note", &format!("Creating user {name}"));
            let usage =
                Grant { rights: OrdSet::unit("USAGE".into()), database: None, table: None, option: false };
            let mut made =
                User { password: Some(digest(password)), grants: vec![usage], options: OrdSet::new() };
            if let Some(database) = &database {
                self.note(sys, "Note", &format!("Giving user {name} access to schema {database}"));
                made.grants.push(Grant {
                    rights: OrdSet::unit("ALL PRIVILEGES".into()),
                    database: Some(database.as_str().into()),
                    table: None,
                    option: false,
                });
            }
            store.accounts.insert(account(name, "%"), made);
        } else if user.0.is_some() {
            self.note(
                sys,
                "Warn",
                "MYSQL_USER specified, but missing MYSQL_PASSWORD; MYSQL_USER will not be created",
            );
        } else if user.1.is_some() {
            self.note(
                sys,
                "Warn",
                "MYSQL_PASSWORD specified, but missing MYSQL_USER; MYSQL_PASSWORD will be ignored",
            );
        }
        self.served.engine.store = store;
    }
    /// The next script of initdb.d; true when none is left.
    pub(super) fn script(&mut self, sys: &mut Sys<'_>) -> Result<bool, i32> {
        if self.shell != 0 {
            match sys.wait(Some(self.shell)) {
                WaitResult::Exited(_, 0) => self.shell = 0,
                WaitResult::Exited(_, code) => return Err(code),
                _ => return Ok(false),
            }
        }
        if self.scripts.is_empty() {
            return Ok(true);
        }
        let path = self.scripts.remove(0);
        let (verb, own) = match kind_of(&path) {
            Kind::Other | Kind::Packed => ("ignoring", "Warn"),
            Kind::Shell if sys.may(&path, 1) => ("running", "Note"),
            Kind::Shell => ("sourcing", "Note"),
            Kind::Sql => ("running", "Note"),
        };
        self.note(sys, own, &format!("/usr/local/bin/docker-entrypoint.sh: {verb} {path}"));
        match kind_of(&path) {
            Kind::Shell => {
                let argv: Vec<Arc<str>> = vec!["bash".into(), path.as_str().into()];
                match sys.spawn(argv, SpawnOptions::default()) {
                    Ok(pid) => self.shell = pid,
                    Err(error) => sys
                        .eprint(&format!("/usr/local/bin/docker-entrypoint.sh: {path}: {}\n", error.text())),
                }
            }
            Kind::Sql => {
                let text = sys
                    .read_file(&path)
                    .map(|b| String::from_utf8_lossy(&b).into_owned())
                    .unwrap_or_default();
                let database = self.secret(sys, "DATABASE").ok().flatten();
                let mut shown = String::new();
                let mut show = |outcome: &Outcome| {
                    if let Outcome::Rows { columns, rows, .. } = outcome {
                        shown += &crate::images::databases::boxes::tabs(columns, rows, true, false);
                    }
                };
                let ran = self.served.script(sys, "root", database.as_deref(), &text, &mut show);
                sys.print(&shown);
                if let Err(wrong) = ran {
                    let (fault, line, _) = *wrong;
                    sys.eprint(&format!(
                        "ERROR {} ({}) at line {line}: {}\n",
                        fault.code, fault.state, fault.text
                    ));
                    return Err(1);
                }
                sys.print("\n\n");
            }
            Kind::Packed | Kind::Other => {}
        }
        self.served.flush(sys);
        Ok(false)
    }
}

/// Options mysqld has, by what they begin with.
pub(super) fn known_option(option: &str) -> bool {
    const BEGINNINGS: &[&str] = &[
        "character",
        "collation",
        "default",
        "skip",
        "innodb",
        "max",
        "sql",
        "port",
        "datadir",
        "bind",
        "log",
        "general",
        "slow",
        "server",
        "gtid",
        "binlog",
        "lower",
        "explicit",
        "performance",
        "table",
        "thread",
        "wait",
        "interactive",
        "key",
        "query",
        "secure",
        "local",
        "tmp",
        "read",
        "net",
        "transaction",
        "init",
        "user",
        "console",
        "socket",
        "pid",
        "relay",
        "replicate",
        "report",
        "event",
        "mysqlx",
        "authentication",
        "host",
        "ssl",
        "tls",
        "require",
        "disable",
        "enable",
        "group",
        "plugin",
        "federated",
        "join",
        "sort",
        "open",
        "back",
        "connect",
        "lc",
        "ft",
        "optimizer",
        "wsrep",
        "aria",
        "expire",
        "sync",
        "no-defaults",
        "verbose",
        "help",
        "mysql-native-password",
        "mysql_native_password",
        "range",
        "symbolic",
        "long",
        "activate",
        "concurrent",
        "completion",
        "automatic",
        "temptable",
        "unix",
        "version",
        "slave",
        "replica",
        "master",
        "source",
        "rpl",
    ];
    BEGINNINGS.iter().any(|b| option.starts_with(b))
}
