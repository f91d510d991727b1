//! Stable sorting that costs little code: the standard library's sort is four kilobytes for every type and
//! comparison it is used with, seven percent of the page. Here the merging is done once, on positions; only
//! the comparison differs from call to call. Same order as `slice::sort_by`; O(n log n) comparisons.
use std::cmp::Ordering;

/// The standard library's stable sorts under other names.
pub trait Arrange<T> {
    /// As `slice::sort_by`.
    fn arrange_by(&mut self, compare: impl FnMut(&T, &T) -> Ordering);
    /// As `slice::sort_by_key`.
    fn arrange_by_key<K: Ord>(&mut self, key: impl FnMut(&T) -> K);
    /// As `slice::sort`.
    fn arrange(&mut self)
    where
        T: Ord;
}

impl<T> Arrange<T> for [T] {
    fn arrange_by(&mut self, mut compare: impl FnMut(&T, &T) -> Ordering) {
        let mut order = order(self.len(), &mut |a, b| match (self.get(a), self.get(b)) {
            (Some(a), Some(b)) => compare(a, b),
            _ => Ordering::Equal,
        });
        take_places(&mut order, &mut |a, b| self.swap(a, b));
    }
    fn arrange_by_key<K: Ord>(&mut self, mut key: impl FnMut(&T) -> K) {
        self.arrange_by(|a, b| key(a).cmp(&key(b)));
    }
    fn arrange(&mut self)
    where
        T: Ord,
    {
        self.arrange_by(T::cmp);
    }
}

/// The positions `0..count` in their order: runs of one, two, four… are merged from one list to the other.
fn order(count: usize, compare: &mut dyn FnMut(usize, usize) -> Ordering) -> Vec<usize> {
    let mut from: Vec<usize> = (0..count).collect();
    let mut to: Vec<usize> = Vec::with_capacity(count);
    let mut run = 1;
    while run < count {
        to.clear();
        for pair in from.chunks(2 * run) {
            let (left, right) = pair.split_at(run.min(pair.len()));
            let (mut left, mut right) = (left.iter().peekable(), right.iter().peekable());
            while let (Some(a), Some(b)) = (left.peek(), right.peek()) {
                let first = if compare(**b, **a).is_lt() { &mut right } else { &mut left };
                to.extend(first.next());
            }
            to.extend(left.chain(right));
        }
        std::mem::swap(&mut from, &mut to);
        run *= 2;
    }
    from
}

/// Puts at each position what `order` says belongs there, by swaps along each cycle.
fn take_places(order: &mut [usize], swap: &mut dyn FnMut(usize, usize)) {
    for start in 0..order.len() {
        let mut at = start;
        while let Some(place) = order.get_mut(at) {
            let from = std::mem::replace(place, at);
            if from == start || from == at {
                break;
            }
            swap(at, from);
            at = from;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;

    #[test]
    fn the_order_is_that_of_the_standard_library() {
        let mut random = Random::new(7);
        for count in [0, 1, 2, 3, 7, 8, 9, 64, 100, 1000] {
            // Few keys: equal ones must keep their order.
            let given: Vec<(u64, usize)> = (0..count).map(|at| (random.below(9), at)).collect();
            let (mut ours, mut theirs) = (given.clone(), given.clone());
            ours.arrange_by_key(|pair| pair.0);
            theirs.sort_by_key(|pair| pair.0);
            assert_eq!(ours, theirs);
            ours.arrange_by(|a, b| b.cmp(a));
            theirs.sort_by(|a, b| b.cmp(a));
            assert_eq!(ours, theirs);
            ours.arrange();
            theirs.sort();
            assert_eq!(ours, theirs);
        }
    }
}
