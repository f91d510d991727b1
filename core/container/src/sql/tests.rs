use super::engine::{Engine, Moment, Outcome};
use super::{Dialect, save, users, wire};

/// An engine with one superuser and the database `shop`, and its session.
fn engine(d: Dialect) -> (Engine, u32) {
    let version = if d.is_mysql() { "8.0.43" } else { "17.6" };
    let mut e = Engine::new(d, version, "db", 1_795_000_000_000_000);
    let (name, host) = if d.is_mysql() { ("root", "%") } else { ("postgres", "") };
    let account = super::ast::Account { name: name.into(), host: host.into() };
    e.store.accounts.insert(account, users::superuser(Some("pw")));
    let database = super::store::Database { owner: name.into(), version: 1, ..Default::default() };
    e.store.databases.insert("shop".into(), database);
    let id = e.login(name, "localhost", Some("pw"), Some("shop"), false).unwrap();
    (e, id)
}

/// Results as text: rows with bars, `ok TAG n`, errors with their code.
fn run(e: &mut Engine, id: u32, sql: &str) -> String {
    let (outcomes, _) = e.query(id, sql, Moment { now: 1_795_000_000_000_000, random: 7 });
    let reply = wire::Reply::Results(outcomes.clone());
    assert_eq!(wire::Reply::decode(&reply.encode()), Some(reply));
    let mut out = Vec::new();
    for outcome in outcomes {
        out.push(match outcome {
            Outcome::Rows { columns, rows, .. } => {
                let head: Vec<String> = columns.into_iter().map(|c| c.0).collect();
                let lines = rows
                    .into_iter()
                    .map(|r| r.into_iter().map(|c| c.unwrap_or("~".into())).collect::<Vec<_>>().join("|"));
                std::iter::once(head.join("|")).chain(lines).collect::<Vec<_>>().join("\n")
            }
            Outcome::Done { tag, affected, info, notices } => {
                format!("ok {tag} {affected} {info}{}", notices.concat()).trim_end().to_string()
            }
            Outcome::Failed(f) => {
                let more = [&f.detail, &f.hint]
                    .into_iter()
                    .filter(|t| !t.is_empty())
                    .cloned()
                    .collect::<Vec<_>>()
                    .join(" / ");
                format!(
                    "{} {}: {}{}",
                    f.code,
                    f.state,
                    f.text,
                    if more.is_empty() { String::new() } else { format!(" / {more}") }
                )
            }
        });
    }
    out.join("\n")
}

/// `> statement` lines with what they give below.
fn script(d: Dialect, text: &str) {
    let (mut e, id) = engine(d);
    let mut wrong = Vec::new();
    for case in text.trim().split("\n> ") {
        let (sql, expected) =
            case.trim_start_matches("> ").split_once('\n').unwrap_or((case.trim_start_matches("> "), ""));
        let got = run(&mut e, id, sql);
        if got != expected.trim() {
            wrong.push(format!("> {sql}\n--- expected\n{}\n--- got\n{got}\n", expected.trim()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    // What is saved is what was there.
    let mut saved = save::Saved::new();
    let (files, _) = save::changes(&e, &mut saved);
    for database in e.store.databases.values() {
        for table in database.tables.values() {
            let text = save::write_table(d, table);
            let back = save::read_table(d, &text).unwrap_or_else(|| panic!("{text}"));
            assert_eq!(save::write_table(d, &back), text);
            assert_eq!((&back.rows, &back.index), (&table.rows, &table.index));
        }
    }
    let catalogue = files.get(save::catalogue(d)).unwrap();
    assert_eq!(&save::write_catalogue(&save::read_catalogue(d, catalogue).unwrap()), catalogue);
}

#[test]
fn mysql_statements() {
    script(Dialect::Mysql, include_str!("tests/mysql.txt"));
}

#[test]
fn postgres_statements() {
    script(Dialect::Postgres, include_str!("tests/postgres.txt"));
}

#[test]
fn transactions_are_seen_when_they_are_committed() {
    let (mut e, a) = engine(Dialect::Postgres);
    let b = e.login("postgres", "10.0.0.9", Some("pw"), Some("shop"), false).unwrap();
    run(&mut e, a, "create table t (id serial primary key, v text)");
    run(&mut e, a, "begin");
    run(&mut e, a, "insert into t (v) values ('a')");
    assert_eq!(run(&mut e, b, "select count(*) from t"), "count\n0");
    run(&mut e, b, "insert into t (id, v) values (50, 'b')");
    run(&mut e, a, "commit");
    assert_eq!(run(&mut e, b, "select v from t order by v"), "v\na\nb");
    run(&mut e, a, "begin");
    assert!(run(&mut e, a, "select 1/0").contains("division by zero"));
    assert!(run(&mut e, a, "select 1").contains("current transaction is aborted"));
    assert_eq!(run(&mut e, a, "commit"), "ok ROLLBACK 0");
}

#[test]
fn nobody_comes_in_without_the_password() {
    let (mut e, _) = engine(Dialect::Mysql);
    let wrong = e.login("root", "10.0.0.3", Some("nope"), None, false).unwrap_err();
    assert_eq!(wrong.text, "Access denied for user 'root'@'10.0.0.3' (using password: YES)");
    let (mut e, _) = engine(Dialect::Postgres);
    assert_eq!(
        e.login("postgres", "h", Some("x"), None, false).unwrap_err().text,
        "password authentication failed for user \"postgres\""
    );
}

#[test]
fn hostile_texts_are_refused_in_time() {
    for d in [Dialect::Mysql, Dialect::Postgres] {
        let (mut e, id) = engine(d);
        for sql in [
            "select ".to_string() + &"(".repeat(5_000),
            "select 'a".into(),
            "select /*".into(),
            "\u{0}".into(),
            "select repeat('x', 999999999)".into(),
        ] {
            run(&mut e, id, &sql);
        }
        run(&mut e, id, "create table n (a int)");
        run(&mut e, id, &format!("insert into n values {}", vec!["(1)"; 900].join(",")));
        let out = run(&mut e, id, "select count(*) from n a, n b, n c, n d");
        assert!(!out.contains("656100000000"), "{out}");
    }
}
