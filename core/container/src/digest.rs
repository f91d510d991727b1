//! The content hash of all machines: equal worlds give equal numbers, natively and in wasm.

use crate::machines::Machines;
use drydock_machinery::Digest;
use drydock_machinery::digest::mix;

impl Machines {
    /// Content hash over processes, spaces, filesystems, logs, terminals, pipes and exchanges; O(all),
    /// but a root filesystem that is still its image's counts by the image's digest.
    #[must_use]
    pub fn digest(&self) -> u64 {
        let mut h = self.clock.hash();
        for (pid, process) in &self.processes {
            h = mix(mix(h, u64::from(*pid)), process.digest());
        }
        for (id, space) in &self.spaces {
            let root = if std::sync::Arc::ptr_eq(&space.root, &space.image.root) {
                Digest::of(&space.image.id)
            } else {
                space.root.digest()
            };
            let state =
                (space.kind, space.life, &space.hostname, space.net, space.host, space.init, space.own_etc);
            for part in [u64::from(id.0), Digest::of(&state), root, space.log.digest()] {
                h = mix(h, part);
            }
        }
        for (id, net) in &self.nets {
            h = mix(mix(h, u64::from(id.0)), u64::from(net.address.0));
        }
        for (id, pipe) in &self.pipes {
            h = mix(mix(h, u64::from(*id)), pipe.digest());
        }
        for (id, tty) in &self.ttys {
            h = mix(mix(h, u64::from(*id)), tty.digest());
        }
        for (id, volume) in &self.volumes {
            h = mix(mix(h, u64::from(*id)), volume.digest());
        }
        for (id, file) in &self.files {
            h = mix(mix(h, *id), Digest::of(file));
        }
        for (id, exchange) in &self.exchanges {
            h = mix(mix(h, *id), Digest::of(&**exchange));
        }
        for ((host, name), image) in &self.images.local {
            h = mix(mix(h, u64::from(host.0)), Digest::of(&(name, &image.id)));
        }
        for (name, image) in &self.images.registry {
            h = mix(h, Digest::of(&(name, &image.id)));
        }
        for (at, published) in &self.published {
            h = mix(h, Digest::of(&(at, published)));
        }
        let listeners = self.listeners.iter().fold(0, |h, l| mix(h, Digest::of(&l)));
        [h, listeners, self.next_id, u64::from(self.next_pid), self.traffic_total].into_iter().fold(0, mix)
    }
}
