//! What moves on the map: requests on their way and the parts of the control plane that just worked.
//! Each lasts a short real time; many at once become fewer, so that 16× stays calm.
use crate::world::{ActorKind, Beat, HopView};

/// A request being shown.
#[derive(Clone, Debug, PartialEq)]
pub struct Flight {
    /// Counts up: the key of its element.
    pub number: u64,
    pub hop: HopView,
    /// Real time at which it began, in ms.
    pub began: f64,
}

/// How long one leg is shown, in ms.
pub const LEG_MS: f64 = 720.0;
/// How long a part of the control plane stays lit, in ms.
pub const LIT_MS: f64 = 700.0;
/// More requests than this at once are not drawn one by one.
const MOST: usize = 12;

/// See the module's head.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Flights {
    pub flying: Vec<Flight>,
    /// Parts that are lit, until when.
    pub lit: Vec<(Part, f64)>,
    next: u64,
}

/// Parts of the control plane as the strip shows them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    Kubectl,
    Api,
    Controllers,
    Scheduler,
    Kubelets,
}

impl Part {
    pub const ALL: [Part; 5] = [Part::Kubectl, Part::Api, Part::Controllers, Part::Scheduler, Part::Kubelets];

    /// Its usual name.
    pub fn name(self) -> &'static str {
        match self {
            Part::Kubectl => "kubectl",
            Part::Api => "API server",
            Part::Controllers => "controllers",
            Part::Scheduler => "scheduler",
            Part::Kubelets => "kubelets",
        }
    }

    fn of(actor: &ActorKind) -> Part {
        match actor {
            ActorKind::Person => Part::Kubectl,
            ActorKind::Api => Part::Api,
            ActorKind::Controller(_) => Part::Controllers,
            ActorKind::Scheduler => Part::Scheduler,
            ActorKind::Kubelet(_) => Part::Kubelets,
        }
    }
}

impl Flights {
    /// Takes in what happened since the last frame.
    pub fn add(&mut self, hops: &[HopView], beats: &[Beat], now: f64) {
        for hop in hops {
            if self.flying.len() >= MOST {
                break;
            }
            self.next += 1;
            self.flying.push(Flight { number: self.next, hop: hop.clone(), began: now });
        }
        for beat in beats.iter().rev().take(32) {
            let part = Part::of(&beat.actor);
            self.lit.retain(|l| l.0 != part);
            self.lit.push((part, now + LIT_MS));
        }
    }

    /// Forgets what is over; whether anything changed.
    pub fn expire(&mut self, now: f64) -> bool {
        let before = (self.flying.len(), self.lit.len());
        self.flying.retain(|f| now < f.began + LEG_MS + 80.0);
        self.lit.retain(|l| now < l.1);
        before != (self.flying.len(), self.lit.len())
    }

    /// Whether `part` has just worked.
    pub fn is_lit(&self, part: Part) -> bool {
        self.lit.iter().any(|l| l.0 == part)
    }
}
