//! Servers that keep what they are told in a database: WordPress in MySQL, the voting app's worker and
//! result page in PostgreSQL. They ask over the simulated network and fail as the real ones do.
//!
//! Left out: WordPress beyond its installation and front page, the result page's socket.

mod worker;
pub use worker::Worker;

use super::pages::{html, page};
use super::{Outcome, Turn};
use crate::images::redis::resp::Reply as Redis;
use crate::images::serve::Visit;
use crate::images::web;
use crate::machine::{Behave, Handled, Step};
use crate::signal::Signal;
use crate::sql::engine::Outcome as Sql;
use crate::sql::fault::Fault;
use crate::sql::wire::{Ask, Reply};
use crate::sys::Sys;
use crate::wait::Wait;
use drydock_network::exchange::{Answer, Payload, Target};
use drydock_network::http::Method;

/// How to reach a database.
struct Place {
    host: String,
    port: u16,
    user: String,
    password: String,
    database: String,
}

/// How far asking a database has come.
enum Asked {
    /// Something is to be sent first.
    Call(Turn),
    /// Nobody there, or refused.
    Down(Option<Fault>),
    Done(Vec<Sql>),
}

fn reply_of(outcome: &Outcome) -> Option<Reply> {
    match outcome {
        Ok(Answer::Bytes(bytes)) => Reply::decode(bytes),
        _ => None,
    }
}

/// Signs in, asks and leaves: three calls, whose answers are the first of `calls`.
fn ask(place: &Place, sql: &str, calls: &[Outcome]) -> Asked {
    let send = |ask: Ask| {
        Asked::Call(Turn::Call {
            host: place.host.clone(),
            port: place.port,
            payload: Payload::Bytes(ask.encode().into()),
        })
    };
    let Some(first) = calls.first() else {
        return send(Ask::Login {
            user: place.user.clone(),
            password: Some(place.password.clone()),
            database: Some(place.database.clone()),
            socket: false,
        });
    };
    let session = match reply_of(first) {
        Some(Reply::Session { id, .. }) => id,
        Some(Reply::Fault(fault)) => return Asked::Down(Some(fault)),
        _ => return Asked::Down(None),
    };
    match calls.get(1..) {
        None | Some([]) => send(Ask::Query { session, text: sql.into() }),
        Some([_]) => send(Ask::Quit { session }),
        Some([answer, ..]) => match reply_of(answer) {
            Some(Reply::Results(outcomes)) => Asked::Done(outcomes),
            _ => Asked::Down(None),
        },
    }
}

/// The rows of the last result.
fn rows(outcomes: Vec<Sql>) -> Result<Vec<Vec<Option<String>>>, Fault> {
    let mut out = Vec::new();
    for outcome in outcomes {
        match outcome {
            Sql::Rows { rows, .. } => out = rows,
            Sql::Failed(fault) => return Err(fault),
            Sql::Done { .. } => {}
        }
    }
    Ok(out)
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// A field of a submitted form.
fn field(visit: &Visit<'_>, name: &str) -> Option<String> {
    let body = String::from_utf8_lossy(&visit.request.body.bytes()).into_owned();
    let raw = body.split('&').find_map(|p| p.strip_prefix(name)?.strip_prefix('=').map(String::from))?;
    Some(crate::utilities::url::percent_decode(&raw, true))
}

const PHP: &str = "Apache/2.4.65 (Debian)";
const HTML: &str = "text/html; charset=UTF-8";

fn wordpress_place(sys: &mut Sys<'_>) -> Place {
    let mut of = |name: &str, or: &str| {
        let file = sys.env(&format!("WORDPRESS_DB_{name}_FILE"));
        let kept = file
            .and_then(|f| sys.read_file(&f).ok())
            .map(|b| String::from_utf8_lossy(&b).trim_end().to_string());
        kept.or_else(|| sys.env(&format!("WORDPRESS_DB_{name}")).map(|v| v.to_string()))
            .unwrap_or_else(|| or.into())
    };
    let host = of("HOST", "mysql");
    let (host, port) = host
        .split_once(':')
        .map_or((host.clone(), 3306), |(h, p)| (h.to_string(), p.parse().unwrap_or(3306)));
    Place {
        host,
        port,
        user: of("USER", "example username"),
        password: of("PASSWORD", "example password"),
        database: of("NAME", "wordpress"),
    }
}

/// WordPress: its installation, then its front page.
pub(super) fn wordpress(sys: &mut Sys<'_>, visit: &Visit<'_>, _: u64, calls: &[Outcome]) -> Turn {
    let place = wordpress_place(sys);
    let path = visit.request.path.to_string();
    let installing = path.starts_with("/wp-admin/install.php");
    let title = field(visit, "weblog_title").filter(|_| installing && visit.request.method == Method::Post);
    let prefix = sys.env("WORDPRESS_TABLE_PREFIX").unwrap_or_else(|| "wp_".into());
    let prefix: String = prefix.chars().filter(|c| c.is_alphanumeric() || *c == '_').collect();
    let sql = match &title {
        None => format!(
            "SELECT option_value FROM {prefix}options WHERE option_name = 'blogname'; SELECT post_title, post_content FROM {prefix}posts WHERE post_status = 'publish' ORDER BY ID DESC"
        ),
        Some(title) => {
            let text = |t: String| t.replace('\\', "\\\\").replace('\'', "''");
            let (user, mail) = (
                field(visit, "user_name").unwrap_or_else(|| "admin".into()),
                field(visit, "admin_email").unwrap_or_default(),
            );
            format!(
                "CREATE TABLE {prefix}options (option_id bigint unsigned NOT NULL AUTO_INCREMENT, option_name varchar(191) NOT NULL DEFAULT '', option_value longtext NOT NULL, autoload varchar(20) NOT NULL DEFAULT 'yes', PRIMARY KEY (option_id), UNIQUE KEY option_name (option_name));\
                 CREATE TABLE {prefix}users (ID bigint unsigned NOT NULL AUTO_INCREMENT, user_login varchar(60) NOT NULL DEFAULT '', user_pass varchar(255) NOT NULL DEFAULT '', user_email varchar(100) NOT NULL DEFAULT '', user_registered datetime NOT NULL DEFAULT CURRENT_TIMESTAMP, display_name varchar(250) NOT NULL DEFAULT '', PRIMARY KEY (ID), KEY user_login_key (user_login));\
                 CREATE TABLE {prefix}posts (ID bigint unsigned NOT NULL AUTO_INCREMENT, post_author bigint unsigned NOT NULL DEFAULT 0, post_date datetime NOT NULL DEFAULT CURRENT_TIMESTAMP, post_content longtext NOT NULL, post_title text NOT NULL, post_status varchar(20) NOT NULL DEFAULT 'publish', post_name varchar(200) NOT NULL DEFAULT '', PRIMARY KEY (ID), KEY post_author (post_author));\
                 CREATE TABLE {prefix}comments (comment_ID bigint unsigned NOT NULL AUTO_INCREMENT, comment_post_ID bigint unsigned NOT NULL DEFAULT 0, comment_content text NOT NULL, PRIMARY KEY (comment_ID));\
                 INSERT INTO {prefix}options (option_name, option_value) VALUES ('siteurl', 'http://{host}'), ('blogname', '{title}'), ('admin_email', '{mail}');\
                 INSERT INTO {prefix}users (user_login, user_pass, user_email, display_name) VALUES ('{user}', '$wp$2y$10$0', '{mail}', '{user}');\
                 INSERT INTO {prefix}posts (post_author, post_content, post_title, post_name) VALUES (1, 'Welcome to WordPress. This is your first post. Edit or delete it, then start writing!', 'Hello world!', 'hello-world')",
                host = text(visit.request.headers.get("Host").unwrap_or("localhost").to_string()),
                title = text(title.clone()),
                user = text(user),
                mail = text(mail),
            )
        }
    };
    let outcomes = match ask(&place, &sql, calls) {
        Asked::Call(turn) => return turn,
        Asked::Down(fault) => {
            let cannot = fault.as_ref().is_some_and(|f| matches!(f.code, 1044 | 1049));
            let why = fault.map_or_else(|| "Connection refused".to_string(), |f| f.text);
            sys.eprint(&format!("[php:warn] PHP Warning:  mysqli_real_connect(): (HY000/2002): {why} in /var/www/html/wp-includes/class-wpdb.php on line 1990\n"));
            let (head, text) = match cannot {
                true => (
                    "Cannot select database",
                    format!(
                        "<h1>Cannot select database</h1>\n<p>The database server could be connected to (which means your username and password is okay) but the <code>{}</code> database could not be selected.</p>",
                        escaped(&place.database)
                    ),
                ),
                false => ("Database Error", "<h1>Error establishing a database connection</h1>".to_string()),
            };
            let body = format!(
                "<!DOCTYPE html>\n<html lang=\"en-US\">\n<head>\n\t<meta http-equiv=\"Content-Type\" content=\"text/html; charset=utf-8\" />\n\t<title>{head}</title>\n</head>\n<body id=\"error-page\">\n\t<div class=\"wp-die-message\">{text}</div></body>\n</html>\n"
            );
            return page(sys, visit, 500, HTML, PHP, &body);
        }
        Asked::Done(outcomes) => outcomes,
    };
    let blog = outcomes.first().and_then(|o| match o {
        Sql::Rows { rows, .. } => rows.first()?.first()?.clone(),
        _ => None,
    });
    let frame = |title: &str, body: &str| {
        format!(
            "<!DOCTYPE html>\n<html lang=\"en-US\">\n<head>\n\t<meta charset=\"UTF-8\" />\n\t<title>{title}</title>\n</head>\n{body}</html>\n"
        )
    };
    if title.is_some() {
        let failed = outcomes.iter().any(|o| matches!(o, Sql::Failed(_)));
        let text = if failed {
            "<h1>Already Installed</h1>\n<p>You appear to have already installed WordPress. To reinstall please clear your old database tables first.</p>"
        } else {
            "<h1>Success!</h1>\n<p>WordPress has been installed. Thank you, and enjoy!</p>"
        };
        return page(
            sys,
            visit,
            200,
            HTML,
            PHP,
            &frame(
                "WordPress &rsaquo; Installation",
                &format!("<body class=\"wp-core-ui\">\n<p id=\"logo\">WordPress</p>\n{text}\n</body>\n"),
            ),
        );
    }
    let host = visit.request.headers.get("Host").unwrap_or("localhost").to_string();
    match (blog, installing) {
        (None, false) if path.ends_with(".css") || path.ends_with(".js") => {
            page(sys, visit, 200, "text/plain", PHP, "")
        }
        (None, false) => away(sys, visit, &format!("http://{host}/wp-admin/install.php")),
        (None, true) => {
            let form = visit.request.param("step") == Some("1") || visit.request.method == Method::Post;
            let body = match form {
                true => {
                    "<body class=\"wp-core-ui\">\n<p id=\"logo\">WordPress</p>\n<h1>Welcome</h1>\n<p>Welcome to the famous five-minute WordPress installation process!</p>\n<form id=\"setup\" method=\"post\" action=\"install.php?step=2\">\n\t<input name=\"weblog_title\" type=\"text\" />\n\t<input name=\"user_name\" type=\"text\" />\n\t<input name=\"admin_password\" type=\"password\" />\n\t<input name=\"admin_email\" type=\"email\" />\n\t<input type=\"submit\" name=\"Submit\" value=\"Install WordPress\" />\n</form>\n</body>\n"
                }
                false => {
                    "<body class=\"wp-core-ui language-chooser\">\n<p id=\"logo\">WordPress</p>\n<form id=\"setup\" method=\"post\" action=\"?step=1\"><select size=\"14\" name=\"language\" id=\"language\">\n<option value=\"\" lang=\"en\" selected=\"selected\">English (United States)</option>\n</select>\n<p class=\"step\"><input id=\"language-continue\" type=\"submit\" value=\"Continue\" /></p></form>\n</body>\n"
                }
            };
            page(sys, visit, 200, HTML, PHP, &frame("WordPress &rsaquo; Installation", body))
        }
        (Some(_), true) => page(
            sys,
            visit,
            200,
            HTML,
            PHP,
            &frame(
                "WordPress &rsaquo; Installation",
                "<body class=\"wp-core-ui\">\n<h1>Already Installed</h1>\n<p>You appear to have already installed WordPress. To reinstall please clear your old database tables first.</p>\n</body>\n",
            ),
        ),
        (Some(_), false) if path.starts_with("/wp-admin") => away(
            sys,
            visit,
            &format!("http://{host}/wp-login.php?redirect_to=http%3A%2F%2F{host}%2Fwp-admin%2F&reauth=1"),
        ),
        (Some(blog), false) => {
            let posts: String = rows(outcomes)
                .unwrap_or_default()
                .iter()
                .map(|r| {
                    let cell = |n: usize| escaped(r.get(n).and_then(|c| c.as_deref()).unwrap_or(""));
                    format!(
                        "<article>\n<h2 class=\"wp-block-post-title\">{}</h2>\n<p>{}</p>\n</article>\n",
                        cell(0),
                        cell(1)
                    )
                })
                .collect();
            let blog = escaped(&blog);
            page(
                sys,
                visit,
                200,
                HTML,
                PHP,
                &frame(
                    &blog,
                    &format!(
                        "<body class=\"home blog\">\n<h1 class=\"wp-block-site-title\">{blog}</h1>\n{posts}</body>\n"
                    ),
                ),
            )
        }
    }
}

/// WordPress' own redirect.
fn away(sys: &Sys<'_>, visit: &Visit<'_>, to: &str) -> Turn {
    let date = web::http_date(sys.unix());
    let headers = [
        ("Date", &*date),
        ("Server", PHP),
        ("X-Powered-By", "PHP/8.3.26"),
        ("Expires", "Wed, 11 Jan 1984 05:00:00 GMT"),
        ("Cache-Control", "no-cache, must-revalidate, max-age=0, no-store, private"),
        ("X-Redirect-By", "WordPress"),
        ("Location", to),
        ("Content-Length", "0"),
        ("Content-Type", HTML),
    ];
    Turn::Answer(web::reply(visit.request, 302, &headers, b""))
}

fn votes() -> Place {
    Place {
        host: "db".into(),
        port: 5432,
        user: "postgres".into(),
        password: "postgres".into(),
        database: "postgres".into(),
    }
}

/// The voting app's result page: the counts its socket would bring, written into the page.
pub(super) fn result(sys: &mut Sys<'_>, visit: &Visit<'_>, _: u64, calls: &[Outcome]) -> Turn {
    if &*visit.request.path != "/" {
        return html(
            sys,
            visit,
            404,
            &format!(
                "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>Error</title>\n</head>\n<body>\n<pre>Cannot GET {}</pre>\n</body>\n</html>\n",
                escaped(&visit.request.path)
            ),
        );
    }
    let counted = match ask(&votes(), "SELECT vote, COUNT(id) AS count FROM votes GROUP BY vote", calls) {
        Asked::Call(turn) => return turn,
        Asked::Down(_) => {
            sys.eprint("Waiting for db\n");
            None
        }
        Asked::Done(outcomes) => match rows(outcomes) {
            Ok(rows) => Some(rows),
            Err(fault) => {
                sys.eprint(&format!("Error performing query: error: {}\n", fault.text));
                None
            }
        },
    };
    let count = |name: &str| -> u64 {
        let row = counted.iter().flatten().find(|r| r.first().and_then(|c| c.as_deref()) == Some(name));
        row.and_then(|r| r.get(1)?.as_ref()?.parse().ok()).unwrap_or(0)
    };
    let (a, b) = (count("a"), count("b"));
    let all = a + b;
    let percent = |n: u64| {
        (n * 1000 + all / 2)
            .checked_div(all)
            .map_or_else(|| "50.0".to_string(), |p| format!("{}.{}", p / 10, p % 10))
    };
    let total = match all {
        0 => "No votes yet".to_string(),
        1 => "1 vote".into(),
        n => format!("{n} votes"),
    };
    html(
        sys,
        visit,
        200,
        &format!(
            "<!DOCTYPE html>\n<html ng-app=\"catsvsdogs\">\n  <head>\n    <title>Cats vs Dogs -- Result</title>\n  </head>\n  <body>\n    <div id=\"choice\">\n      <div class=\"choice cats\"><div class=\"label\">Cats</div><div class=\"stat\">{}%</div></div>\n      <div class=\"choice dogs\"><div class=\"label\">Dogs</div><div class=\"stat\">{}%</div></div>\n    </div>\n    <div id=\"result\"><span>{total}</span></div>\n  </body>\n</html>\n",
            percent(a),
            percent(b)
        ),
    )
}
