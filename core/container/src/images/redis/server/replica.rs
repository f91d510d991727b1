//! Replicas: a leader tells them of changes, a follower asks for them.

use super::*;

impl Server {
    /// Replicas hear of changes.
    pub(super) fn tell(&mut self, sys: &mut Sys<'_>) {
        let news =
            Reply::Many(vec![Reply::Number(self.version as i64), Reply::Bulk(self.data.dump())]).encode();
        let (replicas, others): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.held).into_iter().partition(|h| matches!(h.1, Held::News));
        self.held = others;
        for (id, _) in replicas {
            sys.respond(id, Answer::Bytes(news.clone().into()));
        }
    }
    /// A replica's own work; what to wait for.
    pub(super) fn keep_up(&mut self, sys: &mut Sys<'_>) -> Option<Wait> {
        let (host, port) = self.leader.clone()?;
        if let Follow::Asked(id) = self.follow {
            let Some(answer) = sys.answer(id) else { return Some(Wait::Answer(id)) };
            self.follow = Follow::Pause(sys.now() + 1_000);
            match answer {
                Ok(Answer::Bytes(bytes)) => match Reply::decode(&bytes) {
                    Some((Reply::Many(parts), _)) => {
                        if let [Reply::Number(version), Reply::Bulk(dump)] = parts.as_slice() {
                            let first = self.version == 0;
                            self.data = Data::default();
                            self.data.load(dump);
                            self.version = *version as u64;
                            if first {
                                let text =
                                    line(sys, 'S', '*', "MASTER <-> REPLICA sync: Finished with success");
                                sys.print(&text);
                            }
                            self.follow = Follow::Start;
                        }
                    }
                    _ => {
                        let text =
                            line(sys, 'S', '#', "Unable to AUTH to MASTER: -NOAUTH Authentication required.");
                        sys.print(&text);
                    }
                },
                Err(drydock_network::exchange::Failure::TimedOut) => self.follow = Follow::Start,
                _ => {
                    let text = line(sys, 'S', '#', "Error condition on socket for SYNC: Connection refused");
                    sys.print(&text);
                    self.version = 0;
                }
            }
        }
        if let Follow::Pause(until) = self.follow
            && sys.now() < until
        {
            return Some(Wait::Until(until));
        }
        let again = self.version != 0 && self.follow == Follow::Start;
        if !again {
            let text = line(sys, 'S', '*', &format!("Connecting to MASTER {host}:{port}"))
                + &line(sys, 'S', '*', "MASTER <-> REPLICA sync started");
            sys.print(&text);
            self.version = 0;
        }
        let Some(ip) = sys.resolve(&host).and_then(|i| i.first().copied()) else {
            let text = line(sys, 'S', '#', "Unable to connect to MASTER: Name or service not known");
            sys.print(&text);
            let until = sys.now() + 1_000;
            self.follow = Follow::Pause(until);
            return Some(Wait::Until(until));
        };
        let auth = self.leader_password.iter().flat_map(|p| [b"AUTH".to_vec(), p.as_bytes().to_vec()]);
        let words = auth
            .chain([b"DRYDOCK.FOLLOW".to_vec(), self.version.to_string().into_bytes()])
            .map(Reply::Bulk)
            .collect();
        let bytes: Arc<[u8]> = Reply::Many(words).encode().into();
        let id = sys.send(Target { ip, port }, Payload::Bytes(bytes), 3_600_000);
        self.follow = Follow::Asked(id);
        Some(Wait::Answer(id))
    }
}
