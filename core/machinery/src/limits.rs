//! Every bound on input in one place. Nothing typed, pasted, opened from a link or written in a
//! lesson may exceed these; what does is refused with an error that names the limit.

/// Nesting of YAML, JSON and values. The wasm stack is 1 MiB and every tree walk recurses.
pub const DEPTH: usize = 100;
/// Nodes of one YAML or JSON document after aliases are expanded.
pub const NODES: usize = 200_000;
/// Bytes of one request body or manifest, as etcd and the API server bound them (3 MiB).
pub const BODY_BYTES: usize = 3 * 1024 * 1024;
/// Bytes of one stored object (etcd's 1.5 MiB).
pub const OBJECT_BYTES: usize = 1_572_864;
/// Notes of cause and effect kept.
pub const TRACE_NOTES: usize = 65_536;
/// Changes a watcher may lag behind before it must list again (410 Gone).
pub const WATCH_WINDOW: usize = 4_096;
/// Bytes a pipe or a terminal holds before its writer waits (Linux: 64 KiB).
pub const PIPE_BYTES: usize = 65_536;
/// Bytes of one simulated file.
pub const FILE_BYTES: usize = 8 * 1024 * 1024;
/// Bytes all files of one host may hold together.
pub const DISK_BYTES: usize = 64 * 1024 * 1024;
/// Entries of one host's or container's filesystem.
pub const FILES: usize = 20_000;
/// Processes alive in one world, pods' own not counted.
pub const PROCESSES: usize = 4_096;
/// Machine steps of one process between two moments of simulated time.
pub const STEPS_AT_ONCE: u64 = 1_000_000;
/// Bytes one command line may have.
pub const LINE_BYTES: usize = 256 * 1024;
/// Bytes of log kept per container, as the kubelet rotates (10 MiB there).
pub const LOG_BYTES: usize = 1024 * 1024;
/// Bytes of terminal output one command may print before it is cut.
pub const COMMAND_OUTPUT_BYTES: usize = 4 * 1024 * 1024;
/// Simulated time one foreground command may take headless before rc 124, in milliseconds.
pub const COMMAND_MS: u64 = 3_600_000;
/// Objects one world may hold.
pub const OBJECTS: usize = 400_000;
/// Bytes of a terminal's transcript kept.
pub const TTY_BYTES: usize = 8 * 1024 * 1024;
/// Pieces of a terminal's transcript kept.
pub const TTY_CHUNKS: usize = 200_000;
/// Command records kept per terminal.
pub const TTY_COMMANDS: usize = 20_000;
/// Open descriptors of one process (Linux' default soft limit).
pub const DESCRIPTORS: usize = 1_024;
/// Bytes of arguments and environment of one process (Linux: a quarter of an 8 MiB stack).
pub const ARGUMENT_BYTES: usize = 2 * 1024 * 1024;
/// Exchanges under way in one world.
pub const EXCHANGES: usize = 20_000;
/// Exchanges waiting at one listener before further ones are dropped (`net.core.somaxconn`).
pub const BACKLOG: usize = 4_096;
/// Hops of traffic remembered for the map.
pub const TRAFFIC: usize = 2_048;
/// Signals pending at one process.
pub const SIGNALS: usize = 64;
/// Nesting of an SQL statement.
pub const SQL_DEPTH: usize = 60;
/// Bytes of one SQL statement or value.
pub const SQL_TEXT: usize = 1024 * 1024;
/// Rows all tables of one database server may hold.
pub const SQL_ROWS: usize = 50_000;
/// Tables of a database, and databases and accounts of a server.
pub const SQL_TABLES: usize = 500;
/// Rows one SQL statement may look at, joins counted pair by pair.
pub const SQL_BUDGET: u64 = 1_000_000;
/// Sessions of one database server (MySQL's `max_connections`).
pub const SQL_SESSIONS: usize = 151;
