//! The lines on the map, drawn as on an engineer's plan: along, down and in, with small round bends.
use super::layout::{Rect, Scene, Ship};

/// Points joined by straight lines whose corners are rounded by `radius`.
pub fn rounded(points: &[(f64, f64)], radius: f64) -> String {
    let mut out = String::new();
    for (at, (x, y)) in points.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|i| points.get(i));
        match (before, points.get(at + 1)) {
            (None, _) => out.push_str(&format!("M{x:.1} {y:.1}")),
            (Some(_), None) => out.push_str(&format!("L{x:.1} {y:.1}")),
            (Some(from), Some(to)) => {
                let (a, b) = (toward((*x, *y), *from, radius), toward((*x, *y), *to, radius));
                out.push_str(&format!("L{:.1} {:.1}Q{x:.1} {y:.1} {:.1} {:.1}", a.0, a.1, b.0, b.1));
            }
        }
    }
    out
}

/// The point `by` away from `at` towards `other`, but not beyond half the way.
fn toward(at: (f64, f64), other: (f64, f64), by: f64) -> (f64, f64) {
    let (dx, dy) = (other.0 - at.0, other.1 - at.1);
    let length = (dx * dx + dy * dy).sqrt();
    if length < 0.01 {
        return at;
    }
    let share = by.min(length / 2.0) / length;
    (at.0 + dx * share, at.1 + dy * share)
}

/// From a pill to a tile: out to the service's own lane, down it, along the tray's lane, into the tile.
/// `lane` counts the services from 0, so that lines of two services do not lie on each other.
pub fn wire(scene: &Scene, pill: Rect, lane: usize, ship: &Ship) -> Vec<(f64, f64)> {
    let offset = (lane % 7) as f64 * 3.0;
    let bus = scene.bus + 4.0 + offset;
    let y = pill.y + pill.h / 2.0;
    let along = ship.lane + 4.0 + (lane % 3) as f64 * 2.0;
    let x = ship.rect.x + ship.rect.w / 2.0;
    vec![(pill.x + pill.w, y), (bus, y), (bus, along), (x, along), (x, ship.rect.y)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn corners_are_rounded_and_ends_are_exact() {
        let path = rounded(&[(0.0, 0.0), (10.0, 0.0), (10.0, 20.0)], 4.0);
        assert_eq!(path, "M0.0 0.0L6.0 0.0Q10.0 0.0 10.0 4.0L10.0 20.0");
    }
}
