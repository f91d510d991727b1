//! ping, as iputils and busybox print it.

use super::filter::ended;
use super::support::{Flavor, Opts, Spec, done, flavor};
use crate::machine::{Behave, Handled, Step};
use crate::signal::Signal;
use crate::sys::Sys;
use crate::wait::Wait;
use drydock_network::address::Ip;
use std::sync::Arc;

#[derive(Clone, Hash)]
pub struct Ping {
    name: Arc<str>,
    ip: Ip,
    left: u64,
    sent: u64,
    received: u64,
    every: u64,
    next: u64,
    busybox: bool,
    times: Vec<u64>,
    quit: bool,
    quiet: bool,
    last: u64,
}

impl Ping {
    fn finish(&self, sys: &mut Sys<'_>) -> Step {
        let loss = ((self.sent - self.received) * 100).checked_div(self.sent).unwrap_or(0);
        let micro = |n: u64| format!("{}.{:03}", n / 1000, n % 1000);
        let (least, most) =
            (self.times.iter().min().copied().unwrap_or(0), self.times.iter().max().copied().unwrap_or(0));
        let mean = self.times.iter().sum::<u64>().checked_div(self.times.len() as u64).unwrap_or(0);
        let mut out = format!("\n--- {} ping statistics ---\n", self.name);
        if self.busybox {
            out.push_str(&format!(
                "{} packets transmitted, {} packets received, {loss}% packet loss\n",
                self.sent, self.received
            ));
            if self.received > 0 {
                out.push_str(&format!(
                    "round-trip min/avg/max = {}/{}/{} ms\n",
                    micro(least),
                    micro(mean),
                    micro(most)
                ));
            }
        } else {
            let errors = "";
            out.push_str(&format!(
                "{} packets transmitted, {} received,{errors} {loss}% packet loss, time {}ms\n",
                self.sent,
                self.received,
                (self.sent.max(1) - 1) * self.every + self.sent
            ));
            if self.received > 0 {
                out.push_str(&format!(
                    "rtt min/avg/max/mdev = {}/{}/{}/0.010 ms\n",
                    micro(least),
                    micro(mean),
                    micro(most)
                ));
            } else {
                out.push('\n');
            }
        }
        sys.print(&out);
        Step::Exit(i32::from(self.received == 0))
    }
}

impl Behave for Ping {
    fn step(&mut self, sys: &mut Sys<'_>) -> Step {
        if self.quit {
            return self.finish(sys);
        }
        if sys.now() < self.next {
            return Step::wait(Wait::Until(self.next));
        }
        if self.left == 0 {
            return self.finish(sys);
        }
        // Pods and hosts answer; a Service's address is no machine and stays silent.
        let alive = self.ip.is_loopback() || sys.machines.addresses.contains_key(&self.ip);
        let seq = self.sent + u64::from(!self.busybox);
        self.sent += 1;
        self.left = self.left.saturating_sub(1);
        if alive {
            let micros = 40 + sys.machines.clock.chance(self.sent ^ (u64::from(self.ip.0) << 8), 60);
            self.received += 1;
            self.times.push(micros);
            if !self.quiet {
                let name = if self.busybox { "seq" } else { "icmp_seq" };
                let bytes = 64;
                let time = format!("0.{micros:03}");
                sys.print(&format!("{bytes} bytes from {}: {name}={seq} ttl=64 time={time} ms\n", self.ip));
            }
        }
        self.next = sys.now()
            + if self.left == 0 && alive {
                0
            } else if self.left == 0 {
                self.last
            } else {
                self.every
            };
        Step::Again
    }
    fn signal(&mut self, signal: Signal) -> Handled {
        if signal == Signal::Int {
            self.quit = true;
            return Handled::Caught;
        }
        Handled::Default
    }
}

pub fn ping(sys: &mut Sys<'_>) -> Box<dyn crate::Machine> {
    const SPEC: Spec = Spec { short: "c:i:W:w:q4ns:t:", long: &[], code: 2 };
    let opts = match Opts::read(sys, &SPEC) {
        Ok(opts) => opts,
        Err(code) => return ended(code),
    };
    let busybox = flavor(sys) == Flavor::Busybox;
    let Some(name) = opts.args.first().cloned() else {
        return ended(done(sys, 1, "usage error: Destination address required"));
    };
    let Some(found) = sys.lookup(&name) else {
        let text = if busybox {
            format!("bad address '{name}'")
        } else {
            format!("{name}: Name or service not known")
        };
        return ended(done(sys, if busybox { 1 } else { 2 }, &text));
    };
    let ip = found.ips.first().copied().unwrap_or_default();
    let sizes = if busybox { "56 data bytes" } else { "56(84) bytes of data." };
    let colon = if busybox { ":" } else { "" };
    sys.print(&format!("PING {name} ({ip}){colon} {sizes}\n"));
    let number = |letter| opts.value(letter).and_then(super::sleep::duration);
    Box::new(Ping {
        name,
        ip,
        left: opts.value('c').and_then(|c| c.parse().ok()).unwrap_or(u64::MAX),
        sent: 0,
        received: 0,
        every: number('i').unwrap_or(1000).max(10),
        next: 0,
        busybox,
        times: Vec::new(),
        quit: false,
        quiet: opts.has('q'),
        last: number('W').unwrap_or(10_000),
    })
}
