//! What the shells accept or know of but do not simulate.

/// Area, thing, why.
pub const NOT_SIMULATED: &[(&str, &str, &str)] = &[
    ("shell", "select, coproc", "menus and coprocesses are rare in what a learner types"),
    ("shell", "extglob patterns, globstar", "shopt accepts the names; patterns stay POSIX"),
    ("shell", "associative array order", "listed by key; bash lists by its hash table"),
    ("shell", "prompt command substitution", "commands in PS1 are shown, not run"),
    ("shell", "set -o emacs/vi/history, notify, functrace", "accepted; line editing is the terminal's"),
    ("shell", "ulimit", "values are shown; setting one has no effect"),
    ("shell", "time", "only real time passes in the simulation; user and sys are zero"),
    ("shell", "declare -n, -t, DEBUG and RETURN traps", "accepted without effect"),
];
