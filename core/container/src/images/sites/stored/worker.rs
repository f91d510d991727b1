//! The voting app's worker: takes votes out of redis and counts them in PostgreSQL.

use super::*;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Stage {
    Login,
    Table,
    /// Waiting for a vote at redis.
    Votes,
    Insert,
    Update,
    /// After a failure, until this moment; which side failed.
    Pause(u64, bool),
}

/// The voting app's worker: takes votes out of redis and counts them in PostgreSQL.
#[derive(Clone, Hash)]
pub struct Worker {
    stage: Stage,
    call: u64,
    session: u32,
    vote: (String, String),
    told: bool,
    greeted: bool,
}

impl Worker {
    #[must_use]
    pub fn new() -> Worker {
        Worker {
            stage: Stage::Login,
            call: 0,
            session: 0,
            vote: Default::default(),
            told: false,
            greeted: false,
        }
    }
    fn send(&mut self, sys: &mut Sys<'_>, host: &str, port: u16, bytes: Vec<u8>, timeout_ms: u64) {
        match sys.resolve(host).and_then(|ips| ips.first().copied()) {
            Some(ip) => self.call = sys.send(Target { ip, port }, Payload::Bytes(bytes.into()), timeout_ms),
            None => self.failed(sys, port == 5432),
        }
    }
    fn failed(&mut self, sys: &mut Sys<'_>, database: bool) {
        sys.eprint(if database { "Waiting for db\n" } else { "Waiting for redis\n" });
        self.stage = Stage::Pause(sys.now() + 1_000, database);
    }
    fn begin(&mut self, sys: &mut Sys<'_>) {
        let place = votes();
        let quoted = |t: &str| t.replace('\'', "''");
        let (id, vote) = (quoted(&self.vote.0), quoted(&self.vote.1));
        let query = |session: u32, text: String| Ask::Query { session, text }.encode();
        match self.stage {
            Stage::Login => {
                let ask = Ask::Login { user: place.user, password: Some(place.password), database: Some(place.database), socket: false };
                self.send(sys, "db", 5432, ask.encode(), 15_000);
            }
            Stage::Table => self.send(sys, "db", 5432, query(self.session, "CREATE TABLE IF NOT EXISTS votes (id VARCHAR(255) NOT NULL UNIQUE, vote VARCHAR(255) NOT NULL)".into()), 30_000),
            Stage::Insert => self.send(sys, "db", 5432, query(self.session, format!("INSERT INTO votes (id, vote) VALUES ('{id}', '{vote}')")), 30_000),
            Stage::Update => self.send(sys, "db", 5432, query(self.session, format!("UPDATE votes SET vote = '{vote}' WHERE id = '{id}'")), 30_000),
            Stage::Votes => {
                let words = ["BLPOP", "votes", "0"].map(|w| Redis::Bulk(w.as_bytes().to_vec()));
                self.send(sys, "redis", 6379, Redis::Many(words.to_vec()).encode(), 3_600_000);
            }
            Stage::Pause(..) => {}
        }
    }
    fn answered(&mut self, sys: &mut Sys<'_>, outcome: &Outcome) {
        match (self.stage, reply_of(outcome)) {
            (Stage::Votes, _) => match outcome {
                Ok(Answer::Bytes(bytes)) => {
                    let Some((Redis::Many(list), _)) = Redis::decode(bytes) else { return };
                    let Some(Redis::Bulk(text)) = list.get(1) else { return };
                    let value = drydock_machinery::json::parse(text).unwrap_or_default();
                    self.vote = (value["voter_id"].text().to_string(), value["vote"].text().to_string());
                    sys.print(&format!("Processing vote for '{}' by '{}'\n", self.vote.1, self.vote.0));
                    self.stage = Stage::Insert;
                }
                Err(drydock_network::exchange::Failure::TimedOut) => {}
                _ => {
                    sys.print("Reconnecting Redis\n");
                    self.failed(sys, false);
                }
            },
            (Stage::Login, Some(Reply::Session { id, .. })) => {
                self.session = id;
                sys.eprint("Connected to db\n");
                self.stage = Stage::Table;
            }
            (Stage::Table, Some(Reply::Results(_))) => {
                if !self.greeted {
                    self.greeted = true;
                    sys.print("Connecting to redis\n");
                    let ip = sys.resolve("redis").and_then(|i| i.first().copied());
                    if let Some(ip) = ip {
                        sys.print(&format!("Found redis at {ip}\n"));
                    }
                }
                self.stage = if self.vote.0.is_empty() { Stage::Votes } else { Stage::Insert };
            }
            (Stage::Insert, Some(Reply::Results(list)))
                if list.iter().any(|o| matches!(o, Sql::Failed(_))) =>
            {
                self.stage = Stage::Update
            }
            (Stage::Insert | Stage::Update, Some(Reply::Results(_))) => {
                self.vote = Default::default();
                self.stage = Stage::Votes;
            }
            _ => {
                if self.stage != Stage::Login {
                    sys.print("Reconnecting DB\n");
                }
                self.failed(sys, true);
            }
        }
    }
}

impl Default for Worker {
    fn default() -> Worker {
        Worker::new()
    }
}

impl Behave for Worker {
    fn signal(&mut self, signal: Signal) -> Handled {
        if matches!(signal, Signal::Term | Signal::Int) {
            self.told = true;
            return Handled::Caught;
        }
        Handled::Default
    }
    fn step(&mut self, sys: &mut Sys<'_>) -> Step {
        if self.told {
            return Step::Exit(143);
        }
        if self.call != 0 {
            let Some(outcome) = sys.answer(self.call) else { return Step::wait(Wait::Answer(self.call)) };
            self.call = 0;
            self.answered(sys, &outcome);
        }
        if let Stage::Pause(until, database) = self.stage {
            if sys.now() < until {
                return Step::wait(Wait::Until(until));
            }
            self.stage = if database { Stage::Login } else { Stage::Votes };
        }
        self.begin(sys);
        match (self.call, self.stage) {
            (0, Stage::Pause(until, _)) => Step::wait(Wait::Until(until)),
            (0, _) => Step::Again,
            (call, _) => Step::wait(Wait::Answer(call)),
        }
    }
}
