//! mysqladmin's commands and mysqldump's frame.

use super::*;

impl Client {
    pub(super) fn admin(&mut self, sys: &mut Sys<'_>) -> Step {
        let Some(command) = self.words.first().cloned() else { return Step::Exit(0) };
        self.words.remove(0);
        let query = match command.as_str() {
            "ping" => {
                sys.print("mysqld is alive\n");
                return Step::Again;
            }
            "shutdown" => {
                _ = self.link.send(sys, &Ask::Shutdown { session: self.session }, 1_000);
                return Step::Exit(0);
            }
            "version" | "status" => {
                let text = format!(
                    "Uptime: {}  Threads: 2  Questions: 8  Slow queries: 0  Opens: 148  Flush tables: 3  Open tables: 67  Queries per second avg: 0.012\n",
                    sys.now() / 1000
                );
                sys.print(&text);
                return Step::Again;
            }
            "processlist" => "SHOW PROCESSLIST".to_string(),
            "variables" => "SHOW VARIABLES".into(),
            "extended-status" => "SHOW STATUS".into(),
            "create" if !self.words.is_empty() => format!("CREATE DATABASE `{}`", self.words.remove(0)),
            "drop" if !self.words.is_empty() => format!("DROP DATABASE `{}`", self.words.remove(0)),
            "password" if !self.words.is_empty() => {
                let password = self.words.remove(0);
                format!("SET PASSWORD = '{}'", password.replace('\'', "''"))
            }
            "flush-privileges" | "reload" | "refresh" | "flush-hosts" | "flush-logs" => {
                "FLUSH PRIVILEGES".into()
            }
            other => {
                sys.eprint(&format!("{}: Unknown command: '{other}'\n", self.name));
                return Step::Exit(1);
            }
        };
        self.table = true;
        self.ask(sys, &Ask::Query { session: self.session, text: query }, Stage::Query(false))
    }
    pub(super) fn dump_next(&mut self, sys: &mut Sys<'_>) -> Step {
        let all = self.dump.iter().any(|d| d == "all");
        if all && self.stage == Stage::Idle && self.file.is_empty() {
            self.file = "-".into();
            return self.ask(
                sys,
                &Ask::Query { session: self.session, text: "SHOW DATABASES".into() },
                Stage::Query(false),
            );
        }
        let many = self.dump.iter().any(|d| d == "database");
        if self.words.is_empty() {
            let time = crate::images::databases::server::day_and_time(sys);
            sys.print(&format!("/*!40103 SET TIME_ZONE=@OLD_TIME_ZONE */;\n\n/*!40101 SET SQL_MODE=@OLD_SQL_MODE */;\n/*!40014 SET FOREIGN_KEY_CHECKS=@OLD_FOREIGN_KEY_CHECKS */;\n/*!40014 SET UNIQUE_CHECKS=@OLD_UNIQUE_CHECKS */;\n/*!40101 SET CHARACTER_SET_CLIENT=@OLD_CHARACTER_SET_CLIENT */;\n/*!40101 SET CHARACTER_SET_RESULTS=@OLD_CHARACTER_SET_RESULTS */;\n/*!40101 SET COLLATION_CONNECTION=@OLD_COLLATION_CONNECTION */;\n/*!40111 SET SQL_NOTES=@OLD_SQL_NOTES */;\n\n-- Dump completed on {time}\n"));
            return Step::Exit(0);
        }
        let database = self.words.remove(0);
        let tables = if many { Vec::new() } else { std::mem::take(&mut self.words) };
        if !self.verbose {
            // The head is printed once.
            self.verbose = true;
            let host = self.link.host.as_deref().unwrap_or("localhost");
            sys.print(&format!("-- {} dump 10.13  Distrib {}, for Linux (x86_64)\n--\n-- Host: {host}    Database: {}\n-- ------------------------------------------------------\n-- Server version\t{}\n\n/*!40101 SET @OLD_CHARACTER_SET_CLIENT=@@CHARACTER_SET_CLIENT */;\n/*!40101 SET @OLD_CHARACTER_SET_RESULTS=@@CHARACTER_SET_RESULTS */;\n/*!40101 SET @OLD_COLLATION_CONNECTION=@@COLLATION_CONNECTION */;\n/*!50503 SET NAMES utf8mb4 */;\n/*!40103 SET @OLD_TIME_ZONE=@@TIME_ZONE */;\n/*!40103 SET TIME_ZONE='+00:00' */;\n/*!40014 SET @OLD_UNIQUE_CHECKS=@@UNIQUE_CHECKS, UNIQUE_CHECKS=0 */;\n/*!40014 SET @OLD_FOREIGN_KEY_CHECKS=@@FOREIGN_KEY_CHECKS, FOREIGN_KEY_CHECKS=0 */;\n/*!40101 SET @OLD_SQL_MODE=@@SQL_MODE, SQL_MODE='NO_AUTO_VALUE_ON_ZERO' */;\n/*!40111 SET @OLD_SQL_NOTES=@@SQL_NOTES, SQL_NOTES=0 */;\n", if self.maria { "MariaDB" } else { "MySQL" }, self.version, if many { "" } else { &database }, self.version));
        }
        let options = self.dump.clone();
        self.ask(sys, &Ask::Dump { session: self.session, database, tables, options }, Stage::Dump)
    }
}
