//! What machines accept or know of but do not simulate.

/// Area, thing, why.
pub const NOT_SIMULATED: &[(&str, &str, &str)] = &[
    (
        "kernel",
        "capabilities, seccomp, AppArmor, user namespaces",
        "accepted; root in a container may do what its files' modes say",
    ),
    (
        "kernel",
        "CPU and memory use",
        "programs say what they use; only hogs use more than a little, and work takes no longer when throttled",
    ),
    ("kernel", "/sys and most of /proc/<pid>", "only what tools and learners read is there"),
    ("kernel", "device nodes beyond null, zero, full, random, tty", "containers have no other devices"),
    ("files", "locks, extended attributes, sparse files, FIFOs", "no program of the course needs them"),
    (
        "network",
        "UDP, ICMP and packets",
        "traffic is one message and its answer; names are looked up directly",
    ),
    ("network", "IPv6", "addresses are IPv4; servers say they listen on both"),
    ("network", "TLS", "a port that speaks TLS is told by its number; certificates are not checked"),
    (
        "images",
        "layers' file contents",
        "an image is one root filesystem; layers have sizes and digests only",
    ),
    ("images", "nginx: TLS, rewrite, caches, FastCGI, maps", "directives are accepted without effect"),
    (
        "images",
        "httpd: modules, virtual hosts, .htaccess",
        "port and document root are read from its configuration",
    ),
    (
        "images",
        "redis: transactions, pub/sub, MONITOR, scripts, streams, clusters, databases besides 0",
        "refused with an error that says so; replicas take whole copies",
    ),
    (
        "sql",
        "procedures, functions, triggers, events, sequences of one's own, partitions, window functions, recursive WITH, arrays, row expressions",
        "refused: ERROR 1235 of MySQL, SQLSTATE 0A000 of PostgreSQL",
    ),
    (
        "sql",
        "multi-table UPDATE and DELETE, SELECT INTO, DISTINCT ON, LATERAL, partial indexes, EXPLAIN of joins",
        "refused in the same way",
    ),
    (
        "sql",
        "locks, isolation levels, deadlocks",
        "accepted; a transaction works on a snapshot and the later COMMIT wins",
    ),
    (
        "sql",
        "indexes, engines, character sets, collations, VACUUM, ANALYZE",
        "accepted; tables are read whole and sorted as the defaults sort",
    ),
    ("sql", "COMMENT, ALTER DATABASE, ALTER SEQUENCE, extensions", "accepted without effect"),
    (
        "sql",
        "column and role-in-role rights, row security, hosts other than exact ones and %",
        "rights are of servers, databases and tables",
    ),
    (
        "images",
        "mysql, mariadb, postgres: replication, TLS, configuration files",
        "options of the command line are accepted",
    ),
    (
        "images",
        "psql: \\copy, \\watch, \\e, variables; pg_restore, pg_dumpall, initdb",
        "\\ commands about the catalogue are answered by the server",
    ),
    (
        "images",
        "mongo: wire protocol, replica sets, sharding, transactions, JavaScript beyond calls on db",
        "rs and sh refuse; the shell's statements are read, not run by an interpreter",
    ),
    (
        "images",
        "node, python: programs beyond small servers",
        "http, express and Flask servers are read by their shape; anything else is refused",
    ),
    ("images", "perl: programs", "the digits of pi and prints of a text"),
    (
        "images",
        "registry, prometheus, grafana, tomcat, jenkins, elasticsearch, kibana, rabbitmq, fluentd, wordpress, adminer",
        "they start, log and answer their first pages and health checks",
    ),
    ("images", "voting app: the result page's socket", "the page shows the counts of the moment it is asked"),
    (
        "images",
        "wordpress: plugins, posts beyond the first, signing in",
        "it installs itself into its database and shows its front page",
    ),
    ("images", ".NET, zsh's own syntax", "named by packages only"),
    (
        "images",
        "memcached: meta and binary protocols, eviction",
        "answered with ERROR; items stay until they expire",
    ),
    (
        "images",
        "rabbitmq: AMQP, queues, policies, clusters",
        "users and health are; no client speaks to port 5672",
    ),
    ("images", "containers' start scripts", "entrypoints are built in; their files say so"),
];
