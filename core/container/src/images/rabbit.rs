//! rabbitmqctl and rabbitmq-diagnostics, light: they read and change the broker's state, which is a file
//! of its data folder that its management interface reads as well.
//!
//! Left out: AMQP itself, so that queues come only by the management interface; policies, clustering.

use crate::machine::{Machine, Once};
use crate::program::Program;
use crate::sys::Sys;

pub const PROGRAM: Program = Program { name: "rabbitmqctl", about: "administers RabbitMQ", start };

/// Where the users are kept.
pub const USERS: &str = "/var/lib/rabbitmq/mnesia/users";

fn start(_: &mut Sys<'_>) -> Box<dyn Machine> {
    Box::new(Once(run))
}

/// Name, password, tags.
pub fn users(sys: &mut Sys<'_>) -> Vec<(String, String, String)> {
    let text = sys.read_file(USERS).map(|b| String::from_utf8_lossy(&b).into_owned()).unwrap_or_else(|_| {
        let name = sys.env("RABBITMQ_DEFAULT_USER").unwrap_or_else(|| "guest".into());
        let password = sys.env("RABBITMQ_DEFAULT_PASS").unwrap_or_else(|| "guest".into());
        format!("{name}\t{password}\tadministrator\n")
    });
    let rows = text.lines().filter_map(|l| match *l.split('\t').collect::<Vec<_>>() {
        [name, password, tags] => Some((name.to_string(), password.to_string(), tags.to_string())),
        _ => None,
    });
    rows.collect()
}

fn keep(sys: &mut Sys<'_>, users: &[(String, String, String)]) {
    let text: String = users.iter().map(|(n, p, t)| format!("{n}\t{p}\t{t}\n")).collect();
    _ = sys.make_folders("/var/lib/rabbitmq/mnesia");
    _ = sys.write_file(USERS, text.as_bytes(), false);
}

/// Whether the broker of this container is up.
fn is_up(sys: &Sys<'_>) -> bool {
    let net = sys.process().and_then(|p| sys.machines.space(p.space)).map(|s| s.net);
    net.is_some_and(|net| sys.machines.listeners.contains_key(&(net, 5672)))
}

fn run(sys: &mut Sys<'_>) -> i32 {
    let args = sys.args();
    let quiet = args.iter().any(|a| matches!(&**a, "-q" | "--quiet" | "-s" | "--silent"));
    let words: Vec<String> =
        args.iter().skip(1).filter(|a| !a.starts_with('-')).map(ToString::to_string).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let node = format!("rabbit@{}", sys.hostname());
    let say = |sys: &mut Sys<'_>, text: &str| {
        if !quiet {
            sys.print(&format!("{text}\n"));
        }
    };
    match words.first() {
        None | Some(&"help") => {
            sys.print("\nUsage\n\nrabbitmqctl [--node <node>] [--timeout <timeout>] [--longnames] [--quiet] <command> [<command options>]\n\nAvailable commands:\n\n   add_user          Creates a new user in the internal database\n   change_password   Changes the user password\n   delete_user       Removes a user from the internal database\n   list_queues       Lists queues and their properties\n   list_users        List user names and tags\n   list_vhosts       Lists virtual hosts\n   set_permissions   Sets user permissions for a vhost\n   set_user_tags     Sets user tags\n   status            Displays status of a node\n\n");
            return i32::from(words.is_empty()) * 64;
        }
        _ if !is_up(sys) => {
            sys.eprint(&format!("Error: unable to perform an operation on node '{node}'. Please see diagnostics information and suggestions below.\n\nMost common reasons for this are:\n\n * Target node is unreachable (e.g. due to hostname resolution, TCP connection or firewall issues)\n * CLI tool fails to authenticate with the server (e.g. due to CLI tool's Erlang cookie not matching that of the server)\n * Target node is not running\n\n"));
            return 69;
        }
        _ => {}
    }
    let mut all = users(sys);
    let at = |all: &[(String, String, String)], name: &str| all.iter().position(|u| u.0 == name);
    let missing = |sys: &mut Sys<'_>, name: &str| {
        sys.eprint(&format!("Error:\nUser \"{name}\" does not exist\n"));
        67
    };
    match words.as_slice() {
        ["status" | "cluster_status"] => {
            let version = sys.env("RABBITMQ_VERSION").unwrap_or_else(|| "3.13.7".into());
            sys.print(&format!("Status of node {node} ...\nRuntime\n\nOS PID: 1\nOS: Linux\nUptime (seconds): {}\nIs under maintenance?: false\nRabbitMQ version: {version}\nNode name: {node}\nErlang configuration: Erlang/OTP 26 [erts-14.2.5] [source] [64-bit] [smp:4:4] [ds:4:4:10] [async-threads:1] [jit:ns]\n\nPlugins\n\nEnabled plugin file: /etc/rabbitmq/enabled_plugins\nEnabled plugins:\n\n * rabbitmq_prometheus\n * rabbitmq_management_agent\n\nTotals\n\nConnection count: 0\nQueue count: 0\nVirtual host count: 1\n\nListeners\n\nInterface: [::], port: 25672, protocol: clustering, purpose: inter-node and CLI tool communication\nInterface: [::], port: 5672, protocol: amqp, purpose: AMQP 0-9-1 and AMQP 1.0\n", sys.now() / 1000));
            0
        }
        ["ping"] => {
            say(
                sys,
                &format!(
                    "Will ping {node}. This only checks if the OS process is running and registered with epmd. Timeout: 60000 ms."
                ),
            );
            sys.print("Ping succeeded\n");
            0
        }
        ["check_running" | "check_port_connectivity" | "check_local_alarms" | "is_running"] => {
            sys.print(&format!("RabbitMQ on node {node} is fully booted and running\n"));
            0
        }
        ["await_startup" | "start_app" | "stop_app" | "reset" | "wait", ..] => 0,
        ["list_users"] => {
            say(sys, "Listing users ...");
            let rows: String = all.iter().map(|u| format!("{}\t[{}]\n", u.0, u.2)).collect();
            sys.print(&format!("user\ttags\n{rows}"));
            0
        }
        ["list_queues" | "list_connections" | "list_channels" | "list_consumers" | "list_bindings", ..] => {
            let kind = words.first().map_or("", |w| w.trim_start_matches("list_"));
            if kind == "queues" {
                say(sys, "Timeout: 60.0 seconds ...\nListing queues for vhost / ...");
            } else {
                say(sys, &format!("Listing {kind} ..."));
            }
            0
        }
        ["list_exchanges", ..] => {
            say(sys, "Listing exchanges for vhost / ...");
            sys.print("name\ttype\namq.direct\tdirect\namq.fanout\tfanout\n\tdirect\namq.headers\theaders\namq.match\theaders\namq.rabbitmq.trace\ttopic\namq.topic\ttopic\n");
            0
        }
        ["list_vhosts", ..] => {
            say(sys, "Listing vhosts ...");
            sys.print("name\n/\n");
            0
        }
        ["list_permissions", ..] => {
            say(sys, "Listing permissions for vhost \"/\" ...");
            let rows: String = all.iter().map(|u| format!("{}\t.*\t.*\t.*\n", u.0)).collect();
            sys.print(&format!("user\tconfigure\twrite\tread\n{rows}"));
            0
        }
        ["add_user", name, password] => {
            say(sys, &format!("Adding user \"{name}\" ..."));
            if at(&all, name).is_some() {
                sys.eprint(&format!("Error:\nUser \"{name}\" already exists\n"));
                return 70;
            }
            all.push(((*name).into(), (*password).into(), String::new()));
            keep(sys, &all);
            say(
                sys,
                "Done. Don't forget to grant the user permissions to some virtual hosts! See 'rabbitmqctl help set_permissions' to learn more.",
            );
            0
        }
        ["delete_user", name] => {
            say(sys, &format!("Deleting user \"{name}\" ..."));
            if at(&all, name).is_none() {
                return missing(sys, name);
            }
            all.retain(|u| u.0 != *name);
            keep(sys, &all);
            0
        }
        ["change_password", name, password] => {
            say(sys, &format!("Changing password for user \"{name}\" ..."));
            let Some(user) = at(&all, name).and_then(|n| all.get_mut(n)) else { return missing(sys, name) };
            user.1 = (*password).into();
            keep(sys, &all);
            0
        }
        ["authenticate_user", name, password] => {
            say(sys, &format!("Authenticating user \"{name}\" ..."));
            if all.iter().any(|u| u.0 == *name && u.1 == *password) {
                sys.print("Success\n");
                return 0;
            }
            sys.eprint(&format!("Error:\nfailed to authenticate user \"{name}\"\n"));
            65
        }
        ["set_user_tags", name, tags @ ..] => {
            say(sys, &format!("Setting tags for user \"{name}\" to [{}] ...", tags.join(", ")));
            let Some(user) = at(&all, name).and_then(|n| all.get_mut(n)) else { return missing(sys, name) };
            user.2 = tags.join(", ");
            keep(sys, &all);
            0
        }
        ["set_permissions", rest @ ..] => {
            let name = rest.iter().rev().nth(3).copied().unwrap_or("");
            say(sys, &format!("Setting permissions for user \"{name}\" in vhost \"/\" ..."));
            if at(&all, name).is_none() { missing(sys, name) } else { 0 }
        }
        [command, ..] => {
            sys.eprint(&format!("\nCommand '{command}' not found.\n"));
            64
        }
        [] => 0,
    }
}
