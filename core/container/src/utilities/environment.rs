//! What a process was given: printenv, and which program a name means.

use crate::sys::Sys;
use crate::sys_fs::FileKind;

pub fn printenv(sys: &mut Sys<'_>) -> i32 {
    let args = sys.args();
    let env = sys.environment();
    if args.len() < 2 {
        for (name, value) in sys.machines.in_order(sys.pid, &env) {
            sys.print(&format!("{name}={value}\n"));
        }
        return 0;
    }
    let mut code = 0;
    for name in args.iter().skip(1) {
        match env.get(name) {
            Some(value) => sys.print(&format!("{value}\n")),
            None => code = 1,
        }
    }
    code
}

pub fn which(sys: &mut Sys<'_>) -> i32 {
    let args = sys.args();
    let path = sys.env("PATH").unwrap_or_else(|| "/usr/bin:/bin".into());
    let mut code = 0;
    let all = args.iter().any(|a| &**a == "-a");
    for name in args.iter().skip(1).filter(|a| &***a != "-a") {
        let mut found = false;
        let places: Vec<String> = match name.contains('/') {
            true => vec![name.to_string()],
            false => path.split(':').map(|d| format!("{d}/{name}")).collect(),
        };
        for at in places {
            if sys.stat(&at).is_ok_and(|s| s.kind != FileKind::Directory && s.mode & 0o111 != 0) {
                sys.print(&format!("{at}\n"));
                found = true;
                if !all {
                    break;
                }
            }
        }
        if !found {
            code = 1;
        }
    }
    code
}
